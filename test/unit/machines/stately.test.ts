/** What Stately's editor finds in the published files. It reads them with this extractor, which runs nothing (F38). */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { connectionMachine, credentialMachine } from "../../../machines/index.js";

/** What is used of the extractor, which has a package of its own. */
interface Extractor {
  extractMachinesFromFile(source: string): {
    machines: Array<{ toConfig(options: { hashInlineImplementations: boolean }): Config }>;
  };
}
interface Config {
  type?: string;
  initial?: string;
  description?: string;
  states?: Record<string, Config>;
  on?: Record<string, Rule | Rule[]>;
  after?: Record<string, Rule | Rule[]>;
  always?: Rule | Rule[];
}
interface Rule {
  target?: string;
  /** XState 5's name, and below it the extractor's. */
  guard?: string;
  cond?: { type: string };
  actions?: Action | Action[];
  description?: string;
}
type Action = string | { action: { type: string } };

const require = createRequire(new URL("../../ecosystem/stately/package.json", import.meta.url));
const { extractMachinesFromFile }: Extractor = require("@xstate/machine-extractor");

describe.each([connectionMachine, credentialMachine])(
  "Stately's editor, given the $id chart,",
  ({ id, config }) => {
    const source = readFileSync(new URL(`../../../machines/${id}.machine.ts`, import.meta.url), "utf8");
    const { machines } = extractMachinesFromFile(source);
    const [found = {}] = machines.map((machine) => machine.toConfig({ hashInlineImplementations: true }));
    const written: Config = JSON.parse(JSON.stringify(config));

    test("finds the one chart of the file", () => {
      expect(machines).toHaveLength(1);
    });

    test("F38 finds every state, with its description", () => {
      const named = (root: Config) => statesIn(root).map(({ path, state }) => [path, state.description]);
      expect(named(found)).toEqual(named(written));
    });

    test("F38 finds every transition, with its guard, target, actions and description", () => {
      const transitions = transitionsIn(found);
      expect(transitions).toEqual(transitionsIn(written));
      expect(transitions.length).toBeGreaterThan(30);
    });

    test("F38 finds a way to every leaf", () => {
      const leaves = statesIn(found).filter(({ state }) => !state.states);
      const reached = reachedIn(found, id);
      expect(leaves.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
    });
  },
);

interface Found {
  path: string;
  state: Config;
}

function statesIn(state: Config, path = ""): Found[] {
  const children = Object.entries(state.states ?? {}).flatMap(([name, child]) =>
    statesIn(child, path === "" ? name : `${path}.${name}`),
  );
  return [{ path, state }, ...children];
}

function transitionsIn(root: Config) {
  return statesIn(root).flatMap(({ path, state }) =>
    [
      ...Object.entries(state.on ?? {}),
      ...Object.entries(state.after ?? {}),
      ...Object.entries({ always: state.always ?? [] }),
    ].flatMap(([event, rules]) =>
      [rules].flat().map(({ target, guard, cond, actions = [], description }) => ({
        path,
        event,
        target,
        guard: guard ?? cond?.type,
        actions: [actions].flat().map((action) => (typeof action === "string" ? action : action.action.type)),
        description,
      })),
    ),
  );
}

/** Every state that can be entered, whatever the guards answer. */
function reachedIn(root: Config, id: string): Set<string> {
  const states = new Map(statesIn(root).map(({ path, state }) => [path, state]));
  const reached = new Set<string>();
  const enter = (path: string): void => {
    const state = states.get(path);
    if (!state) throw new Error(`No state has the path "${path}".`);
    if (reached.has(path)) return;
    reached.add(path);
    if (path !== "") enter(parentOf(path));
    const children = Object.keys(state.states ?? {});
    const initial = children.filter((name) => state.type === "parallel" || name === state.initial);
    for (const name of initial) enter(path === "" ? name : `${path}.${name}`);
    for (const { path: from, target } of transitionsIn(root)) {
      if (from === path && target !== undefined) enter(resolve(from, target, id));
    }
  };
  enter("");
  return reached;
}

const parentOf = (path: string): string => path.split(".").slice(0, -1).join(".");

function resolve(from: string, target: string, id: string): string {
  if (target.startsWith(`#${id}.`)) return target.slice(id.length + 2);
  const base = target.startsWith(".") ? from : parentOf(from);
  const name = target.replace(/^\./, "");
  return base === "" ? name : `${base}.${name}`;
}
