import { describe, expect, it } from "vitest";
import type { AnyStateNode } from "xstate";
import { connectionMachine } from "../../machines/index.js";
import { type Edge, edgesOf, type Setup } from "./graph.js";
import { World } from "./world.js";

/** As far as one world is taken before the next begins from nothing. */
const STEPS_A_WORLD = 400;

const plain: Setup = {
  hasRefresh: true,
  reconnectionAttempts: 2,
  rotation: "auto",
  isOpaque: false,
  isBrief: false,
};
const brief: Setup = { ...plain, reconnectionAttempts: 1, isBrief: true };

const SETUPS: [string, Setup][] = [
  ["with refresh", plain],
  ["without refresh", { ...plain, hasRefresh: false }],
  [
    "a server that takes another token on the same link",
    { ...brief, reconnectionAttempts: Number.POSITIVE_INFINITY, serverHalf: { reauthenticate: true } },
  ],
  ["a new link beside the old one", { ...brief, rotation: "overlap" }],
  [
    "a user whom only the server can name",
    { ...brief, isOpaque: true, serverHalf: { reauthenticate: false } },
  ],
  [
    "a session in a cookie",
    {
      ...brief,
      // One for the first change of a session, and one for the next.
      reconnectionAttempts: 2,
      hasRefresh: false,
      isOpaque: true,
      isCookie: true,
      serverHalf: { reauthenticate: false },
    },
  ],
];

const taken = new Set<string>();

describe.each(SETUPS)("every edge of the machine's graph, %s", (_, setup) => {
  it("is the same step in the real interpreter, and G1 to G5 and G9 hold after it", {
    timeout: 240_000,
  }, async () => {
    const { start, edges } = edgesOf(setup);
    const outgoing = new Map<string, Edge[]>();
    for (const edge of edges) outgoing.set(edge.from, [...(outgoing.get(edge.from) ?? []), edge]);
    const left = new Map([...outgoing].map(([from, list]) => [from, [...list]]));
    let remaining = edges.length;
    let isStuck = false;
    while (remaining > 0 && !isStuck) {
      const world = new World(setup);
      const steps: string[] = [];
      let at = start;
      const go = async (edge: Edge): Promise<void> => {
        steps.push(JSON.stringify(edge.event));
        try {
          await world.live(edge);
          if (isDraining(edge.to) && world.hasNothingDue) {
            // The old link was never written on, so that the world is a step ahead, and this way leads elsewhere.
            outgoing.set(
              edge.from,
              (outgoing.get(edge.from) ?? []).filter((each) => each !== edge),
            );
          } else expect(world.key).toBe(edge.to);
        } catch (cause) {
          throw new Error(`After these steps:\n${steps.slice(-25).join("\n")}\nfrom ${at}\n${cause}`, {
            cause,
          });
        }
        at = world.key;
      };
      while (steps.length < STEPS_A_WORLD && remaining > 0) {
        const untried = left.get(at)?.shift();
        const way = untried ? [untried] : wayToUntried(at, outgoing, left);
        if (untried) remaining -= 1;
        isStuck = way.length === 0 && steps.length === 0;
        if (way.length === 0) break;
        for (const edge of way) {
          await go(edge);
          if (at !== edge.to) break;
        }
      }
      for (const each of world.taken) taken.add(each);
      await world.end();
    }
    const untried = [...left].flatMap(([from, list]) => (isDraining(from) ? [] : list));
    expect(untried, "steps that no way led to").toEqual([]);
  });
});

function isDraining(key: string): boolean {
  return key.includes('"draining"');
}

/** An answer that comes when the chart has long taken a weaker way: test/late-answer.test.ts. */
const ELSEWHERE = "connection.rotating io.reauthenticationFailed 0";

describe("the transitions of the machine", () => {
  it("are all taken by the walks above", () => {
    const missed = transitionsOf(connectionMachine.root).filter(
      (transition) => transition !== ELSEWHERE && !taken.has(transition),
    );
    expect(missed).toEqual([]);
  });
});

/** The shortest way from a state to one that still has a step to try. */
function wayToUntried(
  from: string,
  outgoing: ReadonlyMap<string, readonly Edge[]>,
  left: ReadonlyMap<string, readonly Edge[]>,
): Edge[] {
  const cameBy = new Map<string, Edge | undefined>([[from, undefined]]);
  for (const at of cameBy.keys()) {
    if ((left.get(at)?.length ?? 0) > 0) return wayTo(at, cameBy);
    for (const edge of outgoing.get(at) ?? []) if (!cameBy.has(edge.to)) cameBy.set(edge.to, edge);
  }
  return [];
}

function wayTo(at: string, cameBy: ReadonlyMap<string, Edge | undefined>): Edge[] {
  const edge = cameBy.get(at);
  return edge === undefined ? [] : [...wayTo(edge.from, cameBy), edge];
}

function transitionsOf(node: AnyStateNode): string[] {
  const own = [...node.transitions].flatMap(([event, list]) =>
    list.map((_, index) => `${node.id} ${event} ${index}`),
  );
  const always = (node.always ?? []).map((_, index) => `${node.id} always ${index}`);
  return [...own, ...always, ...Object.values(node.states).flatMap(transitionsOf)];
}
