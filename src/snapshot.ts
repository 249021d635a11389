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
  /** When the next attempt begins, in epoch milliseconds, while it is waiting. */
  readonly retryAt?: number;
  /** When the token expires by its own claim, in epoch milliseconds. */
  readonly expiresAt?: number;
}

/** What a server that renders the page shows. */
export const SERVER_SNAPSHOT: ConnectionSnapshot = Object.freeze({
  status: "idle",
  detail: "stopped",
  since: 0,
  attempt: 0,
});

/** The machine's internal value in public words. */
function readValue({ value }: Pick<State, "value">): {
  status: ConnectionStatus;
  detail: ConnectionDetail;
} {
  if ("idle" in value) return { status: "idle", detail: value.idle };
  if ("connecting" in value) return { status: "connecting", detail: value.connecting };
  if ("connected" in value) return { status: "connected", detail: value.connected };
  if ("rotating" in value) return { status: "rotating", detail: "replacing" };
  return { status: "loggedOut", detail: value.loggedOut };
}

/** What has become of the connection; the same object where nothing has. */
export function takeSnapshot(
  state: State,
  { vault, failures, pacing, clock }: Parts,
  last: ConnectionSnapshot | undefined,
): ConnectionSnapshot {
  const { status, detail } = readValue(state);
  const { attempt, code } = state.context;
  const error = code === null ? undefined : failures.recall(code);
  const { expiresAt } = vault;
  const isSame = last?.status === status && last.detail === detail;
  const isWaitingAnew = detail === "waiting" && (!isSame || last.attempt !== attempt);
  if (
    isSame &&
    !isWaitingAnew &&
    last.attempt === attempt &&
    last.error === error &&
    last.expiresAt === expiresAt
  ) {
    return last;
  }
  const since = isSame && !isWaitingAnew ? last.since : clock.now();
  return {
    status,
    detail,
    since,
    attempt,
    ...(error && { error }),
    ...(detail === "waiting" && { retryAt: since + pacing.last }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}
