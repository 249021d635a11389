/** What is in a picture of the chart, before it has a place: boxes in boxes, and lines with words on them. */
import type { AnyStateNode } from "xstate";
import { arrowsBetween, isMain, wordsFor } from "../diagram.js";
import {
  childOn,
  childrenOf,
  connection,
  descendantsOf,
  type Edge,
  eventName,
  initialOf,
  LINK_FAILURE,
  lineOf,
  ownEdges,
  pathOf,
} from "../machine.js";

export interface Box {
  /** The state's path. */
  path: string;
  name: string;
  description: string;
  /** Whether the state around it begins in this one. */
  isInitial: boolean;
  boxes: Box[];
}

export interface Line {
  from: string;
  to: string;
  /** What is written on it; a guard in brackets belongs to the events above it. */
  words: string[];
  edges: Edge[];
}

/** Transitions that lead to one state from nearly everywhere, said in words instead of in arrows. */
interface Note {
  to: string;
  from: string[];
  events: string[];
  edges: Edge[];
}

export interface Picture {
  boxes: Box[];
  /** The outermost boxes in the order of the main path; none where they are independent of each other. */
  path: string[];
  lines: Line[];
  /** Lines that would cross the picture, said in words in the outermost box in which they begin. */
  exits: Line[];
  notes: Note[];
}

/** What the overview says of an event, where that is not its name; "" for what only the whole chart says. */
const PLAIN: Record<string, string> = {
  connect: "connect()",
  refresh: "refresh()",
  "token.changed": "new token",
  "token.unreadable": "",
  "environment.resumed": "back online",
  "io.connected": "accepted",
  "io.reauthenticated": "accepted",
  "io.settled": "",
  isUpToDate: "",
  "nobody signed in": "signed out",
  "token refused": "refused",
  "refused for good": "rejected",
  "link failed": "link lost",
};

/** The five states, and the main arrows between them. */
export function overviewPicture(): Picture {
  const boxes = childrenOf(connection).map((state) => ({ ...boxOf(state), boxes: [] }));
  const lines = arrowsBetween(connection, isMain).map(({ from, to, edges }) => {
    const words = distinct(wordsFor(edges).map((word) => PLAIN[word] ?? word)).filter((word) => word !== "");
    // In one order on every arrow.
    return { from: pathOf(from), to: pathOf(to), words: words.sort().reverse(), edges };
  });
  return { boxes, path: boxes.map(({ path }) => path), lines, exits: [], notes: [] };
}

/** Every state, and every transition that leads somewhere: within a box as lines, out of it in words. */
export function fullPicture(root: AnyStateNode): Picture {
  const lines = new Map<string, Edge[]>();
  const notes = new Map<string, Edge[]>();
  for (const edge of [...descendantsOf(root)].flatMap(ownEdges)) {
    if (edge.to === undefined) continue;
    for (const from of beginningsOf(edge, edge.to)) {
      const [group, key] = isNoted({ ...edge, from })
        ? [notes, pathOf(edge.to)]
        : [lines, `${pathOf(from)} ${pathOf(edge.to)}`];
      group.set(key, [...(group.get(key) ?? []), edge]);
    }
  }
  const all = [...lines].map(([key, edges]): Line => {
    const [from = "", to = ""] = key.split(" ");
    return { from, to, words: labelsOf(edges), edges };
  });
  return {
    boxes: childrenOf(root).map(boxOf),
    path: root.type === "parallel" ? [] : childrenOf(root).map(pathOf),
    lines: all.filter((line) => !isExit(line)),
    exits: all.filter(isExit),
    notes: [...notes].map(([to, edges]) => ({
      to,
      from: distinct(edges.map(({ from }) => pathOf(from) || "every state")),
      events: distinct(edges.map(({ event }) => eventName(event))),
      edges,
    })),
  };
}

/** Whether a line leads to another outermost box, or back to where a rotation begins. */
function isExit({ from, to }: Line): boolean {
  return outermostOf(from) !== outermostOf(to) || to === "rotating.choosing";
}

/** The outermost box in which a state is. */
export const outermostOf = (path: string): string => path.split(".")[0] ?? path;

/**
 * Where the arrows of a transition begin. One from a state to its own children begins in each of the others where they
 * are few; where they are many it is noted, and begins in the initial one.
 */
function beginningsOf({ from }: Edge, to: AnyStateNode): AnyStateNode[] {
  const reached = childOn(from, to);
  if (from.parent === undefined || reached === undefined) return [from];
  const others = childrenOf(from).filter((child) => child !== reached);
  return others.length <= 2 ? others : [from, ...others.filter((child) => child === initialOf(from))];
}

/** Where nearly every state may lead. */
const COMMON_ENDS = new Set(["idle.exhausted", "loggedOut.rejected"]);

/** Whether a transition is one of many alike, from the states around a state or from most of its leaves. */
function isNoted({ from, to, guard, event }: Edge): boolean {
  if (to === undefined || from.parent === undefined) return true;
  if (COMMON_ENDS.has(pathOf(to)) || to === from) return true;
  if (guard === "isOtherUsersAnswer") return true;
  if (lineOf(to).includes(from)) return true;
  if (event === "disconnect") return true;
  const isFromRotating = from.path[0] === "rotating";
  if (isFromRotating && event === "token.changed") return true;
  return event === LINK_FAILURE && isFromRotating && to.key !== "choosing" && from.parent !== to.parent;
}

function boxOf(state: AnyStateNode): Box {
  const { parent } = state;
  return {
    path: pathOf(state),
    name: state.key,
    description: String(state.description ?? "").replaceAll("`", ""),
    isInitial: parent !== undefined && parent.type !== "parallel" && initialOf(parent) === state,
    boxes: childrenOf(state).map(boxOf),
  };
}

/** Guards that only ask which link speaks: true of every event of a link that has an answer. */
const WHICH_LINK = new Set(["isCurrentLink", "isNextLink", "isOldLink", "isCurrentAnswer"]);

/** Events with the same guard stand together, and the guard below them. */
function labelsOf(edges: readonly Edge[]): string[] {
  const byGuard = new Map<string | undefined, string[]>();
  for (const edge of edges) {
    const guard = edge.guard !== undefined && WHICH_LINK.has(edge.guard) ? undefined : edge.guard;
    byGuard.set(guard, distinct([...(byGuard.get(guard) ?? []), eventName(edge.event)]));
  }
  return [...byGuard].flatMap(([guard, events]) =>
    guard === undefined ? events : [...events, `[${guard}]`],
  );
}

const distinct = (words: readonly string[]): string[] => [...new Set(words)];
