import type { SnapshotFrom } from "xstate";
import type { connectionMachine } from "../machines/index.js";
import type { Parts } from "./assemble.js";
import type { ConnectionError } from "./errors.js";

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
  /** Since when status and detail are what they are, in epoch milliseconds; 0 on the server. */
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

/** The machine's internal value in public words, and whether it waits before another attempt. */
function readValue({ value }: Pick<State, "value">): {
  status: ConnectionStatus;
  detail: ConnectionDetail;
  isWaiting: boolean;
} {
  if ("idle" in value) return { status: "idle", detail: value.idle, isWaiting: false };
  if ("connecting" in value) {
    return { status: "connecting", detail: value.connecting, isWaiting: value.connecting === "waiting" };
  }
  if ("connected" in value) return { status: "connected", detail: value.connected, isWaiting: false };
  if ("loggedOut" in value) return { status: "loggedOut", detail: value.loggedOut, isWaiting: false };
  return { status: "rotating", ...readRotation(value.rotating) };
}

type RotatingValue = Extract<State["value"], { rotating: unknown }>["rotating"];

function readRotation(value: RotatingValue): { detail: ConnectionDetail; isWaiting: boolean } {
  if (value === "draining" || value === "refreshing") return { detail: value, isWaiting: false };
  // Never seen from outside: it is left in the very step in which it is entered.
  if (value === "choosing") return { detail: "replacing", isWaiting: false };
  if ("reauthenticating" in value) {
    return { detail: "reauthenticating", isWaiting: value.reauthenticating === "waiting" };
  }
  if ("overlapping" in value) return { detail: "overlapping", isWaiting: value.overlapping === "waiting" };
  return { detail: "replacing", isWaiting: false };
}

/** What has become of the connection; the same object where nothing has. */
export function takeSnapshot(
  state: State,
  { expiry, failures, backoff, clock, transport }: Parts,
  last: ConnectionSnapshot | undefined,
): ConnectionSnapshot {
  const { status, detail, isWaiting } = readValue(state);
  const { attempt, code } = state.context;
  const error = code === null ? undefined : failures.recall(code);
  const { expiresAt } = expiry;
  const isSame = last?.status === status && last.detail === detail;
  const wasWaiting = isSame && last.retryAt !== undefined && last.attempt === attempt;
  const isWaitingAnew = isWaiting && !wasWaiting;
  if (
    isSame &&
    !isWaitingAnew &&
    isWaiting === (last.retryAt !== undefined) &&
    last.attempt === attempt &&
    last.error === error &&
    last.expiresAt === expiresAt &&
    last.transport === transport
  ) {
    return last;
  }
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
