import type { SnapshotFrom } from "xstate";
import {
  type ConnectionEvent,
  connectionMachine,
  type SessionWord,
  type Verdict,
} from "../../machines/index.js";
import { type ConnectionErrorCode, ERROR_CODES } from "../errors.js";
import { REASONS } from "../redaction/mask.js";
import { pathOf } from "../snapshot.js";

/** What is known to be harmless, because it is a word of this library's own. Anything else may be anybody's. */
type Words<T extends string> = Record<T, true>;

/** The path of every state, leaves and those around them. */
const STATES: ReadonlySet<string> = new Set(pathsIn(connectionMachine.root));

interface Node {
  path: string[];
  states: Record<string, Node>;
}

function pathsIn({ path, states }: Node): string[] {
  return [path.join("."), ...Object.values(states).flatMap(pathsIn)];
}

const LEAVES: ReadonlySet<string> = new Set(
  [...STATES].filter((path) => ![...STATES].some((other) => other.startsWith(`${path}.`) || path === "")),
);

/** The names of the machine's delays. */
export type Delay = keyof NonNullable<Parameters<typeof connectionMachine.provide>[0]["delays"]>;

const DELAYS: Words<Delay> = {
  reconnectionDelay: true,
  timeout: true,
  stableAfter: true,
  drainTimeout: true,
  reauthenticateTimeout: true,
  refreshDelay: true,
};

export type VerdictWord = Verdict | "replace";

const VERDICTS: Words<VerdictWord> = { retry: true, refresh: true, logout: true, replace: true };

const SESSION_WORDS: Words<SessionWord> = { changed: true, required: true, ended: true };

export type Reason = keyof typeof REASONS;

const knownIn =
  <T extends string>(words: Words<T>) =>
  (value: unknown): value is T =>
    typeof value === "string" && Object.hasOwn(words, value);

export const isCode = (value: unknown): value is ConnectionErrorCode =>
  ERROR_CODES.some((code) => code === value);
export const isVerdict = knownIn(VERDICTS);
export const isReason = knownIn(REASONS);
export const isSessionWord = knownIn(SESSION_WORDS);
const isDelay = knownIn(DELAYS);

export const isNumber = (value: unknown): value is number => typeof value === "number";
export const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";

/** The delay whose end an event is, such as `xstate.after.timeout.connection.connecting.opening`. */
export function delayOf(type: string): Delay | undefined {
  const [, delay, state = ""] = /^xstate\.after\.(\w+)\.connection(?:\.([\w.]+))?$/.exec(type) ?? [];
  return isDelay(delay) && STATES.has(state) ? delay : undefined;
}

/** A leaf of the chart as a path, such as `rotating.replacing.settling`. */
export type Leaf = PathIn<SnapshotFrom<typeof connectionMachine>["value"]>;

type PathIn<Value> = Value extends string
  ? Value
  : { [Key in keyof Value & string]: `${Key}.${PathIn<Value[Key]>}` }[keyof Value & string];

/** A state's value as the path of a leaf; `undefined` where this machine has no such leaf. */
export function leafOf(value: unknown): Leaf | undefined {
  const path = pathOf(value);
  return isLeaf(path) ? path : undefined;
}

const isLeaf = (path: string): path is Leaf => LEAVES.has(path);

export type ConnectionEventType = ConnectionEvent["type"];
