import { describe, expect, test } from "vitest";
import { DOCUMENTS, diagram, redraw, transitionTables } from "../../scripts/diagram.js";
import { draw, PICTURES } from "../../scripts/draw.js";
import {
  childrenOf,
  connection,
  credential,
  descendantsOf,
  ownEdges,
  pathOf,
} from "../../scripts/machine.js";
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
  const document = read("docs/statechart.md");
  for (const picture of ["](statechart.svg)", "](credential.svg)"]) expect(document).toContain(picture);
  for (const root of [connection, credential]) {
    expect(document).toContain(diagram(root));
    expect(document).toContain(transitionTables(root));
  }
});

test("the tables of events have every event of both charts", () => {
  const [, table = ""] = read("docs/statechart.md").split("## The events");
  const listed = [...(table.split("\n## ")[0] ?? "").matchAll(/`([\w]+(?:\.\w+)?)`(?=.*\|.*\|)/g)].map(
    ([, name]) => name,
  );
  for (const event of Object.keys(CAUSES)) expect(listed).toContain(event);
  for (const event of credential.machine.events.filter((name) => !name.startsWith("xstate.")))
    expect(listed).toContain(event);
});

test.each([connection, credential])("the diagram of $id has every state and every child", (root) => {
  for (const state of [...descendantsOf(root)].filter(({ parent }) => parent !== undefined)) {
    const name = state.path.join("_");
    expect(diagram(root)).toContain(
      childrenOf(state).length > 0 ? `state "${state.key}" as ${name} {` : `${name}: ${state.key}`,
    );
  }
});

describe.each([
  [connection, "docs/statechart.svg"],
  [credential, "docs/credential.svg"],
] as const)("the picture of $id", (root, path) => {
  const picture = read(path);
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

test("every transition is described by its chart", () => {
  for (const root of [connection, credential]) expect(transitionTables(root)).not.toMatch(/\|\s*\|$/m);
});
