import { expect, test } from "vitest";
import { connectionMachine } from "../../machines/index.js";
import { DOCUMENTS, diagram, overview, redraw, transitionTables } from "../../scripts/diagram.js";
import { read } from "./documents.js";

test.each(DOCUMENTS)("the statechart in %s is the machine's; else run `npm run diagram`", (document) => {
  expect(read(document)).toBe(redraw(read(document)));
});

test("a document that is stale is drawn anew", () => {
  const stale = read("README.md").replace("idle --> connecting", "idle --> connected");
  expect(redraw(stale)).toBe(read("README.md"));
});

test("README has the overview, docs/statechart.md the whole", () => {
  expect(read("README.md")).toContain(overview());
  expect(read("docs/statechart.md")).toContain(diagram());
  expect(read("docs/statechart.md")).toContain(transitionTables());
});

test("the overview has every state of the machine, and the whole every child", () => {
  for (const [name, state] of Object.entries(connectionMachine.root.states)) {
    expect(overview()).toContain(`${name}: ${name}`);
    expect(diagram()).toContain(`state "${name}" as ${name} {`);
    for (const child of Object.keys(state.states)) expect(diagram()).toMatch(childPattern(name, child));
  }
});

const childPattern = (name: string, child: string): RegExp =>
  new RegExp(`(${name}_${child}: ${child}|state "${child}" as ${name}_${child} {)`);

test("every transition is described by the machine", () => {
  expect(transitionTables()).not.toMatch(/\|\s*\|$/m);
});
