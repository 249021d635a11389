import { initialTransition, type Snapshot } from "xstate";
import { connectionMachine, credentialMachine } from "../../machines/index.js";
import { type ConnectionErrorCode, ERROR_CODES } from "../errors.js";
import type { Rotation } from "../options.js";
import { REASONS } from "../redaction/mask.js";
import { pathOf } from "../snapshot.js";
import { ARRIVALS, CAUSES, type Leaf, REFUSED_BY, SESSIONS } from "./words.js";

/** What `@statelyai/inspect` hands to its option `serialize`, and takes back from it. */
export type StatelyInspectionEvent = StatelyBase &
  (
    | {
        type: "@xstate.actor";
        name: string;
        definition: string | undefined;
        parentId: string | undefined;
        snapshot: StatelySnapshot;
      }
    | { type: "@xstate.event"; event: RedactedEvent; sourceId: string | undefined }
    | { type: "@xstate.snapshot"; event: RedactedEvent; snapshot: Snapshot<unknown> }
  );

type StatelyBase = Record<"id" | "sessionId" | "rootId" | "createdAt" | "_version", string>;

interface StatelySnapshot {
  status?: Snapshot<unknown>["status"];
  value?: unknown;
  context?: unknown;
}

/** An event with the fields that are left of it. */
export interface RedactedEvent {
  type: string;
  [field: string]: unknown;
}

/**
 * What may leave the page for an inspector: give it to `@statelyai/inspect`, a package of your own, as `serialize`. Let
 * through are the statechart's own events and the commands it gives, its states, its counters and codes. Whatever
 * else there is, such as actors and events of other machines, inputs, outputs and errors, is left out.
 *
 * @param event - What the inspector is about to send.
 * @returns A copy with what is known to be harmless, which is safe to show to anybody.
 * @example
 * ```ts
 * import { createBrowserInspector } from "@statelyai/inspect";
 * import { createConnection, webStorage } from "socket-rotor";
 * import { redact } from "socket-rotor/inspect";
 *
 * const { inspect } = createBrowserInspector({ serialize: redact });
 * createConnection({ url: "https://api.example.com", storage: webStorage("accessToken"), inspect });
 * ```
 */
export function redact(event: object): StatelyInspectionEvent {
  const text = (name: string): string => counted(Reflect.get(event, name)) ?? "";
  const base = {
    id: text("id"),
    sessionId: text("sessionId"),
    rootId: text("rootId"),
    createdAt: text("createdAt"),
    _version: text("_version"),
  };
  const type: unknown = Reflect.get(event, "type");
  if (type === "@xstate.actor") {
    const named: unknown = Reflect.get(event, "name");
    const name = ACTORS.find((actor) => actor === named) ?? base.sessionId;
    const definition = DEFINITIONS.get(name) ?? JSON.stringify({ id: name });
    const parentId = counted(Reflect.get(event, "parentId"));
    return { ...base, type, name, definition, parentId, snapshot: snapshotOf(event) };
  }
  if (type === "@xstate.snapshot")
    return { ...base, type, event: eventOf(event), snapshot: snapshotOf(event) };
  const sourceId = counted(Reflect.get(event, "sourceId"));
  return { ...base, type: "@xstate.event", event: eventOf(event), sourceId };
}

/** Numbers as XState and its inspector make them: `x:4`, a version, a time. */
function counted(value: unknown): string | undefined {
  return typeof value === "string" && /^(x:)?[\d.]{1,24}$/.test(value) ? value : undefined;
}

const CHARTS = [connectionMachine, credentialMachine];

/** The charts and their own actors. */
const ACTORS: readonly string[] = CHARTS.flatMap(({ id, root }) => [
  id,
  ...root.invoke.map((each) => each.id),
]);

/** The charts' sources as data; what an application provides to them is not in there. */
const DEFINITIONS = new Map(CHARTS.map(({ id, config }) => [id, JSON.stringify(config)]));

/** The commands that the charts give to their actors. With their own events, these are the types that are shown. */
const COMMANDS =
  "read renew announce forget refresh abandon watch unwatch open reauthenticate check settle leave close start stop attach switch drain finish detach pause resume refuse accept fail";

const TYPES = new Set<string>([
  ...Object.keys(CAUSES),
  ...CHARTS.flatMap(({ events }) => events),
  ...COMMANDS.split(" "),
  "xstate.init",
  "xstate.stop",
]);

/** The fields of events and commands that are shown. */
const FIELDS =
  "version attempt isOtherUser isOpaque isExpired isLogin link reauthenticate verdict code reason session retryAfter".split(
    " ",
  );

const [{ context: initial }] = initialTransition(connectionMachine);
const [{ context: initialCredential }] = initialTransition(credentialMachine);
const CONTEXT_FIELDS = Object.keys({ ...initial, ...initialCredential });
const SETTINGS_FIELDS = Object.keys({ ...initial.settings, ...initialCredential.settings });

function eventOf(from: object): RedactedEvent {
  const event: unknown = Reflect.get(from, "event");
  const type: unknown = isObject(event) ? Reflect.get(event, "type") : undefined;
  return typeof type === "string" && TYPES.has(type)
    ? { ...pick(event, FIELDS), type }
    : { type: "[redacted]" };
}

/** Without output and error, which may be anything. */
function snapshotOf(from: object): Snapshot<unknown> & StatelySnapshot {
  const snapshot: unknown = Reflect.get(from, "snapshot");
  const read = (name: string): unknown => (isObject(snapshot) ? Reflect.get(snapshot, name) : undefined);
  const [value, context, status] = [read("value"), read("context"), read("status")];
  const settings: unknown = isObject(context) ? Reflect.get(context, "settings") : undefined;
  const shown = {
    output: undefined,
    error: undefined,
    ...(isStateValue(value) && {
      value,
      context: {
        ...pick(context, CONTEXT_FIELDS),
        ...(isObject(settings) && { settings: pick(settings, SETTINGS_FIELDS) }),
      },
    }),
  };
  if (status === "done") return { ...shown, status };
  if (status === "error") return { ...shown, status };
  return status === "stopped" ? { ...shown, status } : { ...shown, status: "active" };
}

function pick(from: unknown, names: readonly string[]): Record<string, unknown> {
  if (!isObject(from)) return {};
  const entries = names.map((name): [string, unknown] => [name, Reflect.get(from, name)]);
  return Object.fromEntries(entries.filter(([, value]) => isHarmless(value)));
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** A number, a switch, or one of this library's own words. Anything else may be anybody's. */
const isHarmless = (value: unknown): boolean =>
  value === null ||
  ["number", "boolean"].includes(typeof value) ||
  [isCode, isVerdict, isReason, isSessionWord, isRotation].some((is) => is(value));

export const isIn =
  <T extends string>(words: Readonly<Record<T, unknown>>) =>
  (value: unknown): value is T =>
    typeof value === "string" && Object.hasOwn(words, value);

const ROTATIONS: Record<Rotation, true> = { auto: true, overlap: true, replace: true };
const isRotation = isIn(ROTATIONS);
export const isVerdict = isIn(REFUSED_BY);
export const isSessionWord = isIn(SESSIONS);
export const isCode = (value: unknown): value is ConnectionErrorCode =>
  ERROR_CODES.some((code) => code === value);
export const isReason = (value: unknown): value is string => REASONS.some((reason) => reason === value);

interface Node {
  path: string[];
  states: Record<string, Node>;
}

const leavesIn = ({ path, states }: Node): string[] => {
  const children = Object.values(states);
  return children.length === 0 ? [path.join(".")] : children.flatMap(leavesIn);
};

const CREDENTIAL_LEAVES = new Set(leavesIn(credentialMachine.root));
const isLeaf = isIn(ARRIVALS);

/** A state's value as the path of a leaf; `undefined` where this machine has no such leaf. */
export function leafOf(value: unknown): Leaf | undefined {
  const path = pathOf(value);
  return isLeaf(path) ? path : undefined;
}

/** Whether a value is a state of one of the two charts. The credential chart is in a leaf of each region. */
const isStateValue = (value: unknown): boolean =>
  leafOf(value) !== undefined ||
  pathOf(value)
    .split(" ")
    .every((path) => CREDENTIAL_LEAVES.has(path));
