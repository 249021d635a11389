import { getNextTransitions, type SnapshotFrom } from "xstate";
import { adjacencyMapToArray, getAdjacencyMap } from "xstate/graph";
import { type ConnectionEvent, connectionMachine, type Verdict } from "../../../machines/index.js";
import { pathOf } from "../../snapshot.js";
import type { Setup } from "./setups.js";

/** The statechart, with implementations of anybody's. */
export type ConnectionMachine = typeof connectionMachine;
/** Takes a statechart and answers with one that behaves differently. */
export type Extend = (machine: ConnectionMachine) => ConnectionMachine;

type Snapshot = SnapshotFrom<ConnectionMachine>;

/** An event of the machine, or the event by which one of its delays ends. */
export type ModelEvent = ConnectionEvent | { type: `xstate.after.${string}` };

/** One step that the machine can take, by the keys of the states it leads from and to. */
export interface Edge {
  from: string;
  /** The state that it leads from, in words such as `connected.steady`. */
  state: string;
  event: ModelEvent;
  /** What the event means; numbers differ from walk to walk, this does not. */
  meaning: Meaning;
  to: string;
}

/** What the numbers in an event stand for. */
export interface Meaning {
  /** The user is another one than that of the token in force, or may be. */
  isOtherUser: boolean;
  /** Which link reports. */
  role: "link" | "nextLink" | "oldLink" | undefined;
}

/**
 * What a state amounts to: two with the same key behave the same. Numbers count for what they stand for, what only the
 * application reads is left out, and whatever else the context holds is taken as it is.
 */
export function keyOf({ value, context }: Pick<Snapshot, "value" | "context">): string {
  const { epoch, link, linkEpoch, nextLink, oldLink, attempt } = context;
  return JSON.stringify({
    ...context,
    value,
    epoch: epoch !== 0,
    link: link !== 0,
    nextLink: nextLink !== 0,
    oldLink: oldLink !== 0,
    linkEpoch: link !== 0 && linkEpoch === epoch,
    attempt: Math.min(attempt, 2),
    refusedEpoch: context.refusedEpoch !== 0 && context.refusedEpoch === epoch,
    droppedEpoch: context.droppedEpoch !== 0 && context.droppedEpoch === epoch,
    // Nothing that the chart decides depends on these.
    linksOpened: undefined,
    refreshAttempt: undefined,
    lifetime: undefined,
    code: undefined,
    retryAfter: undefined,
  });
}

/** The events that the world can bring about in a state. */
function eventsIn(snapshot: Snapshot, setup: Setup): ModelEvent[] {
  const { epoch, isUnread, isWaking, attempt, hasRetriedAtOnce } = snapshot.context;
  const { isRenewalDue, isSessionDue } = snapshot.context;
  // What a session brings about where there is no cookie ends in what other walks live through.
  if (!setup.isCookie && isSessionDue) return [{ type: "session.overdue" }];
  if (!setup.isCookie && isRenewalDue && isUnread) return [renewal(setup, epoch + 1)];
  // A token comes by `login()` and goes by `logout()`, or in answer to a read.
  const events: ModelEvent[] = [
    { type: "token.maybeChanged" },
    ...newTokens(setup, epoch + 1, !isUnread),
    { type: "token.removed" },
    { type: "network.online" },
    ...(setup.isBrief ? [] : ELSEWHERE),
    { type: "connect" },
    { type: "disconnect" },
    { type: "refresh" },
  ];
  if (isUnread) events.push({ type: "token.unreadable", code: "ERR_STORAGE_READ" });
  if (isUnread && epoch !== 0) {
    events.push(isRenewalDue ? renewal(setup, epoch + 1) : { type: "token.unchanged" });
  }
  if (isSessionDue) events.push({ type: "session.overdue" });
  if (isRefreshing(snapshot)) events.push({ type: "token.refreshFailed", code: "ERR_REFRESH_FAILED" });
  events.push(...linkEvents(snapshot, setup));
  for (const { eventType } of getNextTransitions(snapshot)) {
    // A link proves to be alive, and past failures are forgiven, before a refresh ahead of expiry is due.
    if (isWaking) continue;
    if (eventType.includes("refreshDelay") && (attempt > 0 || hasRetriedAtOnce)) continue;
    if (isDelay(eventType)) events.push({ type: eventType });
  }
  return events;
}

function newTokens({ isOpaque, isCookie }: Setup, epoch: number, isLogin: boolean): ModelEvent[] {
  const other = { type: "token.changed", epoch, isOtherUser: true } as const;
  if (isOpaque) return [{ ...other, isOpaque, ...(isCookie && isLogin && { isLogin }) }];
  return [{ ...other, isOtherUser: false }, other];
}

/** The same token under a new epoch; with a cookie, it may be anybody's. */
function renewal({ isOpaque, isCookie }: Setup, epoch: number): ModelEvent {
  const isOtherUser = isCookie === true;
  return { type: "token.changed", epoch, isOtherUser, isRenewal: true, ...(isOpaque && { isOpaque }) };
}

/** What another set-up lives through in every state. */
const ELSEWHERE: ModelEvent[] = [{ type: "network.offline" }, { type: "page.resumed" }];
const code = "ERR_REFUSED";
const verdicts: Verdict[] = ["retry", "refresh", "logout"];

function linkEvents(snapshot: Snapshot, setup: Setup): ModelEvent[] {
  const { link, nextLink, oldLink, isUnread } = snapshot.context;
  const events: ModelEvent[] = [];
  if (snapshot.matches({ rotating: { overlapping: "opening" } })) {
    events.push({ type: "io.presented", link: nextLink }, failure(nextLink), ...refusals(nextLink));
  } else if (nextLink !== 0) {
    events.push(...openingEvents(nextLink));
  }
  if (snapshot.matches({ rotating: "overlapping" }) && oldLink === 0) events.push(...changesBeside(snapshot));
  if (oldLink !== 0) events.push(...endings(oldLink));
  // Acknowledgements that come in while the token is uncertain wait, and the old link with them.
  if (oldLink !== 0 && !(isUnread && snapshot.matches({ rotating: "draining" })))
    events.push({ type: "io.settled", link: oldLink });
  if (link === 0) return events;
  const isOpening =
    snapshot.matches({ connecting: "opening" }) || snapshot.matches({ rotating: { replacing: "opening" } });
  if (setup.isCookie) events.push(...sessionEvents(snapshot, isOpening));
  if (isOpening) return [...events, ...openingEvents(link)];
  events.push(...endings(link), ...reauthenticationEvents(snapshot));
  const { serverHalf } = setup;
  if (snapshot.matches("connected") && serverHalf) events.push({ type: "io.ready", link, ...serverHalf });
  return isSettling(snapshot) ? [...events, { type: "io.settled", link }] : events;
}

function isSettling(snapshot: Snapshot): boolean {
  if (snapshot.matches({ rotating: { replacing: "settling" } })) return true;
  const { isWaking, isUnread } = snapshot.context;
  return snapshot.matches("connected") && isWaking && !isUnread;
}

const failure = (link: number): ModelEvent => ({ type: "io.failed", link, code: "ERR_TRANSPORT" });

function refusals(link: number): ModelEvent[] {
  const refused = verdicts.map((verdict): ModelEvent => ({ type: "io.refused", link, verdict, code }));
  return [{ type: "io.refused", link, verdict: "retry", code, retryAfter: 0 }, ...refused];
}

const changed = { code, verdict: "retry", retryAfter: 0, session: "changed" } as const;

/** What a server may say of the session of the link in force. */
function sessionEvents({ context: { link } }: Snapshot, isOpening: boolean): ModelEvent[] {
  const refused: ModelEvent[] = [
    { type: "io.refused", link, ...changed },
    { type: "io.refused", link, verdict: "logout", code, session: "required" },
  ];
  if (isOpening) return refused;
  const gone = { type: "io.disconnected", link, reason: "io server disconnect" } as const;
  return [{ ...gone, ...changed }, { ...gone, verdict: "logout", code, session: "ended" }, ...refused];
}

/** The session changes while one link is opened beside another. */
function changesBeside({ context: { link, nextLink } }: Snapshot): ModelEvent[] {
  const reason = "io server disconnect";
  const refused = [link, nextLink].filter((each) => each !== 0);
  return [
    ...refused.map((each): ModelEvent => ({ type: "io.refused", link: each, ...changed })),
    { type: "io.disconnected", link, reason, ...changed },
  ];
}

/** How an attempt to open a link may end. */
function openingEvents(link: number): ModelEvent[] {
  return [{ type: "io.connected", link }, failure(link), ...refusals(link)];
}

/** How a link that is up may end. */
function endings(link: number): ModelEvent[] {
  const reason = "io server disconnect";
  const gone = verdicts.map(
    (verdict): ModelEvent => ({ type: "io.disconnected", link, verdict, code, reason }),
  );
  const goneAtOnce: ModelEvent = {
    type: "io.disconnected",
    link,
    verdict: "retry",
    code,
    reason,
    retryAfter: 0,
  };
  return [goneAtOnce, ...gone, ...refusals(link), failure(link)];
}

function reauthenticationEvents(snapshot: Snapshot): ModelEvent[] {
  if (!snapshot.matches({ rotating: { reauthenticating: "asking" } })) return [];
  const { link, epoch } = snapshot.context;
  const failed = { type: "io.reauthenticationFailed", link, epoch, code } as const;
  return [
    { type: "io.reauthenticated", link, epoch },
    { ...failed, verdict: "replace" },
    { ...failed, verdict: "replace", isOtherUser: true },
    { ...failed, verdict: "replace", session: "changed" },
    ...verdicts.map((verdict): ModelEvent => ({ ...failed, verdict })),
  ];
}

function isRefreshing(snapshot: Snapshot): boolean {
  const { linkEpoch, epoch } = snapshot.context;
  return (
    snapshot.matches({ connecting: "refreshing" }) ||
    // The refresh of a token that is not in force any more says nothing.
    (snapshot.matches({ connected: "refreshing" }) && linkEpoch === epoch) ||
    snapshot.matches({ rotating: "refreshing" })
  );
}

function isDelay(type: string): type is `xstate.after.${string}` {
  return type.startsWith("xstate.after.");
}

/** The machine as the model explores it: its decisions, and none of the work. */
function modelOf(
  { hasRefresh, reconnectionAttempts, rotation, isCookie }: Setup,
  extend: Extend,
): ConnectionMachine {
  return extend(
    connectionMachine.provide({
      guards: {
        hasRefresh: () => hasRefresh,
        hasSessionCookie: () => isCookie === true,
        hasAttemptsLeft: ({ context }) => context.attempt < reconnectionAttempts,
        isOverlapAllowed: () => rotation === "overlap",
      },
    }),
  );
}

function meaningOf(event: ModelEvent, context: Snapshot["context"]): Meaning {
  const link = "link" in event ? event.link : 0;
  const roles = ["nextLink", "oldLink", "link"] as const;
  return {
    isOtherUser: "isOtherUser" in event && event.isOtherUser === true,
    role: link === 0 ? undefined : roles.find((role) => context[role] === link),
  };
}

/** A state with the steps that lead out of it. */
export interface Graph {
  /** The key of the state in which everything begins. */
  start: string;
  edges: Edge[];
}

/** Every state that can be reached, and every step between them. */
export function graphOf(setup: Setup, extend: Extend): Graph {
  const map = getAdjacencyMap(modelOf(setup, extend), {
    // A delay's event is none of the machine's own type, and known to it all the same.
    events: (snapshot) =>
      snapshot.status === "active" ? (eventsIn(snapshot, setup) as ConnectionEvent[]) : [],
    serializeState: keyOf,
    limit: 200_000,
  });
  const keys = Object.keys(map);
  // The very same string for the same state: the walks look states up by it, and it is long.
  const same = new Map(keys.map((key) => [key, key]));
  const known = (state: Snapshot): string => {
    const key = keyOf(state);
    return same.get(key) ?? key;
  };
  const edges = adjacencyMapToArray(map).map(
    ({ state, event, nextState }): Edge => ({
      from: known(state),
      state: pathOf(state.value),
      event,
      meaning: meaningOf(event, state.context),
      to: known(nextState),
    }),
  );
  const [start = ""] = keys;
  return { start, edges };
}
