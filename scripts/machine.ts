/** The charts as the pictures and tables of them read them: their states, and their transitions as they stand in the source. */
import type { AnyStateNode } from "xstate";
import { connectionMachine, credentialMachine } from "../machines/index.js";

/** One transition as the machine has it. */
export interface Edge {
  /** Its name for good, such as `connecting.reading/token.certain/0`: where it is defined, the event, which of them. */
  id: string;
  /** The state on which it is defined. */
  from: AnyStateNode;
  event: string;
  /** The guard's name; `undefined` where it is always taken. */
  guard: string | undefined;
  /** The leaf that it ends in; `undefined` where the state stays. */
  to: AnyStateNode | undefined;
  description: string;
}

/** The roots of both charts. */
export const connection: AnyStateNode = connectionMachine.root;
export const credential: AnyStateNode = credentialMachine.root;

export const LINK_FAILURE = "io.ended";

/** What a transition that waits for nothing is called. */
export const AT_ONCE = "at once";

export function ownEdges(state: AnyStateNode): Edge[] {
  return [...state.transitions, [AT_ONCE, state.always ?? []] as const].flatMap(([event, transitions]) =>
    transitions.map(({ guard, target, description }, index) => {
      const [to] = target ?? [];
      return {
        id: `${pathOf(state)}/${eventName(event).replaceAll(" ", "-")}/${index}`,
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
export function edgesOf(leaf: AnyStateNode): Edge[] {
  // It is left before anything else can happen in it.
  if ((leaf.always ?? []).length > 0) return ownEdges(leaf);
  const taken: Edge[] = [];
  const settled = new Set(hasLink(leaf) ? [] : [LINK_FAILURE, "io.connected", "io.settled"]);
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
    if (entry.includes("closeLinks")) return false;
  }
  return true;
}

export function childrenOf(state: AnyStateNode): AnyStateNode[] {
  return Object.values(state.states);
}

export function leavesOf(state: AnyStateNode): AnyStateNode[] {
  const children = childrenOf(state);
  return children.length === 0 ? [state] : children.flatMap(leavesOf);
}

export function* descendantsOf(state: AnyStateNode): Iterable<AnyStateNode> {
  yield state;
  for (const child of childrenOf(state)) yield* descendantsOf(child);
}

/** A state and its ancestors, innermost first. */
export function lineOf(state: AnyStateNode): AnyStateNode[] {
  return state.parent === undefined ? [state] : [state, ...lineOf(state.parent)];
}

export function initialOf(state: AnyStateNode): AnyStateNode {
  const [initial] = state.initial.target ?? [];
  if (initial === undefined) throw new Error(`${state.id} has no initial state`);
  return initial;
}

function leafOf(state: AnyStateNode): AnyStateNode {
  return childrenOf(state).length === 0 ? state : leafOf(initialOf(state));
}

/** The child of `parent` that a state is or lies in. */
export function childOn(parent: AnyStateNode, state: AnyStateNode): AnyStateNode | undefined {
  return lineOf(state).find((each) => each.parent === parent);
}

export function pathOf(state: AnyStateNode): string {
  return state.path.join(".");
}

export function eventName(event: string): string {
  return event.replace(/^xstate\.after\.([^.]+)\..*$/, "after $1");
}

export function code(text: string): string {
  return `${"`"}${text}${"`"}`;
}
