import { initialTransition, transition } from "xstate";
import { type ConnectionContext, type ConnectionEvent, connectionMachine } from "../../../machines/index.js";
import { LEAVES } from "./transition-table.js";

export type Leaf = keyof typeof LEAVES;

/** What a row says beyond the event's name: the context it finds, and what the guards answer. */
interface Case {
  event: ConnectionEvent | { type: `xstate.after.${string}` };
  context?: Partial<ConnectionContext>;
  hasRefresh?: boolean;
  isLast?: boolean;
  rotation?: "auto" | "overlap" | "replace";
  hasSessionCookie?: boolean;
}

/** The link in force, the one that is opened beside it, the one that is finishing, and one that is long gone. */
const CURRENT = 7;
export const NEXT = 8;
const OLD = 6;
const STALE = 5;
const linked = { link: CURRENT, code: "ERR_REFUSED" } as const;
const next = { ...linked, link: NEXT } as const;
const old = { ...linked, link: OLD } as const;
const reason = "io server disconnect";
const changed = { type: "token.changed", epoch: 4, isOtherUser: false } as const;
/** What a server says of the session. */
const sessionChanged = { verdict: "retry", retryAfter: 0, session: "changed" } as const;
const sessionRequired = { verdict: "logout", session: "required" } as const;
const sessionEnded = { verdict: "logout", session: "ended" } as const;
const answered = { type: "io.reauthenticationFailed", epoch: 3, ...linked } as const;

/** Each row of the table as an event. */
const CASES: Record<string, (leaf: string) => Case> = {
  "token.maybeChanged": () => ({ event: { type: "token.maybeChanged" } }),
  "token.changed same": () => ({ event: changed }),
  "token.changed same in place": () => ({ event: changed, context: { hasReauthentication: true } }),
  "token.changed same overlap": () => ({
    event: changed,
    context: { hasReauthentication: false },
    rotation: "overlap",
  }),
  "token.changed same replace": () => ({
    event: changed,
    context: { hasReauthentication: true },
    rotation: "replace",
  }),
  "token.changed same waking": () => ({ event: changed, context: { isWaking: true } }),
  "token.changed other": () => ({ event: { ...changed, isOtherUser: true } }),
  "token.changed renewal": () => ({
    event: { ...changed, isOtherUser: true, isOpaque: true, isRenewal: true },
    context: { isRenewalDue: true },
    hasSessionCookie: true,
  }),
  "token.unchanged": () => ({ event: { type: "token.unchanged" } }),
  "token.unchanged refused": () => ({ event: { type: "token.unchanged" }, context: { refusedEpoch: 3 } }),
  "token.unchanged final": () => ({
    event: { type: "token.unchanged" },
    context: { refusedEpoch: 3 },
    hasRefresh: false,
  }),
  "token.removed": () => ({ event: { type: "token.removed" } }),
  "token.unreadable": () => ({ event: { type: "token.unreadable", code: "ERR_STORAGE_READ" } }),
  "token.unreadable last": () => ({
    event: { type: "token.unreadable", code: "ERR_STORAGE_READ" },
    isLast: true,
  }),
  "token.refreshFailed": () => ({ event: { type: "token.refreshFailed", code: "ERR_REFRESH_FAILED" } }),
  "token.refreshFailed last": () => ({
    event: { type: "token.refreshFailed", code: "ERR_REFRESH_FAILED" },
    isLast: true,
  }),
  "io.presented": () => ({ event: { type: "io.presented", link: CURRENT } }),
  "io.presented next": () => ({ event: { type: "io.presented", link: NEXT } }),
  "io.connected": () => ({ event: { type: "io.connected", link: CURRENT } }),
  "io.connected next": () => ({ event: { type: "io.connected", link: NEXT } }),
  "io.ready": () => ({ event: { type: "io.ready", link: CURRENT, reauthenticate: true } }),
  "io.ready stale": () => ({ event: { type: "io.ready", link: STALE, reauthenticate: true } }),
  "io.reauthenticated": () => ({ event: { type: "io.reauthenticated", link: CURRENT, epoch: 3 } }),
  "io.reauthenticated stale": () => ({ event: { type: "io.reauthenticated", link: CURRENT, epoch: 2 } }),
  "io.reauthenticationFailed other": () => ({
    event: { ...answered, verdict: "replace", isOtherUser: true },
  }),
  "io.reauthenticationFailed other old": () => ({
    event: { ...answered, link: OLD, verdict: "replace", isOtherUser: true },
  }),
  "io.reauthenticationFailed replace": () => ({ event: { ...answered, verdict: "replace" } }),
  "io.reauthenticationFailed replace overlap": () => ({
    event: { ...answered, verdict: "replace" },
    rotation: "overlap",
  }),
  "io.reauthenticationFailed session changed": () => ({
    event: { ...answered, verdict: "replace", session: "changed" },
  }),
  "io.reauthenticationFailed retry": () => ({ event: { ...answered, verdict: "retry" } }),
  "io.reauthenticationFailed refresh": () => ({ event: { ...answered, verdict: "refresh" } }),
  "io.reauthenticationFailed no refresh": () => ({
    event: { ...answered, verdict: "refresh" },
    hasRefresh: false,
  }),
  "io.reauthenticationFailed after refresh": () => ({
    event: { ...answered, verdict: "refresh" },
    context: { isRefreshed: true },
  }),
  "io.reauthenticationFailed logout": () => ({ event: { ...answered, verdict: "logout" } }),
  "io.reauthenticationFailed stale": () => ({ event: { ...answered, verdict: "logout", epoch: 2 } }),
  "io.connected stale": () => ({ event: { type: "io.connected", link: STALE } }),
  "io.refused retry": () => ({ event: { type: "io.refused", verdict: "retry", ...linked } }),
  "io.refused retry at once": () => ({
    event: { type: "io.refused", verdict: "retry", retryAfter: 0, ...linked },
  }),
  "io.refused at once twice": () => ({
    event: { type: "io.refused", verdict: "retry", retryAfter: 0, ...linked },
    context: { hasRetriedAtOnce: true },
  }),
  "io.refused retry last": () => ({
    event: { type: "io.refused", verdict: "retry", ...linked },
    isLast: true,
  }),
  "io.refused refresh": () => ({ event: { type: "io.refused", verdict: "refresh", ...linked } }),
  "io.refused refresh again": () => ({
    event: { type: "io.refused", verdict: "refresh", ...linked },
    context: { attempt: 1 },
  }),
  "io.refused refresh last": () => ({
    event: { type: "io.refused", verdict: "refresh", ...linked },
    isLast: true,
  }),
  "io.refused after refresh": () => ({
    event: { type: "io.refused", verdict: "refresh", ...linked },
    context: { isRefreshed: true },
  }),
  "io.refused no refresh": () => ({
    event: { type: "io.refused", verdict: "refresh", ...linked },
    hasRefresh: false,
  }),
  "io.refused logout": () => ({ event: { type: "io.refused", verdict: "logout", ...linked } }),
  "io.refused logout last": () => ({
    event: { type: "io.refused", verdict: "logout", ...linked },
    isLast: true,
  }),
  "io.refused logout stale": () => ({
    event: { type: "io.refused", verdict: "logout", ...linked, link: STALE },
  }),
  "io.refused retry next": () => ({ event: { type: "io.refused", verdict: "retry", ...next } }),
  "io.refused refresh next": () => ({ event: { type: "io.refused", verdict: "refresh", ...next } }),
  "io.refused no refresh next": () => ({
    event: { type: "io.refused", verdict: "refresh", ...next },
    hasRefresh: false,
  }),
  "io.refused after refresh next": () => ({
    event: { type: "io.refused", verdict: "refresh", ...next },
    context: { isRefreshed: true },
  }),
  "io.refused logout next": () => ({ event: { type: "io.refused", verdict: "logout", ...next } }),
  "io.refused old": () => ({ event: { type: "io.refused", verdict: "logout", ...old } }),
  "io.refused session changed": () => ({ event: { type: "io.refused", ...sessionChanged, ...linked } }),
  "io.refused session changed again": () => ({
    event: { type: "io.refused", ...sessionChanged, ...linked },
    context: { hasRetriedAtOnce: true },
  }),
  "io.refused session changed last": () => ({
    event: { type: "io.refused", ...sessionChanged, ...linked },
    context: { hasRetriedAtOnce: true },
    isLast: true,
  }),
  "io.refused session changed next": () => ({ event: { type: "io.refused", ...sessionChanged, ...next } }),
  "io.refused session required": () => ({
    event: { type: "io.refused", ...sessionRequired, ...linked },
    hasSessionCookie: true,
  }),
  "io.refused session required with token": () => ({
    event: { type: "io.refused", ...sessionRequired, ...linked },
  }),
  "io.refused session awaited": () => ({
    event: { type: "io.refused", ...sessionRequired, ...linked },
    context: { isSessionDue: true },
    hasSessionCookie: true,
  }),
  "io.refused session awaited last": () => ({
    event: { type: "io.refused", ...sessionRequired, ...linked },
    context: { isSessionDue: true },
    hasSessionCookie: true,
    isLast: true,
  }),
  "io.refused session awaited next": () => ({
    event: { type: "io.refused", ...sessionRequired, ...next },
    context: { isSessionDue: true },
  }),
  "io.refused session ended": () => ({
    event: { type: "io.refused", ...sessionEnded, ...linked },
    context: { isSessionDue: true },
    hasSessionCookie: true,
  }),
  "io.failed next": () => ({ event: { type: "io.failed", ...next } }),
  "io.failed old": () => ({ event: { type: "io.failed", ...old } }),
  "io.failed": () => ({ event: { type: "io.failed", ...linked } }),
  "io.failed last": () => ({ event: { type: "io.failed", ...linked }, isLast: true }),
  "io.failed stale": () => ({ event: { type: "io.failed", ...linked, link: STALE } }),
  "io.disconnected retry": () => ({
    event: { type: "io.disconnected", verdict: "retry", reason, ...linked },
  }),
  "io.disconnected at once": () => ({
    event: { type: "io.disconnected", verdict: "retry", retryAfter: 0, reason, ...linked },
  }),
  "io.disconnected last": () => ({
    event: { type: "io.disconnected", verdict: "retry", reason, ...linked },
    isLast: true,
  }),
  "io.disconnected refresh": () => ({
    event: { type: "io.disconnected", verdict: "refresh", reason, ...linked },
  }),
  "io.disconnected refresh last": () => ({
    event: { type: "io.disconnected", verdict: "refresh", reason, ...linked },
    isLast: true,
  }),
  "io.disconnected next": () => ({ event: { type: "io.disconnected", verdict: "retry", reason, ...next } }),
  "io.disconnected old": () => ({ event: { type: "io.disconnected", verdict: "logout", reason, ...old } }),
  "io.disconnected session changed": () => ({
    event: { type: "io.disconnected", ...sessionChanged, reason, ...linked },
  }),
  "io.disconnected session changed again": () => ({
    event: { type: "io.disconnected", ...sessionChanged, reason, ...linked },
    context: { hasRetriedAtOnce: true },
  }),
  "io.disconnected session ended": () => ({
    event: { type: "io.disconnected", ...sessionEnded, reason, ...linked },
    hasSessionCookie: true,
  }),
  "io.disconnected session ended with token": () => ({
    event: { type: "io.disconnected", ...sessionEnded, reason, ...linked },
  }),
  "io.disconnected again": () => ({
    event: { type: "io.disconnected", verdict: "refresh", reason, ...linked },
    context: { attempt: 1 },
  }),
  "io.disconnected logout": () => ({
    event: { type: "io.disconnected", verdict: "logout", reason, ...linked },
  }),
  "io.disconnected stale": () => ({
    event: { type: "io.disconnected", verdict: "logout", reason, ...linked, link: STALE },
  }),
  "io.settled": () => ({ event: { type: "io.settled", link: CURRENT } }),
  "io.settled outdated": () => ({ event: { type: "io.settled", link: CURRENT }, context: { linkEpoch: 2 } }),
  "io.settled old": () => ({ event: { type: "io.settled", link: OLD } }),
  "io.settled old outdated": () => ({ event: { type: "io.settled", link: OLD }, context: { linkEpoch: 2 } }),
  "io.settled stale": () => ({ event: { type: "io.settled", link: STALE } }),
  "network.online": () => ({ event: { type: "network.online" } }),
  "network.offline": () => ({ event: { type: "network.offline" } }),
  "page.resumed": () => ({ event: { type: "page.resumed" } }),
  connect: () => ({ event: { type: "connect" } }),
  "connect again": () => ({ event: { type: "connect" }, context: { hasRetriedAtOnce: true } }),
  "connect no token": () => ({ event: { type: "connect" }, context: { epoch: 0 } }),
  "session.overdue": () => ({ event: { type: "session.overdue" }, context: { isSessionDue: true } }),
  disconnect: () => ({ event: { type: "disconnect" } }),
  refresh: () => ({ event: { type: "refresh" } }),
  "refresh no refresh": () => ({ event: { type: "refresh" }, hasRefresh: false }),
  "after reconnectionDelay": (leaf) => ({ event: after("reconnectionDelay", leaf) }),
  "after reconnectionDelay due": (leaf) => ({
    event: after("reconnectionDelay", leaf),
    context: { isUnread: true },
  }),
  "after timeout": (leaf) => ({ event: after("timeout", leaf) }),
  "after timeout last": (leaf) => ({ event: after("timeout", leaf), isLast: true }),
  "after stableAfter": (leaf) => ({
    event: after("stableAfter", leaf.startsWith("connected") ? "connected" : leaf),
  }),
  "after drainTimeout": (leaf) => ({ event: after("drainTimeout", leaf) }),
  "after reauthenticateTimeout": (leaf) => ({ event: after("reauthenticateTimeout", leaf) }),
  "after refreshDelay": (leaf) => ({ event: after("refreshDelay", leaf) }),
  "after refreshDelay no refresh": (leaf) => ({ event: after("refreshDelay", leaf), hasRefresh: false }),
  "after clockCheck": (leaf) => ({ event: after("clockCheck", leaf) }),
  "after clockCheck no refresh": (leaf) => ({ event: after("clockCheck", leaf), hasRefresh: false }),
  "links.lost": () => ({ event: { type: "links.lost" } }),
};

const after = (delay: string, state: string) =>
  ({ type: `xstate.after.${delay}.connection.${state}` }) as const;

/** The states in which no link is in force. */
const WITHOUT_LINK = ["stop", "exha", "read", "wait", "refr", "sign", "reje"];

/** The states in which the link in force still has the token before. */
const OUTDATED = ["raas", "rawa", "oopn", "opre", "owai", "rref", "sett"];

/** The links and the options that a state is found with. */
function circumstances(leaf: Leaf): Partial<ConnectionContext> {
  return {
    epoch: 3,
    linksOpened: NEXT,
    link: WITHOUT_LINK.includes(leaf) ? 0 : CURRENT,
    linkEpoch: OUTDATED.includes(leaf) ? 2 : 3,
    nextLink: leaf === "oopn" || leaf === "opre" ? NEXT : 0,
    oldLink: leaf === "oset" || leaf === "drai" ? OLD : 0,
    hasReauthentication: leaf === "raas" || leaf === "rawa",
  };
}

const OVERLAPPING = ["oopn", "opre", "owai", "oset", "drai"];

/** What a row's event does in a leaf. */
export function replay(name: string, leaf: Leaf) {
  const make = CASES[name];
  if (!make) throw new Error(`The row "${name}" has no case.`);
  const path = LEAVES[leaf];
  const isOverlapping = OVERLAPPING.includes(leaf);
  const {
    event,
    context,
    hasRefresh = true,
    isLast = false,
    rotation = isOverlapping ? "overlap" : "auto",
    hasSessionCookie = false,
  } = make(path);
  const [start] = initialTransition(connectionMachine);
  const settings = {
    ...start.context.settings,
    hasRefresh,
    rotation,
    isCookie: hasSessionCookie,
    reconnectionAttempts: isLast ? 0 : Number.POSITIVE_INFINITY,
  };
  const state = connectionMachine.resolveState({
    value: nest(path),
    context: { ...start.context, ...circumstances(leaf), ...context, settings },
  });
  // The machine's own actors are there in every state.
  Object.assign(state.children, start.children);
  // The event of a delay is not in the machine's own event type.
  const [reached, actions] = transition(connectionMachine, state, event as ConnectionEvent);
  return { state, event, reached, actions };
}

function nest(path: string): never {
  const [first = "", ...rest] = path.split(".");
  const value: unknown = rest.length === 0 ? first : { [first]: nest(rest.join(".")) };
  return value as never;
}

export function flatten(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([key, child]) => `${key}.${flatten(child)}`)
    .join("|");
}
