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

const REST: [ConnectionStatus, ConnectionDetail] = ["idle", "stopped"];

/** What a server that renders the page shows. */
export const SERVER_SNAPSHOT: ConnectionSnapshot = Object.freeze({
  status: "idle",
  detail: "stopped",
  since: 0,
  attempt: 0,
});

/** The machine's value in public words. `failed` and `choosing` are left in the step in which they are entered. */
function readValue(value: State["value"]): [ConnectionStatus, ConnectionDetail] {
  if ("idle" in value) return ["idle", value.idle];
  if ("connecting" in value)
    return ["connecting", value.connecting === "failed" ? "waiting" : value.connecting];
  if ("connected" in value) return ["connected", value.connected === "checking" ? "steady" : value.connected];
  if ("loggedOut" in value) return ["loggedOut", value.loggedOut];
  return ["rotating", readRotation(value.rotating)];
}

function readRotation(value: Extract<State["value"], { rotating: unknown }>["rotating"]): ConnectionDetail {
  if (value === "refreshing") return value;
  if (value === "choosing" || "replacing" in value) return "replacing";
  if ("reauthenticating" in value) return "reauthenticating";
  return "finishing" in value && value.finishing === "draining" ? "draining" : "overlapping";
}

/** What has become of the connection; the same object where nothing has. Where its actor rests, it is idle. */
export function takeSnapshot(
  { actor, clock, expiry, failures, lifetime, links, shown, traffic }: Parts,
  last?: ConnectionSnapshot,
): ConnectionSnapshot {
  const { isResting } = lifetime;
  const { value, context } = actor.getSnapshot();
  const [status, detail] = isResting ? REST : readValue(value);
  const retryAt = !isResting && pathOf(value).endsWith("waiting") ? shown.retryAt : undefined;
  const attempt = isResting ? 0 : context.attempt;
  const error = isResting || context.code === null ? undefined : failures.recall(context.code);
  const expiresAt = isResting ? undefined : expiry.expiresAt;
  const transport = isResting ? undefined : links.transport(traffic.link);
  // Another wait is news, also where it follows the last one at once.
  const isSame =
    last?.status === status && last.detail === detail && (detail !== "waiting" || last.retryAt === retryAt);
  if (
    isSame &&
    last.attempt === attempt &&
    last.error === error &&
    last.retryAt === retryAt &&
    last.expiresAt === expiresAt &&
    last.transport === transport
  )
    return last;
  return {
    status,
    detail,
    since: isSame ? last.since : retryAt === undefined ? clock.now() : retryAt - shown.delay,
    attempt,
    ...(error && { error }),
    ...(retryAt !== undefined && { retryAt }),
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
