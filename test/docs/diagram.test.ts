import { describe, expect, test } from "vitest";
import { connectionMachine } from "../../machines/index.js";
import { DOCUMENTS, diagram, redraw, transitionTables } from "../../scripts/diagram.js";
import { draw, PICTURES } from "../../scripts/draw.js";
import { descendantsOf, ownEdges, pathOf, root } from "../../scripts/machine.js";
import { CAUSES } from "../../src/inspect/words.js";
import { read } from "./documents.js";

test.each(DOCUMENTS)("the statechart in %s is the machine's; else run `npm run diagram`", (document) => {
  expect(read(document)).toBe(redraw(read(document)));
});

test.each(PICTURES)("%s is the machine's; else run `npm run diagram`", async (picture) => {
  expect(read(picture)).toBe(await draw(picture));
});

test("a document that is stale is drawn anew", () => {
  const document = read("docs/statechart.md");
  const stale = document.replace("idle --> connecting", "idle --> connected");
  expect(stale).not.toBe(document);
  expect(redraw(stale)).toBe(document);
});

test("README shows the overview, docs/statechart.md the whole", () => {
  expect(read("README.md")).toContain("](docs/overview.svg)");
  expect(read("docs/statechart.md")).toContain("](statechart.svg)");
  expect(read("docs/statechart.md")).toContain(diagram());
  expect(read("docs/statechart.md")).toContain(transitionTables());
});

test("the table of events has every event of the machine", () => {
  const [, table = ""] = read("docs/statechart.md").split("## The events");
  const listed = [...(table.split("\n## ")[0] ?? "").matchAll(/`([\w]+(?:\.\w+)?)`(?=.*\|.*\|)/g)].map(
    ([, name]) => name,
  );
  for (const event of Object.keys(CAUSES)) expect(listed).toContain(event);
});

test("the diagram has every state of the machine and every child", () => {
  for (const [name, state] of Object.entries(connectionMachine.root.states)) {
    expect(diagram()).toContain(`state "${name}" as ${name} {`);
    for (const child of Object.keys(state.states)) expect(diagram()).toMatch(childPattern(name, child));
  }
});

const childPattern = (name: string, child: string): RegExp =>
  new RegExp(`(${name}_${child}: ${child}|state "${child}" as ${name}_${child} {)`);

describe("the picture of the whole", () => {
  const picture = read("docs/statechart.svg");
  const idsIn = (attribute: string): string[] =>
    [...picture.matchAll(new RegExp(`<g [^>]*${attribute}="([^"]*)"`, "g"))].flatMap(([, ids = ""]) =>
      ids.split(" "),
    );

  test("has every state by its path", () => {
    const states = [...descendantsOf(root)].map(pathOf).filter((path) => path !== "");
    expect(new Set(idsIn("data-state"))).toEqual(new Set(states));
    for (const path of states) expect(picture).toContain(`id="state-${path.replaceAll(".", "-")}"`);
  });

  test("has every transition that leads somewhere by its id, as an arrow or in a note", () => {
    const leading = [...descendantsOf(root)].flatMap(ownEdges).filter(({ to }) => to !== undefined);
    const ids = leading.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(idsIn("data-transitions"))).toEqual(new Set(ids));
  });

  test("asks for nothing from elsewhere", () => {
    expect(picture.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|url\(|href|<script/);
  });
});

test("every transition is described by the machine", () => {
  expect(transitionTables()).not.toMatch(/\|\s*\|$/m);
});
