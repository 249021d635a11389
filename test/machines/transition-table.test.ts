import { describe, expect, it } from "vitest";
import { initialTransition, transition } from "xstate";
import { type ConnectionContext, type ConnectionEvent, connectionMachine } from "../../machines/index.js";
import { LEAVES, TABLE } from "./transition-table.js";

type Leaf = keyof typeof LEAVES;

/** What a row says beyond the event's name: the context it finds, and what the guards answer. */
interface Case {
  event: ConnectionEvent | { type: `xstate.after.${string}` };
  context?: Partial<ConnectionContext>;
  hasRefresh?: boolean;
  isLast?: boolean;
}

const CURRENT = 7;
const linked = { link: CURRENT, code: "ERR_REFUSED" } as const;
const reason = "io server disconnect";

/** Each row of the table as an event. */
const CASES: Record<string, (leaf: string) => Case> = {
  "token.maybeChanged": () => ({ event: { type: "token.maybeChanged" } }),
  "token.changed same": () => ({ event: { type: "token.changed", epoch: 4, identity: 1 } }),
  "token.changed other": () => ({ event: { type: "token.changed", epoch: 4, identity: 2 } }),
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
  "io.connected": () => ({ event: { type: "io.connected", link: CURRENT } }),
  "io.connected stale": () => ({ event: { type: "io.connected", link: 6 } }),
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
  "io.refused logout stale": () => ({ event: { type: "io.refused", verdict: "logout", ...linked, link: 6 } }),
  "io.failed": () => ({ event: { type: "io.failed", ...linked } }),
  "io.failed last": () => ({ event: { type: "io.failed", ...linked }, isLast: true }),
  "io.failed stale": () => ({ event: { type: "io.failed", ...linked, link: 6 } }),
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
  "io.disconnected again": () => ({
    event: { type: "io.disconnected", verdict: "refresh", reason, ...linked },
    context: { attempt: 1 },
  }),
  "io.disconnected logout": () => ({
    event: { type: "io.disconnected", verdict: "logout", reason, ...linked },
  }),
  "io.disconnected stale": () => ({
    event: { type: "io.disconnected", verdict: "logout", reason, ...linked, link: 6 },
  }),
  "io.settled": () => ({ event: { type: "io.settled", link: CURRENT } }),
  "io.settled stale": () => ({ event: { type: "io.settled", link: 6 } }),
  "network.online": () => ({ event: { type: "network.online" } }),
  "network.offline": () => ({ event: { type: "network.offline" } }),
  "page.resumed": () => ({ event: { type: "page.resumed" } }),
  connect: () => ({ event: { type: "connect" } }),
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
};

const after = (delay: string, state: string) =>
  ({ type: `xstate.after.${delay}.connection.${state}` }) as const;

/** The states in which a link is open or opening. */
const WITH_LINK = ["open", "stea", "cref", "sett", "ropn"];

describe("the transition table", () => {
  const [header = "", ...rows] = TABLE.trim().split("\n");
  const columns = header
    .split("|")
    .map((cell) => cell.trim())
    .filter(isLeaf);

  it("has a column for every leaf of the machine", () => {
    expect(columns).toEqual(Object.keys(LEAVES));
    expect(leavesOf(connectionMachine.root).sort()).toEqual(Object.values(LEAVES).sort());
  });

  it("has a row for every event that the machine listens to", () => {
    const named = new Set(rows.map((row) => row.trim().split(/[ |]/)[0]));
    const heard = connectionMachine.events.filter((name) => !name.startsWith("xstate."));
    // A hint that nothing follows from is no event to XState, and has its row all the same.
    expect([...named].filter((name) => name !== "after").sort()).toEqual(
      [...heard, "network.offline"].sort(),
    );
  });

  for (const row of rows) {
    const [name = "", ...cells] = row.split("|").map((cell) => cell.trim());
    describe(name, () => {
      columns.forEach((column, index) => {
        const cell = cells[index] ?? "";
        it(`in ${LEAVES[column]}: ${inWords(cell)}`, () => {
          expect(outcome(name, column)).toBe(cell);
        });
      });
    });
  }
});

/** Where an event leads from a leaf, in the table's own shorthand. */
function outcome(name: string, leaf: Leaf): string {
  const make = CASES[name];
  if (!make) throw new Error(`The row "${name}" has no case.`);
  const path = LEAVES[leaf];
  const { event, context, hasRefresh = true, isLast = false } = make(path);
  const machine = connectionMachine.provide({
    guards: { hasRefresh: () => hasRefresh, hasAttemptsLeft: () => !isLast },
  });
  const link = WITH_LINK.includes(leaf) ? CURRENT : 0;
  const [start] = initialTransition(machine);
  const state = machine.resolveState({
    value: nest(path),
    context: { ...start.context, epoch: 3, identity: 1, linksOpened: CURRENT, link, ...context },
  });
  // The machine's own actors are there in every state.
  Object.assign(state.children, start.children);
  // The event of a delay is not in the machine's own event type.
  const [next, actions] = transition(machine, state, event as ConnectionEvent);
  const nextPath = flatten(next.value);
  if (nextPath !== path) return codeOf(nextPath);
  if (next.context.linksOpened > CURRENT) return ">";
  return actions.some(isRead) ? "!" : ".";
}

const isRead = (action: unknown): boolean =>
  JSON.stringify(action)?.includes('"event":{"type":"read"}') === true;

function nest(path: string): never {
  const [first = "", ...rest] = path.split(".");
  const value: unknown = rest.length === 0 ? first : { [first]: nest(rest.join(".")) };
  return value as never;
}

function flatten(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([key, child]) => `${key}.${flatten(child)}`)
    .join("|");
}

function isLeaf(cell: string): cell is Leaf {
  return cell in LEAVES;
}

function codeOf(path: string): string {
  const found = Object.entries(LEAVES).find(([, leaf]) => leaf === path);
  return found ? found[0] : path;
}

function inWords(cell: string): string {
  if (cell === ".") return "stays";
  if (cell === "!") return "stays and reads";
  if (cell === ">") return "starts over";
  return isLeaf(cell) ? LEAVES[cell] : cell;
}

interface Node {
  path: string[];
  states: Record<string, Node>;
}

function leavesOf(node: Node): string[] {
  const children = Object.values(node.states);
  return children.length === 0 ? [node.path.join(".")] : children.flatMap(leavesOf);
}
