/**
 * Draws the statechart from the machine itself: a Mermaid diagram of the main edges, and a table of every transition
 * in the machine's own words. `npm run diagram` writes them between the markers in README.md and docs/statechart.md;
 * test/docs/diagram.test.ts fails when they are stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AnyStateNode } from "xstate";
import { connectionMachine } from "../machines/index.js";

/** The files with markers, relative to the root of the repository. */
export const DOCUMENTS = ["README.md", "docs/statechart.md"] as const;

/** One transition as the machine has it. */
interface Edge {
  /** The state on which it is defined. */
  from: AnyStateNode;
  event: string;
  /** The guard's name; `undefined` where it is always taken. */
  guard: string | undefined;
  /** The leaf that it ends in; `undefined` where the state stays. */
  to: AnyStateNode | undefined;
  description: string;
}

/** What every state answers alike: said once in words, instead of in an arrow from each. */
const EVERYWHERE = new Set(["token.removed", "disconnect"]);
const LINK_FAILURES = new Set(["io.refused", "io.failed", "io.disconnected"]);

const root: AnyStateNode = connectionMachine.root;

/** The overview: the five states, and the main arrows between them. */
export function overview(): string {
  const isMain = ({ to }: Edge): boolean => to?.key !== "exhausted";
  return [...header(), ...indent(namesOf(childrenOf(root))), ...indent(arrows(root, isMain))].join("\n");
}

/** The whole diagram: every child, arrows inside each state, and arrows between them. */
export function diagram(): string {
  return [...header(), ...indent(contents(root))].join("\n");
}

function header(): string[] {
  return ["stateDiagram-v2", `  [*] --> ${nameOf(initialOf(root))}`];
}

function contents(state: AnyStateNode): string[] {
  const boxes = childrenOf(state).flatMap((child) =>
    childrenOf(child).length === 0
      ? namesOf([child])
      : box(child, [`[*] --> ${nameOf(initialOf(child))}`, ...contents(child)]),
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
  const labels = new Map<string, Set<string>>();
  for (const from of childrenOf(parent)) {
    for (const edge of leavesOf(from).flatMap(edgesOf)) {
      if (edge.to === undefined || EVERYWHERE.has(edge.event) || !isDrawn(edge)) continue;
      const to = childOn(parent, edge.to);
      if (to === undefined || to === from) continue;
      const arrow = `${nameOf(from)} --> ${nameOf(to)}`;
      labels.set(arrow, (labels.get(arrow) ?? new Set()).add(labelOf(edge, edge.to)));
    }
  }
  return [...labels].map(([arrow, words]) => `${arrow}: ${[...words].join("<br>")}`);
}

function labelOf({ event, guard }: Edge, to: AnyStateNode): string {
  if (event === AT_ONCE) return guard ?? "else";
  if (to.key === "exhausted") return "out of attempts";
  if (to.key === "rejected") return "refused for good";
  if (LINK_FAILURES.has(event) && to.key === "signedOut") return "nobody signed in";
  if (LINK_FAILURES.has(event) && guard?.includes("Change")) return "session changed";
  if (LINK_FAILURES.has(event)) return to.key === "refreshing" ? "token refused" : "link failed";
  return eventName(event);
}

/** A state's name in the diagram, where names are global. */
function nameOf(state: AnyStateNode): string {
  return state.path.join("_");
}

/** Every transition, state by state: one table each, in the machine's own words. */
export function transitionTables(): string {
  const sections = [...descendantsOf(root)].map((state) => {
    const heading = state === root ? "### Every state" : `### ${"`"}${pathOf(state)}${"`"}`;
    const words =
      state === root ? "What holds wherever a state below does not say otherwise." : wordsOf(state);
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

/** A document with what is between its markers drawn anew: `<!-- name: … -->` and `<!-- name end -->`. */
export function redraw(document: string): string {
  const drawn = { overview: fenced(overview()), diagram: fenced(diagram()), transitions: transitionTables() };
  return Object.entries(drawn).reduce((text, [name, content]) => {
    const begin = new RegExp(`<!-- ${name}: .* -->`).exec(text);
    if (begin === null) return text;
    const contentAt = begin.index + begin[0].length;
    const endAt = text.indexOf(`<!-- ${name} end -->`, contentAt);
    if (endAt === -1) throw new Error(`The marker "${name}" has no end`);
    return `${text.slice(0, contentAt)}\n\n${content}\n\n${text.slice(endAt)}`;
  }, document);
}

function fenced(text: string): string {
  return `${"```"}mermaid\n${text}\n${"```"}`;
}

/** What a transition that waits for nothing is called. */
const AT_ONCE = "at once";

function ownEdges(state: AnyStateNode): Edge[] {
  return [...state.transitions, [AT_ONCE, state.always ?? []] as const].flatMap(([event, transitions]) =>
    transitions.map(({ guard, target, description }) => {
      const [to] = target ?? [];
      return {
        from: state,
        event,
        guard: typeof guard === "string" ? guard : undefined,
        to: to && leafOf(to),
        description: description ?? "",
      };
    }),
  );
}

/** The transitions that a leaf can take: its own, and those of its ancestors that it does not override. */
function edgesOf(leaf: AnyStateNode): Edge[] {
  // It is left before anything else can happen in it.
  if ((leaf.always ?? []).length > 0) return ownEdges(leaf);
  const taken: Edge[] = [];
  const settled = new Set(hasLink(leaf) ? [] : [...LINK_FAILURES, "io.connected", "io.settled"]);
  for (const state of lineOf(leaf)) {
    const edges = ownEdges(state).filter(({ event }) => !settled.has(event));
    taken.push(...edges);
    for (const { event, guard } of edges) if (guard === undefined) settled.add(event);
  }
  return taken;
}

/** Whether there can be a link in this leaf: the innermost entry that opens or closes one decides. */
function hasLink(leaf: AnyStateNode): boolean {
  for (const { entry } of lineOf(leaf)) {
    if (entry.includes("openLink")) return true;
    if (entry.includes("closeLink")) return false;
  }
  return true;
}

function childrenOf(state: AnyStateNode): AnyStateNode[] {
  return Object.values(state.states);
}

function leavesOf(state: AnyStateNode): AnyStateNode[] {
  const children = childrenOf(state);
  return children.length === 0 ? [state] : children.flatMap(leavesOf);
}

function* descendantsOf(state: AnyStateNode): Iterable<AnyStateNode> {
  yield state;
  for (const child of childrenOf(state)) yield* descendantsOf(child);
}

/** A state and its ancestors, innermost first. */
function lineOf(state: AnyStateNode): AnyStateNode[] {
  return state.parent === undefined ? [state] : [state, ...lineOf(state.parent)];
}

function initialOf(state: AnyStateNode): AnyStateNode {
  const [initial] = state.initial.target ?? [];
  if (initial === undefined) throw new Error(`${state.id} has no initial state`);
  return initial;
}

function leafOf(state: AnyStateNode): AnyStateNode {
  return childrenOf(state).length === 0 ? state : leafOf(initialOf(state));
}

/** The child of `parent` that a state is or lies in. */
function childOn(parent: AnyStateNode, state: AnyStateNode): AnyStateNode | undefined {
  return lineOf(state).find((each) => each.parent === parent);
}

function pathOf(state: AnyStateNode): string {
  return state.path.join(".");
}

function eventName(event: string): string {
  return event.replace(/^xstate\.after\.([^.]+)\..*$/, "after $1");
}

function code(text: string): string {
  return `${"`"}${text}${"`"}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const document of DOCUMENTS) {
    const path = fileURLToPath(new URL(`../${document}`, import.meta.url));
    writeFileSync(path, redraw(readFileSync(path, "utf8")));
  }
}
