import { readFileSync } from "node:fs";
import { createContext, Script } from "node:vm";
import { connectionMachine, credentialMachine } from "socket-rotor/machines";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import type { AnyStateMachine, AnyStateNode } from "xstate";
import * as xstate from "xstate";

const CHARTS = [
  { machine: connectionMachine, name: "connection", mostTransitions: 110 },
  { machine: credentialMachine, name: "credential", mostTransitions: 50 },
];

const sourceOf = (name: string): string =>
  readFileSync(new URL(`../../../machines/${name}.machine.ts`, import.meta.url), "utf8");

const withoutTypes = (source: string): string =>
  ts.transpileModule(source, { compilerOptions: { module: 1, target: 9 } }).outputText;

/** Runs the file with its types stripped, in a global of its own where only `xstate` can be required. */
function evaluate(name: string): AnyStateMachine {
  const required: string[] = [];
  const exported: Record<string, unknown> = {};
  const require = (module: string): unknown => {
    required.push(module);
    if (module === "xstate") return xstate;
    throw new Error(`the machine file requires ${module}`);
  };
  new Script(withoutTypes(sourceOf(name))).runInContext(
    createContext({ require, exports: exported, module: { exports: exported } }),
  );
  expect(required).toEqual(["xstate"]);
  const machine = exported[`${name}Machine`];
  if (!isMachine(machine)) expect.fail("it exports no machine");
  return machine;
}

const isMachine = (value: unknown): value is AnyStateMachine =>
  typeof value === "object" && value !== null && "transition" in value && "root" in value;

const below = (state: AnyStateNode): AnyStateNode[] => [state, ...Object.values(state.states).flatMap(below)];

const transitionsOf = (state: AnyStateNode) => [...state.transitions.values(), state.always ?? []].flat();

describe.each(CHARTS)("the file of the $name chart", ({ machine, name, mostTransitions }) => {
  const source = sourceOf(name);
  const states = below(machine.root);

  test("imports xstate and nothing else, in types as in values", () => {
    const imports = source.matchAll(/^\s*(?:import|export)\b[^;]*?\bfrom "([^"]+)"/gm);
    expect(new Set([...imports].map(([, module]) => module))).toEqual(new Set(["xstate"]));
    expect(source).not.toMatch(/\bimport\(|\brequire\(|^(export )?(const )?enum /m);
  });

  test("starts nothing and touches no global", () => {
    const code = withoutTypes(source).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|"[^"]*"/gm, "");
    expect(code).not.toMatch(
      /createActor\(|\b(setTimeout|setInterval|Date|Math\.random|window|document|process|console)\b/,
    );
  });

  test("evaluates alone, to the same chart", () => {
    const { id, config } = evaluate(name);
    expect(id).toBe(name);
    expect(JSON.stringify(config)).toBe(JSON.stringify(machine.config));
  });

  test("is as short as one can read: its transitions, its context, and what stands before the chart", () => {
    expect(states.flatMap(transitionsOf).length).toBeLessThanOrEqual(mostTransitions);
    const { settings, ...fields } = xstate.createActor(machine).getSnapshot().context;
    expect(settings).toBeTypeOf("object");
    expect(Object.keys(fields).length).toBeLessThanOrEqual(12);
    const [typesAndSetup = ""] = source.split(/\n\/\*\*(?:\n \*.*)+\nexport const /);
    expect(typesAndSetup.split("\n").length).toBeLessThanOrEqual(350);
  });

  test("has an id, and describes every state and every transition", () => {
    expect(machine.id).toBe(name);
    expect(machine.config.id).toBe(name);
    expect(states.length).toBeGreaterThan(15);
    expect(states.filter(({ description }) => !description?.trim()).map(({ id }) => id)).toEqual([]);
    const undescribed = states.flatMap((state) =>
      transitionsOf(state)
        .filter(({ description }) => !description?.trim())
        .map(({ eventType }) => `${state.id} ${eventType}`),
    );
    expect(undescribed).toEqual([]);
  });

  test("has no handler that catches everything", () => {
    const caught = states.flatMap(({ transitions }) => [...transitions.keys()]);
    expect(caught.filter((event) => event.includes("*"))).toEqual([]);
    expect(new Set(caught).size).toBeGreaterThan(15);
  });

  test("has no place for a token: its context is numbers, booleans and codes", () => {
    const { settings, ...fields } = xstate.createActor(machine).getSnapshot().context;
    const values = [...Object.values(fields), ...Object.values(settings)].filter((value) => value !== null);
    const kinds = new Set(values.map((value) => typeof value));
    expect([...kinds].filter((kind) => !["number", "boolean", "string"].includes(kind))).toEqual([]);
    expect(values.filter((value) => typeof value === "string")).toEqual(
      name === "connection" ? ["auto"] : [],
    );
    expect(states.filter(({ meta }) => meta !== undefined).map(({ id }) => id)).toEqual([]);
  });
});

test("the connection chart runs as it stands in its file", () => {
  const actor = xstate.createActor(evaluate("connection"), { clock: new xstate.SimulatedClock() }).start();
  const at = () => JSON.stringify(actor.getSnapshot().value);
  expect(at()).toBe('{"idle":"stopped"}');
  actor.send({ type: "connect" });
  expect(at()).toBe('{"connecting":"reading"}');
  actor.send({ type: "token.changed", version: 1, isOtherUser: false });
  expect(at()).toBe('{"connecting":"opening"}');
  actor.send({ type: "io.connected", link: 1 });
  expect(at()).toBe('{"connected":"steady"}');
  actor.send({ type: "token.changed", version: 2, isOtherUser: false });
  expect(at()).toBe('{"rotating":{"replacing":"settling"}}');
  actor.send({ type: "token.removed" });
  expect(at()).toBe('{"loggedOut":"signedOut"}');
  actor.stop();
});

test("so does the credential chart, below another", () => {
  const told: string[] = [];
  const parent = xstate.createActor(
    xstate.fromCallback(({ receive }) => receive(({ type }) => told.push(type))),
  );
  const actor = xstate.createActor(evaluate("credential"), { parent: parent.start() }).start();
  const at = () => actor.getSnapshot().value;
  expect(at()).toEqual({ storage: "unread", token: "absent", session: "settled" });
  actor.send({ type: "read" });
  expect(at()).toMatchObject({ storage: "reading" });
  actor.send({ type: "token.changed", version: 1, isOtherUser: false });
  expect(at()).toMatchObject({ storage: "read", token: { good: "unwatched" } });
  actor.send({ type: "refused", version: 1 });
  expect(at()).toMatchObject({ token: "rejected" });
  actor.send({ type: "token.removed" });
  expect(at()).toMatchObject({ token: "absent" });
  expect(told).toEqual(["token.changed", "token.removed"]);
});

test("the documents say that Stately's editor shows all of both charts, which stately.test.ts shows", () => {
  for (const path of ["../../../docs/statechart.md", "../../../README.md"]) {
    const text = readFileSync(new URL(path, import.meta.url), "utf8");
    expect(text).toMatch(/Stately's editor \W?shows all of both charts/);
    expect(text).not.toMatch(/in part only/);
  }
});
