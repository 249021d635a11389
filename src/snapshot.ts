import type { SnapshotFrom } from "xstate";
import type { connectionMachine } from "../machines/index.js";
import type { ConnectionError } from "./errors.js";
import type { Parts } from "./parts.js";

type State = SnapshotFrom<typeof connectionMachine>;

/** The public states, exactly these five. */
export type ConnectionStatus = "idle" | "connecting" | "connected" | "rotating" | "loggedOut";

/** What the connection is doing inside its status. */
export type ConnectionDetail =
  | "stopped"
  | "exhausted"
  | "reading"
  | "opening"
  | "waiting"
  | "refreshing"
  | "steady"
  | "reauthenticating"
  | "overlapping"
  | "draining"
  | "replacing"
  | "signedOut"
  | "rejected";

/** The connection as an application sees it. The same object until something changes. */
export interface ConnectionSnapshot {
  /** One of five states. */
  readonly status: ConnectionStatus;
  /** What it is doing in it. */
  readonly detail: ConnectionDetail;
  /** When status and detail began, in epoch milliseconds; 0 on the server. */
  readonly since: number;
  /** What went wrong last; gone once connected. */
  readonly error?: ConnectionError;
  /** Failures in a row. */
  readonly attempt: number;
  /** When the next attempt begins, in epoch milliseconds, while it waits for that. */
  readonly retryAt?: number;
  /** When the token expires, by the server's word or else by its own claim, in epoch milliseconds. */
  readonly expiresAt?: number;
  /** The transport of the current link, such as `"polling"` or `"websocket"`; gone where there is no link. */
  readonly transport?: string;
}

/** What a server that renders the page shows. */
export const SERVER_SNAPSHOT: ConnectionSnapshot = Object.freeze({
  status: "idle",
  detail: "stopped",
  since: 0,
  attempt: 0,
});

/** The machine's value in public words. */
function readValue(value: State["value"]): Pick<ConnectionSnapshot, "status" | "detail"> {
  if ("idle" in value) return { status: "idle", detail: value.idle };
  if ("connecting" in value)
    // `failed`, as `choosing` below, is never seen from outside: it is left in the step in which it is entered.
    return { status: "connecting", detail: value.connecting === "failed" ? "waiting" : value.connecting };
  if ("connected" in value)
    return { status: "connected", detail: value.connected === "checking" ? "steady" : value.connected };
  if ("loggedOut" in value) return { status: "loggedOut", detail: value.loggedOut };
  return { status: "rotating", detail: readRotation(value.rotating) };
}

function readRotation(value: Extract<State["value"], { rotating: unknown }>["rotating"]): ConnectionDetail {
  if (value === "refreshing") return "refreshing";
  if (value === "choosing" || "replacing" in value) return "replacing";
  if ("reauthenticating" in value) return "reauthenticating";
  return "finishing" in value && value.finishing === "draining" ? "draining" : "overlapping";
}

/** What has become of the connection; the same object where nothing has. */
export function takeSnapshot(
  state: State,
  parts: Parts,
  last: ConnectionSnapshot | undefined,
): ConnectionSnapshot {
  const { failures, backoff, clock } = parts;
  const { status, detail } = readValue(state.value);
  const { attempt, code } = state.context;
  const error = code === null ? undefined : failures.recall(code);
  const { expiresAt } = parts.expiry;
  const transport = parts.transport();
  const isSame = last?.status === status && last.detail === detail;
  const isWaiting = pathOf(state.value).endsWith("waiting");
  const isWaitingAnew = isWaiting && !(isSame && last.attempt === attempt && last.retryAt !== undefined);
  if (
    isSame &&
    !isWaitingAnew &&
    isWaiting === (last.retryAt !== undefined) &&
    last.attempt === attempt &&
    last.error === error &&
    last.expiresAt === expiresAt &&
    last.transport === transport
  )
    return last;
  const now = clock.now();
  const retryAt = isWaitingAnew ? now + backoff.last : last?.retryAt;
  return {
    status,
    detail,
    since: isSame && !(isWaitingAnew && detail === "waiting") ? last.since : now,
    attempt,
    ...(error && { error }),
    ...(isWaiting && retryAt !== undefined && { retryAt }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(transport !== undefined && { transport }),
  };
}

/** A state's value as a path, such as `rotating.replacing.settling`. */
export function pathOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, child]) => `${name}.${pathOf(child)}`)
    .join(" ");
}

/** The type of an event for a reader: XState's `xstate.after.timeout.connection.opening` is `after timeout`. */
export function wordsOf(eventType: string): string {
  return eventType.replace(/^xstate\.after\.(\w+)\..*$/, "after $1");
}
