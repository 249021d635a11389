import { type AnyMachineSnapshot, getNextTransitions } from "xstate";
import { adjacencyMapToArray, getAdjacencyMap } from "xstate/graph";
import type { ConnectionEvent, RefresherEvent, StorageEvent, Verdict } from "../../../machines/index.js";
import { type ConnectionLogic, connectionInput, connectionLogic } from "../../connection-logic.js";
import { memoryStorage } from "../../credential/memory-storage.js";
import { pathOf } from "../../snapshot.js";
import { type Charts, type Pair, pairOf } from "./pair.js";
import { optionsOf, type Setup } from "./setups.js";

/** The statechart with its parts, and with implementations of anybody's. */
export type ConnectionMachine = ConnectionLogic;
/** Takes a statechart and answers with one that behaves differently. */
export type Extend = (machine: ConnectionMachine) => ConnectionMachine;

/** An event from outside of the two charts, or the event by which one of their delays ends. */
export type ModelEvent =
  | Exclude<ConnectionEvent, { type: `token.${string}` }>
  /** `isRenewal`: the same token, in another session. */
  | (StorageEvent & { isRenewal?: boolean })
  | RefresherEvent
  /** The delayed reading of somebody who is signed out. */
  | { type: "read" }
  | { type: `xstate.after.${string}` };

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
  /** The user is another one than that of the current token, or may be. */
  isOtherUser: boolean;
  /** Which link reports. */
  role: "link" | "nextLink" | "oldLink" | undefined;
}

/**
 * What a state amounts to: two with the same key behave the same. Numbers count for what they stand for, what only the
 * application reads is left out, and whatever else the context holds is taken as it is.
 */
export function keyOf({ connection, credential, isReadPending }: Charts): string {
  const { value, context } = connection;
  const { version, link, linkVersion, nextLink, oldLink, attempt } = context;
  return JSON.stringify({
    ...context,
    value,
    version: version !== 0,
    link: link !== 0,
    nextLink: nextLink !== 0,
    oldLink: oldLink !== 0,
    linkVersion: link !== 0 && linkVersion === version,
    attempt: Math.min(attempt, 2),
    credential: credential.value,
    isReadPending,
    // The same in all of them.
    settings: undefined,
    // Nothing that the charts decide depends on these.
    linksOpened: undefined,
    code: undefined,
    retryAfter: undefined,
  });
}

/** The events that the world can bring about in a state. */
function eventsIn(pair: Pair, setup: Setup): ModelEvent[] {
  const { connection, credential, isReadPending } = pair;
  const { version, attempt, hasRetriedAtOnce } = connection.context;
  const isAsked = credential.matches({ storage: "reading" });
  const isRenewing =
    credential.matches({ session: { awaited: "renewing" } }) || credential.matches({ session: "overdue" });
  const next = version + 1;
  // What a session brings about where there is no cookie ends in what other walks live through.
  if (!setup.isCookie && credential.matches({ session: { awaited: "presented" } })) return [SESSION_OVERDUE];
  if (!setup.isCookie && isRenewing && isAsked) return [renewal(setup, next)];
  // A token comes by `login()` and goes by `logout()`, or in answer to a read.
  const events: ModelEvent[] = [
    { type: "token.maybeChanged" },
    ...newTokens(setup, next, !isAsked),
    { type: "token.removed" },
    { type: "environment.resumed" },
    { type: "connect" },
    { type: "disconnect" },
    { type: "refresh" },
  ];
  if (isAsked) events.push({ type: "token.unreadable", code: "ERR_STORAGE_READ" });
  if (isAsked && version !== 0) events.push(isRenewing ? renewal(setup, next) : { type: "token.unchanged" });
  if (isReadPending) events.push({ type: "read" });
  if (credential.matches({ session: "awaited" })) events.push(SESSION_OVERDUE);
  if (
    credential.matches({ token: { good: "refreshing" } }) ||
    credential.matches({ token: { untried: "refreshing" } }) ||
    credential.matches({ token: { refused: "refreshing" } })
  )
    events.push({ type: "token.refreshFailed", code: "ERR_REFRESH_FAILED" });
  events.push(...linkEvents(pair, setup));
  // A link proves to be alive before any delay of a connected one is over.
  if (connection.matches({ connected: "checking" })) return events;
  for (const type of delaysOf(connection)) events.push({ type });
  // Past failures are forgiven before a refresh ahead of expiry is due.
  if (
    setup.hasRefresh &&
    credential.matches({ token: { good: "watched" } }) &&
    attempt === 0 &&
    !hasRetriedAtOnce
  )
    events.push({ type: "token.due" });
  return events;
}

const SESSION_OVERDUE: ModelEvent = {
  type: "xstate.after.stableAfter.credential.session.awaited",
};

function delaysOf(snapshot: AnyMachineSnapshot): `xstate.after.${string}`[] {
  return getNextTransitions(snapshot)
    .map(({ eventType }) => eventType)
    .filter(isDelay);
}

function newTokens({ isOpaque, isCookie }: Setup, version: number, isLogin: boolean): ModelEvent[] {
  const other = { type: "token.changed", version, isOtherUser: true } as const;
  if (isOpaque) return [{ ...other, isOpaque, ...(isCookie && isLogin && { isLogin }) }];
  return [{ ...other, isOtherUser: false }, other];
}

/** The same token as a new version; with a cookie, it may be anybody's. */
function renewal({ isOpaque, isCookie }: Setup, version: number): ModelEvent {
  const isOtherUser = isCookie === true;
  return { type: "token.changed", version, isOtherUser, isRenewal: true, ...(isOpaque && { isOpaque }) };
}

const code = "ERR_REFUSED";
const verdicts: Verdict[] = ["retry", "refresh", "logout"];

function linkEvents({ connection, credential }: Pair, setup: Setup): ModelEvent[] {
  const { link, nextLink, oldLink, version, linkVersion } = connection.context;
  const isAsked = credential.matches({ storage: "reading" });
  const events: ModelEvent[] = [];
  if (nextLink !== 0) events.push(...openingEvents(nextLink, version));
  if (oldLink !== 0) events.push(...endings(oldLink, linkVersion));
  // Acknowledgements that come in while the token is uncertain wait, and the old link with them.
  if (oldLink !== 0 && !(isAsked && connection.matches({ rotating: { finishing: "draining" } })))
    events.push({ type: "io.settled", link: oldLink });
  if (link === 0) return events;
  const isOpening =
    connection.matches({ connecting: "opening" }) ||
    connection.matches({ rotating: { replacing: "opening" } });
  if (setup.isCookie) events.push(...sessionEvents(link, linkVersion, isOpening));
  if (isOpening) return [...events, ...openingEvents(link, linkVersion)];
  events.push(...endings(link, linkVersion));
  if (connection.matches({ rotating: { reauthenticating: "asking" } }))
    events.push(...reauthenticationEvents(link, version));
  const { serverHalf } = setup;
  if (connection.matches("connected") && serverHalf) events.push({ type: "io.ready", link, ...serverHalf });
  const isSettling =
    connection.matches({ rotating: { replacing: "settling" } }) ||
    (connection.matches({ connected: "checking" }) && !isAsked);
  return isSettling ? [...events, { type: "io.settled", link }] : events;
}

const failure = (link: number, version: number): ModelEvent => ({
  type: "io.ended",
  link,
  version,
  verdict: "retry",
  code: "ERR_TRANSPORT",
});

function refusals(link: number, version: number): ModelEvent[] {
  const refused = { type: "io.ended", link, version, code } as const;
  return [
    { ...refused, verdict: "retry", retryAfter: 0 },
    ...verdicts.map((verdict): ModelEvent => ({ ...refused, verdict })),
  ];
}

/** What a server may say about the session of a link. */
function sessionEvents(link: number, version: number, isOpening: boolean): ModelEvent[] {
  const refused = { type: "io.ended", link, version, code } as const;
  const changed = { ...refused, verdict: "retry", retryAfter: 0, session: "changed" } as const;
  const events: ModelEvent[] = [changed, { ...refused, verdict: "logout", session: "required" }];
  if (isOpening) return events;
  return [...events, { ...changed, reason }, { ...refused, verdict: "logout", session: "ended", reason }];
}

/** How an attempt to open a link may end. */
function openingEvents(link: number, version: number): ModelEvent[] {
  return [{ type: "io.connected", link }, failure(link, version), ...refusals(link, version)];
}

const reason = "io server disconnect";

/** How a link that is up may end. */
function endings(link: number, version: number): ModelEvent[] {
  const gone = { type: "io.ended", link, version, code, reason } as const;
  return [
    { ...gone, verdict: "retry", retryAfter: 0 },
    ...verdicts.map((verdict): ModelEvent => ({ ...gone, verdict })),
    ...refusals(link, version),
    failure(link, version),
  ];
}

function reauthenticationEvents(link: number, version: number): ModelEvent[] {
  const failed = { type: "io.reauthenticationFailed", link, version, code } as const;
  return [
    { type: "io.reauthenticated", link, version },
    { ...failed, verdict: "replace" },
    { ...failed, verdict: "replace", isOtherUser: true },
    { ...failed, verdict: "replace", session: "changed" },
    ...verdicts.map((verdict): ModelEvent => ({ ...failed, verdict })),
  ];
}

function isDelay(type: string): type is `xstate.after.${string}` {
  return type.startsWith("xstate.after.");
}

function meaningOf(event: ModelEvent, { context }: Charts["connection"]): Meaning {
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
  const storage = { ...memoryStorage(), ...(setup.isCookie && { credential: "cookie" as const }) };
  const input = connectionInput({ ...optionsOf(setup), storage });
  const map = getAdjacencyMap(pairOf(extend(connectionLogic), input), {
    events: (pair) => (pair.status === "active" ? eventsIn(pair, setup) : []),
    serializeState: keyOf,
    limit: 200_000,
  });
  const keys = Object.keys(map);
  // The very same string for the same state: the walks look states up by it, and it is long.
  const same = new Map(keys.map((key) => [key, key]));
  const known = (state: Charts): string => {
    const key = keyOf(state);
    return same.get(key) ?? key;
  };
  const edges = adjacencyMapToArray(map).map(
    ({ state, event, nextState }): Edge => ({
      from: known(state),
      state: pathOf(state.connection.value),
      event,
      meaning: meaningOf(event, state.connection),
      to: known(nextState),
    }),
  );
  const [start = ""] = keys;
  return { start, edges };
}
