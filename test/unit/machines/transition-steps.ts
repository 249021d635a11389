import { initialTransition, transition } from "xstate";
import {
  type ConnectionContext,
  type ConnectionEvent,
  type ConnectionSettings,
  connectionMachine,
} from "../../../machines/index.js";
import { LEAVES } from "./transition-table.js";

export type Leaf = keyof typeof LEAVES;

/** What a row says beyond the event's name: the context that it finds, and the settings. */
interface Case {
  event: ConnectionEvent | { type: `xstate.after.${string}` };
  context?: Partial<ConnectionContext>;
  settings?: Partial<ConnectionSettings>;
}

/** The current link, the one that is opened beside it, the one that is finishing, and one that is long gone. */
const CURRENT = 7;
export const NEXT = 8;
const OLD = 6;
const STALE = 5;

const ended = { type: "io.ended", link: CURRENT, version: 3, code: "ERR_REFUSED", verdict: "retry" } as const;
const refresh = { ...ended, verdict: "refresh" } as const;
const logout = { ...ended, verdict: "logout" } as const;
const atOnce = { ...ended, retryAfter: 0 } as const;
const over = { ...logout, session: "required" } as const;
const answer = { ...ended, type: "io.reauthenticationFailed" } as const;
const changed = { type: "token.changed", version: 4, isOtherUser: false } as const;
const other = { ...answer, verdict: "replace", isOtherUser: true } as const;

/** No attempt is left; one has failed before. */
const last = { settings: { reconnectionAttempts: 0 } };
const lastOfTwo = { context: { attempt: 1 }, settings: { reconnectionAttempts: 1 } };
const again = { context: { attempt: 1 } };
const retried = { context: { hasRetriedAtOnce: true } };
const outdated = { context: { linkVersion: 2 } };
const overlap = { settings: { rotation: "overlap" } } as const;

/** Each row of the table as an event. */
const CASES: Record<string, Case | ((leaf: string) => Case)> = {
  "token.changed same": { event: changed },
  "token.changed same in place": { event: changed, context: { hasReauthentication: true } },
  "token.changed same overlap": { event: changed, context: { hasReauthentication: false }, ...overlap },
  "token.changed same replace": { event: changed, settings: { rotation: "replace" } },
  "token.changed other": { event: { ...changed, isOtherUser: true } },
  "token.changed expired": { event: { ...changed, isExpired: true } },
  "token.changed expired no refresh": {
    event: { ...changed, isExpired: true },
    settings: { hasRefresh: false },
  },
  "token.certain": { event: { type: "token.certain" } },
  "token.certain expired": { event: { type: "token.certain", isExpired: true } },
  "token.refused": { event: { type: "token.refused" } },
  "token.rejected": { event: { type: "token.rejected" } },
  "token.removed": { event: { type: "token.removed" } },
  "token.unreadable": { event: { type: "token.unreadable", code: "ERR_STORAGE_READ" } },
  "token.unreadable last": { event: { type: "token.unreadable", code: "ERR_STORAGE_READ" }, ...last },
  "token.refreshing": { event: { type: "token.refreshing" } },
  "token.refreshFailed": { event: { type: "token.refreshFailed", code: "ERR_REFRESH_FAILED" } },
  "token.refreshFailed last": { event: { type: "token.refreshFailed", code: "ERR_REFRESH_FAILED" }, ...last },
  "io.connected": { event: { type: "io.connected", link: CURRENT } },
  "io.connected next": { event: { type: "io.connected", link: NEXT } },
  "io.connected stale": { event: { type: "io.connected", link: STALE } },
  "io.ready": { event: { type: "io.ready", link: CURRENT, reauthenticate: true } },
  "io.ready stale": { event: { type: "io.ready", link: STALE, reauthenticate: true } },
  "io.reauthenticated": { event: { type: "io.reauthenticated", link: CURRENT, version: 3 } },
  "io.reauthenticated stale": { event: { type: "io.reauthenticated", link: CURRENT, version: 2 } },
  "io.reauthenticationFailed other": { event: other },
  "io.reauthenticationFailed other old": { event: { ...other, link: OLD } },
  "io.reauthenticationFailed replace": { event: { ...answer, verdict: "replace" } },
  "io.reauthenticationFailed replace overlap": { event: { ...answer, verdict: "replace" }, ...overlap },
  "io.reauthenticationFailed retry": { event: answer },
  "io.reauthenticationFailed refresh": { event: { ...answer, verdict: "refresh" } },
  "io.reauthenticationFailed logout": { event: { ...answer, verdict: "logout" } },
  "io.reauthenticationFailed stale": { event: { ...answer, verdict: "logout", version: 2 } },
  "io.ended retry": { event: ended },
  "io.ended retry last": { event: ended, ...last },
  "io.ended at once": { event: atOnce },
  "io.ended at once twice": { event: atOnce, ...retried },
  "io.ended at once last": { event: atOnce, ...last },
  "io.ended refresh": { event: refresh },
  "io.ended refresh last": { event: refresh, ...last },
  "io.ended refresh again": { event: refresh, ...again },
  "io.ended refresh again last": { event: refresh, ...lastOfTwo },
  "io.ended refresh after connected": { event: { ...refresh, reason: "io server disconnect" } },
  "io.ended logout": { event: logout },
  "io.ended session over": { event: over, settings: { isCookie: true } },
  "io.ended session over with token": { event: over },
  "io.ended stale": { event: { ...logout, link: STALE } },
  "io.ended retry next": { event: { ...ended, link: NEXT } },
  "io.ended refresh next": { event: { ...refresh, link: NEXT } },
  "io.ended logout next": { event: { ...logout, link: NEXT } },
  "io.ended old": { event: { ...logout, link: OLD } },
  "io.ended old outdated": { event: { ...logout, link: OLD }, ...outdated },
  "io.settled": { event: { type: "io.settled", link: CURRENT } },
  "io.settled outdated": { event: { type: "io.settled", link: CURRENT }, ...outdated },
  "io.settled old": { event: { type: "io.settled", link: OLD } },
  "io.settled old outdated": { event: { type: "io.settled", link: OLD }, ...outdated },
  "io.settled stale": { event: { type: "io.settled", link: STALE } },
  "environment.resumed": { event: { type: "environment.resumed" } },
  "links.lost": { event: { type: "links.lost" } },
  connect: { event: { type: "connect" } },
  "connect again": { event: { type: "connect" }, ...retried },
  "connect no token": { event: { type: "connect" }, context: { version: 0 } },
  disconnect: { event: { type: "disconnect" } },
  refresh: { event: { type: "refresh" } },
  "refresh no refresh": { event: { type: "refresh" }, settings: { hasRefresh: false } },
  "after reconnectionDelay": (leaf) => ({ event: after("reconnectionDelay", leaf) }),
  "after stableAfter": () => ({ event: after("stableAfter", "connected") }),
  "after drainTimeout": () => ({ event: after("drainTimeout", "rotating.finishing") }),
};

const after = (delay: string, state: string) =>
  ({ type: `xstate.after.${delay}.connection.${state}` }) as const;

/** The states without a current link. */
const WITHOUT_LINK = ["stop", "exha", "read", "wait", "refr", "sign", "reje"];

/** The states in which the current link still has the token before. */
const OUTDATED = ["raas", "rawa", "oopn", "owai", "rref", "sett"];

const OVERLAPPING = ["oopn", "owai", "oset", "drai"];

/** The links and the settings that a state is found with. */
function circumstances(leaf: Leaf): Partial<ConnectionContext> {
  return {
    version: 3,
    linksOpened: NEXT,
    link: WITHOUT_LINK.includes(leaf) ? 0 : CURRENT,
    linkVersion: OUTDATED.includes(leaf) ? 2 : 3,
    nextLink: leaf === "oopn" ? NEXT : 0,
    oldLink: leaf === "oset" || leaf === "drai" ? OLD : 0,
    hasReauthentication: leaf === "raas" || leaf === "rawa",
  };
}

/** What a row's event does in a leaf. */
export function replay(name: string, leaf: Leaf) {
  const found = CASES[name];
  if (!found) throw new Error(`The row "${name}" has no case.`);
  const path = LEAVES[leaf];
  const { event, context, settings } = typeof found === "function" ? found(path) : found;
  const [start] = initialTransition(connectionMachine, {
    hasRefresh: true,
    rotation: OVERLAPPING.includes(leaf) ? "overlap" : "auto",
    ...settings,
  });
  const state = connectionMachine.resolveState({
    value: nest(path),
    context: { ...start.context, ...circumstances(leaf), ...context },
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
