import type { SnapshotFrom } from "xstate";
import {
  type ConnectionEvent,
  connectionMachine,
  type SessionWord,
  type Verdict,
} from "../../machines/index.js";
import type { ConnectionErrorCode } from "../errors.js";
import { REASONS } from "../reasons.js";
import { pathOf } from "../state-path.js";

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
  clockCheck: true,
};

const CODES: Words<ConnectionErrorCode> = {
  ERR_INVALID_OPTION: true,
  ERR_INVALID_TOKEN: true,
  ERR_INVALID_NAMESPACE: true,
  ERR_RESERVED_EVENT: true,
  ERR_AUTH_ASSIGNED: true,
  ERR_DISPOSED: true,
  ERR_LOGGED_OUT: true,
  ERR_IDENTITY_CHANGED: true,
  ERR_BUFFER_FULL: true,
  ERR_LINK_CLOSED: true,
  ERR_ACK_TIMEOUT: true,
  ERR_STORAGE_READ: true,
  ERR_STORAGE_TIMEOUT: true,
  ERR_STORAGE_WRITE: true,
  ERR_STORAGE_READ_ONLY: true,
  ERR_STORAGE_UNAVAILABLE: true,
  ERR_NO_REFRESH: true,
  ERR_NOT_REFRESHED: true,
  ERR_REFRESH_FAILED: true,
  ERR_REFRESH_TIMEOUT: true,
  ERR_CREDENTIAL: true,
  ERR_CONNECT_TIMEOUT: true,
  ERR_TRANSPORT: true,
  ERR_REFUSED: true,
  ERR_DISCONNECTED: true,
  ERR_SERVER_SETUP: true,
  ERR_SESSION_READ_ONLY: true,
};

export type VerdictWord = Verdict | "replace";

const VERDICTS: Words<VerdictWord> = { retry: true, refresh: true, logout: true, replace: true };

const SESSION_WORDS: Words<SessionWord> = { changed: true, required: true, ended: true };

export type Reason = keyof typeof REASONS;

const knownIn =
  <T extends string>(words: Words<T>) =>
  (value: unknown): value is T =>
    typeof value === "string" && Object.hasOwn(words, value);

export const isCode = knownIn(CODES);
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
