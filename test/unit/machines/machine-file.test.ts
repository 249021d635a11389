import { readFileSync } from "node:fs";
import { createContext, Script } from "node:vm";
import { connectionMachine } from "socket-rotor/machines";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import type { AnyStateNode } from "xstate";
import * as xstate from "xstate";

const source = readFileSync(new URL("../../../machines/connection.machine.ts", import.meta.url), "utf8");
const { outputText } = ts.transpileModule(source, { compilerOptions: { module: 1, target: 9 } });

/** Runs the file with its types stripped, in a global of its own where only `xstate` can be required. */
function evaluate(): unknown {
  const required: string[] = [];
  const exported: { connectionMachine?: unknown } = {};
  const require = (name: string): unknown => {
    required.push(name);
    if (name === "xstate") return xstate;
    throw new Error(`the machine file requires ${name}`);
  };
  new Script(outputText).runInContext(
    createContext({ require, exports: exported, module: { exports: exported } }),
  );
  expect(required).toEqual(["xstate"]);
  return exported.connectionMachine;
}

function isMachine(value: unknown): value is typeof connectionMachine {
  return typeof value === "object" && value !== null && "transition" in value && "root" in value;
}

describe("the machine file, its types stripped", () => {
  test("imports xstate and nothing else, in types as in values", () => {
    expect(
      [...source.matchAll(/^\s*(?:import|export)\b[^;]*?\bfrom "([^"]+)"/gm)].map(([, name]) => name),
    ).toEqual(["xstate"]);
    expect(source).not.toMatch(/\bimport\(|\brequire\(|^(export )?(const )?enum /m);
  });

  test("evaluates alone, and runs", () => {
    const machine = evaluate();
    if (!isMachine(machine)) expect.fail("it exports no machine");
    const actor = xstate.createActor(machine, { clock: new xstate.SimulatedClock() }).start();
    const at = () => JSON.stringify(actor.getSnapshot().value);
    expect(at()).toBe('{"idle":"stopped"}');
    actor.send({ type: "connect" });
    expect(at()).toBe('{"connecting":"reading"}');
    actor.send({ type: "token.changed", epoch: 1, isOtherUser: false });
    expect(at()).toBe('{"connecting":"opening"}');
    actor.send({ type: "io.connected", link: 1 });
    expect(at()).toBe('{"connected":"steady"}');
    actor.send({ type: "token.changed", epoch: 2, isOtherUser: false });
    expect(at()).toBe('{"rotating":{"replacing":"settling"}}');
    actor.send({ type: "token.removed" });
    expect(at()).toBe('{"loggedOut":"signedOut"}');
    actor.stop();
  });

  test("starts nothing and touches no global", () => {
    const code = outputText.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|"[^"]*"/gm, "");
    expect(code).not.toMatch(
      /createActor\(|\b(setTimeout|setInterval|Date|Math\.random|window|document|process|console)\b/,
    );
  });
});

test("the documents say that Stately's editor shows a part, as long as it cannot follow all transitions", () => {
  const kept: string[] = [];
  const look = (node: ts.Node): void => {
    const values =
      ts.isPropertyAssignment(node) && node.name.getText() === "on" ? node.initializer : undefined;
    if (values && ts.isObjectLiteralExpression(values)) {
      for (const event of values.properties) {
        const isKept = ts.isPropertyAssignment(event) && ts.isIdentifier(event.initializer);
        if (isKept || ts.isSpreadAssignment(event)) kept.push(event.getText());
      }
    }
    ts.forEachChild(node, look);
  };
  look(ts.createSourceFile("machine.ts", source, ts.ScriptTarget.ES2022, true));
  const documents = ["../../../docs/statechart.md", "../../../README.md"].map((path) =>
    readFileSync(new URL(path, import.meta.url), "utf8"),
  );
  // Where none is left in a constant, count anew what the extractor finds, by the command in docs/statechart.md.
  expect(kept.length > 0).toBe(documents.every((text) => /Stately's editor/.test(text)));
});

describe("for whoever reads it", () => {
  const below = (state: AnyStateNode): AnyStateNode[] => [
    state,
    ...Object.values(state.states).flatMap(below),
  ];
  const states = below(connectionMachine.root);

  test("the machine has an id, and every state is described", () => {
    expect(connectionMachine.id).toBe("connection");
    expect(connectionMachine.config.id).toBe("connection");
    expect(states.length).toBeGreaterThan(15);
    expect(states.filter(({ config }) => !config.description?.trim()).map(({ id }) => id)).toEqual([]);
  });

  test("so is every transition", () => {
    const undescribed = states.flatMap(({ id, transitions }) =>
      [...transitions.values()]
        .flat()
        .filter(({ description }) => !description?.trim())
        .map(({ eventType }) => `${id} ${eventType}`),
    );
    expect(undescribed).toEqual([]);
  });

  test("no handler catches everything", () => {
    const caught = states.flatMap(({ transitions }) => [...transitions.keys()]);
    expect(caught.filter((event) => event.includes("*"))).toEqual([]);
    expect(new Set(caught).size).toBeGreaterThan(15);
  });

  test("nothing of context, events or meta could hold a token: context is numbers, booleans and codes", () => {
    const kinds = Object.values(xstate.createActor(connectionMachine).getSnapshot().context).map(
      (value) => typeof value,
    );
    expect(new Set(kinds)).toEqual(new Set(["number", "boolean", "object"]));
    expect(states.filter(({ meta }) => meta !== undefined).map(({ id }) => id)).toEqual([]);
  });
});
