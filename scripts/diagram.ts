/**
 * Draws a chart from the machine itself: a Mermaid diagram of the main edges, and a table of every transition in the
 * machine's own words. scripts/draw.ts writes them between the markers in the documents.
 */
import type { AnyStateNode } from "xstate";
import {
  AT_ONCE,
  childOn,
  childrenOf,
  code,
  connection,
  credential,
  descendantsOf,
  type Edge,
  edgesOf,
  eventName,
  initialOf,
  LINK_FAILURE,
  leavesOf,
  ownEdges,
  pathOf,
} from "./machine.js";
import { fillMarkers } from "./markers.js";

/** The files with markers, relative to the root of the repository. */
export const DOCUMENTS = ["docs/statechart.md"] as const;

/** What every state of the connection answers alike: said once in words, instead of in an arrow from each. */
const EVERYWHERE = new Set(["token.removed", "disconnect", "links.lost"]);
const isEverywhere = ({ event, from }: Edge): boolean =>
  EVERYWHERE.has(event) && from.machine.id === connection.machine.id;

/** What the overview leaves out: the end of all attempts. */
export const isMain = ({ to }: Edge): boolean => to?.key !== "exhausted";

/** The whole diagram: every child, arrows inside each state, and arrows between them. */
export function diagram(root: AnyStateNode): string {
  return ["stateDiagram-v2", ...indent([...beginning(root), ...contents(root)])].join("\n");
}

/** Where a state begins; in all of its children, where they are independent of each other. */
function beginning(state: AnyStateNode): string[] {
  return state.type === "parallel" ? [] : [`[*] --> ${nameOf(initialOf(state))}`];
}

function contents(state: AnyStateNode): string[] {
  const boxes = childrenOf(state).flatMap((child) =>
    childrenOf(child).length === 0 ? namesOf([child]) : box(child, [...beginning(child), ...contents(child)]),
  );
  return [...boxes, ...arrows(state, () => true)];
}

function box(state: AnyStateNode, lines: readonly string[]): string[] {
  return [`state "${state.key}" as ${nameOf(state)} {`, ...indent(lines), "}"];
}

function namesOf(states: readonly AnyStateNode[]): string[] {
  return states.map((state) => `${nameOf(state)}: ${state.key}`);
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** The arrows between the children of a state, all transitions between the same two in one arrow. */
function arrows(parent: AnyStateNode, isDrawn: (edge: Edge) => boolean): string[] {
  return arrowsBetween(parent, isDrawn).map(
    ({ from, to, edges }) => `${nameOf(from)} --> ${nameOf(to)}: ${wordsFor(edges).join("<br>")}`,
  );
}

/** What Mermaid and the overview write on an arrow: each word once. */
export function wordsFor(edges: readonly Edge[]): string[] {
  return [...new Set(edges.flatMap((edge) => (edge.to === undefined ? [] : [labelOf(edge, edge.to)])))];
}

/** The transitions between two children of a state. */
export interface Arrow {
  from: AnyStateNode;
  to: AnyStateNode;
  edges: Edge[];
}

export function arrowsBetween(parent: AnyStateNode, isDrawn: (edge: Edge) => boolean): Arrow[] {
  const found = new Map<string, Arrow>();
  for (const from of childrenOf(parent)) {
    for (const edge of leavesOf(from).flatMap(edgesOf)) {
      if (edge.to === undefined || isEverywhere(edge) || !isDrawn(edge)) continue;
      const to = childOn(parent, edge.to);
      if (to === undefined || to === from) continue;
      const key = `${from.id} ${to.id}`;
      const arrow = found.get(key) ?? { from, to, edges: [] };
      arrow.edges.push(edge);
      found.set(key, arrow);
    }
  }
  return [...found.values()];
}

function labelOf({ event, guard }: Edge, to: AnyStateNode): string {
  if (event === AT_ONCE) return guard ?? "else";
  if (to.key === "exhausted") return "out of attempts";
  if (to.key === "rejected") return "refused for good";
  if (event === LINK_FAILURE && to.key === "signedOut") return "nobody signed in";
  if (event === LINK_FAILURE) return to.key === "refreshing" ? "token refused" : "link failed";
  return eventName(event);
}

/** A state's name in the diagram, where names are global. */
function nameOf(state: AnyStateNode): string {
  return state.path.join("_");
}

/** Every transition, state by state: one table each, in the machine's own words. */
export function transitionTables(root: AnyStateNode): string {
  // A root that answers nothing has no table.
  const states = [...descendantsOf(root)].filter((state) => state !== root || ownEdges(root).length > 0);
  const sections = states.map((state) => {
    const heading = state === root ? "### Every state" : `### ${"`"}${pathOf(state)}${"`"}`;
    const words = state === root ? "These hold unless a state below says otherwise." : wordsOf(state);
    const rows = rowsOf(state);
    const table = rows.length === 0 ? [] : ["| event | if | to | why |", "|---|---|---|---|", ...rows, ""];
    return [heading, "", words, "", ...table].join("\n");
  });
  return sections.join("\n").trimEnd();
}

/** The rows of a state's table; events that are answered alike share theirs. */
function rowsOf(state: AnyStateNode): string[] {
  const answers = new Map<string, string>();
  for (const { event, guard, to, description } of ownEdges(state)) {
    const cells = [
      guard === undefined ? "" : code(guard),
      to === undefined ? "stays" : code(pathOf(to)),
      description,
    ];
    const answer = `${cells.join(" | ")} |\n`;
    answers.set(event, (answers.get(event) ?? "") + answer);
  }
  const events = new Map<string, string[]>();
  for (const [event, answer] of answers)
    events.set(answer, [...(events.get(answer) ?? []), code(eventName(event))]);
  return [...events].flatMap(([answer, names]) =>
    answer
      .trimEnd()
      .split("\n")
      .map((line) => `| ${names.join(", ")} | ${line}`),
  );
}

function wordsOf(state: AnyStateNode): string {
  const invoked = state.invoke.map(({ src }) => `Runs ${code(String(src))}.`);
  const begins = childrenOf(state).length === 0 ? [] : [`Begins in ${code(initialOf(state).key)}.`];
  return [String(state.description ?? ""), ...begins, ...invoked].join(" ");
}

/** A document with its diagram and its tables drawn anew. */
export function redraw(document: string): string {
  return fillMarkers(document, {
    diagram: fenced(diagram(connection)),
    transitions: transitionTables(connection),
    "credential diagram": fenced(diagram(credential)),
    "credential transitions": transitionTables(credential),
  });
}

function fenced(text: string): string {
  return `${"```"}mermaid\n${text}\n${"```"}`;
}
