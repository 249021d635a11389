import { getNextTransitions, type SnapshotFrom } from "xstate";
import { adjacencyMapToArray, getAdjacencyMap } from "xstate/graph";
import { type ConnectionEvent, connectionMachine, type Verdict } from "../../machines/index.js";

type Snapshot = SnapshotFrom<typeof connectionMachine>;

/** An event of the machine, or the event by which one of its delays ends. */
export type ModelEvent = ConnectionEvent | { type: `xstate.after.${string}` };

/** One step that the machine can take, by the keys of the states it leads from and to. */
export interface Edge {
  from: string;
  event: ModelEvent;
  /** Whether the event brings the token of another user; numbers differ from walk to walk, this does not. */
  isOtherUser: boolean;
  to: string;
}

/** How the model is set up: the two guards that the options decide. */
export interface Setup {
  hasRefresh: boolean;
  reconnectionAttempts: number;
}

/** Everything that guards and delays read, and nothing else: two states with the same key behave the same. */
export function keyOf({ value, context }: Pick<Snapshot, "value" | "context">): string {
  const {
    epoch,
    identity,
    link,
    attempt,
    refusedEpoch,
    isRefreshed,
    hasRetriedAtOnce,
    droppedEpoch,
    isUnread,
  } = context;
  return JSON.stringify({
    value,
    hasToken: epoch !== 0,
    hasUser: identity !== 0,
    hasLink: link !== 0,
    attempt: Math.min(attempt, 3),
    isRefused: refusedEpoch !== 0 && refusedEpoch === epoch,
    isRefreshed,
    hasRetriedAtOnce,
    isDropped: droppedEpoch !== 0 && droppedEpoch === epoch,
    isUnread,
  });
}

/** The events that the world can bring about in a state. */
function eventsIn(snapshot: Snapshot): ModelEvent[] {
  const { epoch, identity, link, isUnread } = snapshot.context;
  // A token comes by `login()` and goes by `logout()`, or in answer to a read.
  const events: ModelEvent[] = [
    { type: "token.maybeChanged" },
    { type: "token.changed", epoch: epoch + 1, identity: Math.max(1, identity) },
    { type: "token.removed" },
    { type: "network.online" },
    { type: "network.offline" },
    { type: "page.resumed" },
    { type: "connect" },
    { type: "disconnect" },
    { type: "refresh" },
  ];
  if (identity !== 0) events.push({ type: "token.changed", epoch: epoch + 1, identity: identity + 1 });
  if (isUnread) events.push({ type: "token.unreadable", code: "ERR_STORAGE_READ" });
  if (isUnread && epoch !== 0) events.push({ type: "token.unchanged" });
  if (isRefreshing(snapshot)) events.push({ type: "token.refreshFailed", code: "ERR_REFRESH_FAILED" });
  if (link !== 0) events.push(...linkEvents(snapshot, link));
  for (const { eventType } of getNextTransitions(snapshot)) {
    if (isDelay(eventType)) events.push({ type: eventType });
  }
  return events;
}

function linkEvents(snapshot: Snapshot, link: number): ModelEvent[] {
  const code = "ERR_REFUSED";
  const verdicts: Verdict[] = ["retry", "refresh", "logout"];
  const refused = verdicts.map((verdict): ModelEvent => ({ type: "io.refused", link, verdict, code }));
  const atOnce: ModelEvent = { type: "io.refused", link, verdict: "retry", code, retryAfter: 0 };
  const isOpening =
    snapshot.matches({ connecting: "opening" }) || snapshot.matches({ rotating: { replacing: "opening" } });
  if (isOpening)
    return [
      { type: "io.connected", link },
      { type: "io.failed", link, code: "ERR_TRANSPORT" },
      atOnce,
      ...refused,
    ];
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
  const events = [
    goneAtOnce,
    ...gone,
    atOnce,
    ...refused,
    { type: "io.failed", link, code: "ERR_TRANSPORT" } as const,
  ];
  return snapshot.matches("rotating") ? [...events, { type: "io.settled", link }] : events;
}

function isRefreshing(snapshot: Snapshot): boolean {
  return snapshot.matches({ connecting: "refreshing" }) || snapshot.matches({ connected: "refreshing" });
}

function isDelay(type: string): type is `xstate.after.${string}` {
  return type.startsWith("xstate.after.");
}

/** The machine as the model explores it: its decisions, and none of the work. */
function modelOf({ hasRefresh, reconnectionAttempts }: Setup): typeof connectionMachine {
  return connectionMachine.provide({
    guards: {
      hasRefresh: () => hasRefresh,
      hasAttemptsLeft: ({ context }) => context.attempt < reconnectionAttempts,
    },
  });
}

/** Every state that can be reached, and every step between them. */
export function edgesOf(setup: Setup): { start: string; edges: Edge[] } {
  const map = getAdjacencyMap(modelOf(setup), {
    // A delay's event is none of the machine's own type, and known to it all the same.
    events: (snapshot) => (snapshot.status === "active" ? (eventsIn(snapshot) as ConnectionEvent[]) : []),
    serializeState: keyOf,
    limit: 200_000,
  });
  const edges = adjacencyMapToArray(map).map(
    ({ state, event, nextState }): Edge => ({
      from: keyOf(state),
      event,
      isOtherUser: event.type === "token.changed" && event.identity !== state.context.identity,
      to: keyOf(nextState),
    }),
  );
  const [start = ""] = Object.keys(map);
  return { start, edges };
}
