import type { Snapshot } from "xstate";
import {
  type ConnectionContext,
  type ConnectionEvent,
  type ConnectionSettings,
  connectionMachine,
  type LinksCommand,
  type RefresherCommand,
  type StorageCommand,
  type TrafficCommand,
} from "../../machines/index.js";
import { delayOf, isBoolean, isCode, isNumber, isReason, isSessionWord, isVerdict, leafOf } from "./known.js";

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

interface StatelyBase {
  id: string;
  sessionId: string;
  rootId: string;
  createdAt: string;
  _version: string;
}

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
  const read = (name: string): unknown => Reflect.get(event, name);
  const base = {
    id: counted(read("id")) ?? "",
    sessionId: counted(read("sessionId")) ?? "",
    rootId: counted(read("rootId")) ?? "",
    createdAt: counted(read("createdAt")) ?? "",
    _version: counted(read("_version")) ?? "",
  };
  switch (read("type")) {
    case "@xstate.actor": {
      const name = ACTORS.get(String(read("name"))) ?? base.sessionId;
      const definition = name === connectionMachine.id ? DEFINITION : JSON.stringify({ id: name });
      const parentId = counted(read("parentId"));
      const snapshot = redactSnapshot(read("snapshot"));
      return { ...base, type: "@xstate.actor", name, definition, parentId, snapshot };
    }
    case "@xstate.snapshot": {
      const snapshot = redactSnapshot(read("snapshot"));
      return { ...base, type: "@xstate.snapshot", event: redactEvent(read("event")), snapshot };
    }
    default: {
      const sourceId = counted(read("sourceId"));
      return { ...base, type: "@xstate.event", event: redactEvent(read("event")), sourceId };
    }
  }
}

/** Numbers as XState and its inspector make them: `x:4`, a version, a time. */
function counted(value: unknown): string | undefined {
  return typeof value === "string" && /^(x:)?[\d.]{1,24}$/.test(value) ? value : undefined;
}

/** The machine and its own actors. */
const ACTORS: ReadonlyMap<string, string> = new Map(
  [connectionMachine.id, ...connectionMachine.root.invoke.map(({ id }) => id)].map((name) => [name, name]),
);

/** The machine's source as data; what an application provides to it is not in there. */
const DEFINITION = JSON.stringify(connectionMachine.config);

type Message = ConnectionEvent | StorageCommand | RefresherCommand | LinksCommand | TrafficCommand;
type Field<M> = M extends unknown ? Exclude<keyof M, "type"> : never;
type Check = (value: unknown) => boolean;

/** The fields of events and commands, and what may be in them: one that is missing does not compile. */
const FIELDS: Record<Field<Message>, Check> = {
  epoch: isNumber,
  lifetime: isNumber,
  isOtherUser: isBoolean,
  isOpaque: isBoolean,
  isRenewal: isBoolean,
  isLogin: isBoolean,
  link: isNumber,
  reauthenticate: isBoolean,
  verdict: isVerdict,
  code: isCode,
  reason: isReason,
  session: isSessionWord,
  retryAfter: isNumber,
  isRecovery: isBoolean,
  isIncomingToo: isBoolean,
};

const isNull = (value: unknown): value is null => value === null;

/** What the options decide, likewise. */
const SETTINGS: Record<keyof ConnectionSettings, Check> = {
  reconnectionAttempts: isNumberOfJson,
  rotation: (value) => value === "auto" || value === "overlap" || value === "replace",
  hasRefresh: isBoolean,
  isCookie: isBoolean,
  timeout: isNumberOfJson,
  stableAfter: isNumberOfJson,
  drainTimeout: isNumberOfJson,
  reauthenticateTimeout: isNumberOfJson,
};
/** `Infinity` is `null` in JSON. */
function isNumberOfJson(value: unknown): boolean {
  return isNumber(value) || isNull(value);
}
const isSetting = (name: string, value: unknown): boolean =>
  Object.entries(SETTINGS).some(([known, isHarmless]) => known === name && isHarmless(value));

/** What the machine remembers, likewise. */
const CONTEXT: Record<keyof ConnectionContext, Check> = {
  settings: (value) =>
    isObject(value) && Object.entries(value).every(([name, each]) => isSetting(name, each)),
  epoch: isNumber,
  isOpaque: isBoolean,
  lifetime: (value) => isNumber(value) || isNull(value),
  link: isNumber,
  nextLink: isNumber,
  oldLink: isNumber,
  linkEpoch: isNumber,
  linksOpened: isNumber,
  attempt: isNumber,
  code: (value) => isCode(value) || isNull(value),
  retryAfter: (value) => isNumber(value) || isNull(value),
  refusedEpoch: isNumber,
  hasReauthentication: isBoolean,
  refreshAttempt: isNumber,
  isRefreshed: isBoolean,
  hasRetriedAtOnce: isBoolean,
  droppedEpoch: isNumber,
  isUnread: isBoolean,
  isWaking: isBoolean,
  isRenewalDue: isBoolean,
  isSessionDue: isBoolean,
};

/** The types of events and commands, likewise. */
const TYPES: Record<Message["type"] | "xstate.init" | "xstate.stop", true> = {
  "xstate.init": true,
  "xstate.stop": true,
  "token.maybeChanged": true,
  "token.changed": true,
  "token.unchanged": true,
  "token.removed": true,
  "token.unreadable": true,
  "token.refreshFailed": true,
  "io.presented": true,
  "io.connected": true,
  "io.ready": true,
  "io.reauthenticated": true,
  "io.reauthenticationFailed": true,
  "io.refused": true,
  "io.failed": true,
  "io.disconnected": true,
  "io.settled": true,
  "network.online": true,
  "network.offline": true,
  "page.resumed": true,
  connect: true,
  disconnect: true,
  refresh: true,
  "session.overdue": true,
  "links.lost": true,
  read: true,
  announce: true,
  forget: true,
  abandon: true,
  open: true,
  reauthenticate: true,
  check: true,
  settle: true,
  leave: true,
  close: true,
  start: true,
  stop: true,
  attach: true,
  switch: true,
  drain: true,
  finish: true,
  detach: true,
  pause: true,
  resume: true,
  refuse: true,
  accept: true,
  renew: true,
  fail: true,
};

/** What stands for the type of an event that is none of ours. */
const UNKNOWN = "[redacted]";

function redactEvent(event: unknown): RedactedEvent {
  const type: unknown = isObject(event) ? Reflect.get(event, "type") : undefined;
  const isKnown = typeof type === "string" && (Object.hasOwn(TYPES, type) || delayOf(type) !== undefined);
  return isKnown ? { ...pick(event, FIELDS), type } : { type: UNKNOWN };
}

function redactSnapshot(snapshot: unknown): Snapshot<unknown> & StatelySnapshot {
  const read = (name: string): unknown => (isObject(snapshot) ? Reflect.get(snapshot, name) : undefined);
  const value = read("value");
  const context = read("context");
  return {
    ...statusOf(read("status")),
    ...(leafOf(value) !== undefined && { value, context: pick(context, CONTEXT) }),
  };
}

/** A status without its output or its error. */
function statusOf(status: unknown): Snapshot<unknown> {
  const empty = { output: undefined, error: undefined };
  switch (status) {
    case "done":
      return { status, ...empty };
    case "error":
      return { status, ...empty };
    case "stopped":
      return { status, ...empty };
    default:
      return { status: "active", ...empty };
  }
}

function pick(from: unknown, checks: Record<string, Check>): Record<string, unknown> {
  if (!isObject(from)) return {};
  return Object.fromEntries(
    Object.entries(checks)
      .map(([name, isHarmless]) => ({ name, isHarmless, value: Reflect.get(from, name) }))
      .filter(({ isHarmless, value }) => isHarmless(value))
      .map(({ name, value }) => [name, value]),
  );
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
