import { describe, expect, it } from "vitest";
import { createActor, type EventObject, fromCallback } from "xstate";
import {
  type CredentialEvent,
  credentialMachine,
  type RefresherCommand,
  type StorageCommand,
} from "../../../machines/index.js";
import { REGIONS, TABLES, TOLD } from "./credential-table.js";

type Region = keyof typeof REGIONS;

const changed = { type: "token.changed", version: 4, isOtherUser: false } as const;

/** Each row as an event, and whether the option `refresh` was given. */
const CASES: Record<string, { event: CredentialEvent | EventObject; hasRefresh?: boolean }> = {
  "token.maybeChanged": { event: { type: "token.maybeChanged" } },
  "token.changed": { event: changed },
  "token.changed login": { event: { ...changed, isLogin: true } },
  "token.unchanged": { event: { type: "token.unchanged" } },
  "token.removed": { event: { type: "token.removed" } },
  "token.unreadable": { event: { type: "token.unreadable", code: "ERR_STORAGE_READ" } },
  "token.due": { event: { type: "token.due" } },
  "token.due no refresh": { event: { type: "token.due" }, hasRefresh: false },
  "token.refreshFailed": { event: { type: "token.refreshFailed", code: "ERR_REFRESH_FAILED" } },
  read: { event: { type: "read" } },
  refresh: { event: { type: "refresh" } },
  "refresh no refresh": { event: { type: "refresh" }, hasRefresh: false },
  refused: { event: { type: "refused", version: 3 } },
  "refused no refresh": { event: { type: "refused", version: 3 }, hasRefresh: false },
  "refused stale": { event: { type: "refused", version: 2 } },
  "session.changed": { event: { type: "session.changed" } },
  "session.expected": { event: { type: "session.expected" } },
  accepted: { event: { type: "accepted" } },
  retry: { event: { type: "retry" } },
  watch: { event: { type: "watch" } },
  unwatch: { event: { type: "unwatch" } },
  named: { event: { type: "named" } },
  signedOut: { event: { type: "signedOut" } },
  "after stableAfter": {
    event: { type: "xstate.after.stableAfter.credential.session.awaited" },
  },
};

/** What the chart has told, and whom. */
let told: string[] = [];
const listener = <Heard extends EventObject>(name: string) =>
  fromCallback<Heard>(({ receive }) => receive(({ type }) => told.push(`${name} ${type}`)));
const machine = credentialMachine.provide({
  actors: {
    storage: listener<StorageCommand>("storage"),
    refresher: listener<RefresherCommand>("refresher"),
  },
});

/** What an event does in a state: where each region is after it, and what was told. */
function outcome(row: string, leaves: Record<Region, string>): { reached: string[]; told: string[] } {
  const found = CASES[row];
  if (!found) throw new Error(`The row "${row}" has no case.`);
  const parent = createActor(listener("connection")).start();
  const input = { hasRefresh: found.hasRefresh ?? true, stableAfter: 5_000 };
  const start = createActor(machine, { parent, input }).getPersistedSnapshot();
  const value = Object.fromEntries(Object.entries(leaves).map(([region, leaf]) => [region, nest(leaf)]));
  const { settings } = createActor(machine, { parent, input }).getSnapshot().context;
  const version = leaves.token === "absent" ? 0 : 3;
  const snapshot = Object.assign(start, { value, context: { version, refreshAttempt: 0, settings } });
  const actor = createActor(machine, { parent, input, snapshot }).start();
  told = [];
  // The event of a delay is not in the machine's own event type.
  actor.send(found.event as CredentialEvent);
  const reached = Object.entries(actor.getSnapshot().value).map(
    ([region, leaf]) => `${region} ${flatten(leaf)}`,
  );
  return { reached, told: [...told].sort() };
}

describe("the transition tables of the credential chart", () => {
  const tables = Object.entries(TABLES).map(([region, table]) => parse(region, table));
  const [storage, token, session] = tables;
  if (!storage || !token || !session) throw new Error("A region has no table.");

  it("have a column for every leaf of each region", () => {
    for (const { region, columns } of tables) {
      const named = columns.map(({ leaf }) => `${region}.${leaf}`);
      expect(named.sort()).toEqual(
        leavesIn(credentialMachine.root).filter((path) => path.startsWith(region)),
      );
    }
  });

  it("have a row for every event that the machine listens to, the same in each region", () => {
    for (const { rows } of tables) expect([...rows.keys()]).toEqual(Object.keys(CASES));
    const named = new Set(Object.keys(CASES).map((row) => row.split(" ")[0]));
    const heard = credentialMachine.events.filter((name) => !name.startsWith("xstate."));
    expect([...named].filter((name) => name !== "after").sort()).toEqual(heard.sort());
  });

  it.each(Object.keys(CASES))("hold in every state: %s", (row) => {
    for (const first of cellsOf(storage, row)) {
      for (const second of cellsOf(token, row)) {
        for (const third of cellsOf(session, row)) {
          const cells = [first, second, third];
          const leaves = { storage: first.from, token: second.from, session: third.from };
          expect({ leaves, ...outcome(row, leaves) }).toEqual({
            leaves,
            reached: cells.map(({ region, to }) => `${region} ${to}`),
            told: cells.flatMap((cell) => cell.told).sort(),
          });
        }
      }
    }
  });
});

interface Table {
  region: string;
  columns: Array<{ name: string; leaf: string }>;
  rows: Map<string, string[]>;
}

function parse(region: string, table: string): Table {
  const [header = "", ...rows] = table.trim().split("\n");
  const named: Record<string, string> = isRegion(region) ? REGIONS[region] : {};
  const columns = split(header)
    .slice(1)
    .map((name) => ({ name, leaf: named[name] ?? name }));
  const cells = rows.map((row): [string, string[]] => {
    const [name = "", ...rest] = split(row);
    return [name, rest];
  });
  return { region, columns, rows: new Map(cells) };
}

/** A row of a region, cell by cell, without the leaves that are not found. */
function cellsOf({ region, columns, rows }: Table, row: string) {
  return columns.flatMap(({ leaf: from }, index) => {
    const [leads = "", ...words] = (rows.get(row)?.[index] ?? "?").split(/\s+/);
    if (leads === "-") return [];
    const to = leads === "." ? from : (columns.find(({ name }) => name === leads)?.leaf ?? leads);
    return [{ region, from, to, told: words.map((word) => TOLD[word] ?? word) }];
  });
}

const split = (row: string): string[] => ` ${row}`.split("|").map((cell) => cell.trim());
const isRegion = (name: string): name is Region => name in REGIONS;

const nest = (path: string): unknown => {
  const [first = "", second] = path.split(".");
  return second === undefined ? first : { [first]: second };
};

const flatten = (value: unknown): string =>
  typeof value === "object" && value !== null
    ? Object.entries(value)
        .map(([key, child]) => `${key}.${flatten(child)}`)
        .join("|")
    : String(value);

interface Node {
  path: string[];
  states: Record<string, Node>;
}

const leavesIn = (node: Node): string[] => {
  const children = Object.values(node.states);
  return children.length === 0 ? [node.path.join(".")] : children.flatMap(leavesIn).sort();
};
