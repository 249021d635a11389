import { expect } from "../contract.js";
import { differenceOf, shortOf } from "./difference.js";
import type { Edge, Graph } from "./graph.js";
import type { World } from "./world.js";

/** As far as one world is taken before the next begins from nothing. */
const STEPS_A_WORLD = 400;

/** How many of the last steps an error shows. */
const SHOWN = 25;

const ASTRAY = "The connection is not where its statechart would be with parts that keep their contracts:";
const ADVICE =
  "Run storageContract or ioContract on an adapter of yours first. If your parts use timers, or more than twenty turns of the microtask queue, give settled; an io of yours opens its links on the adapter that it is given.";

/** The edges by the state that they lead from. */
type Ways = Map<string, Edge[]>;

/** A graph, and the edges of it that are to be lived. */
interface Plan {
  start: string;
  ways: Ways;
  left: Ways;
}

/**
 * Lives each of the targets in a world, on the shortest ways from one to the next, and checks after each step on the
 * way that the world is where the graph says. Answers with the transitions that were taken.
 */
export async function walk(
  { start, edges }: Graph,
  targets: readonly Edge[],
  create: () => Promise<{ world: World; dispose(): Promise<void> }>,
  taken: Set<string>,
): Promise<void> {
  const plan: Plan = { start, ways: waysOf(edges), left: waysOf(targets) };
  let isStuck = false;
  while (!isStuck && [...plan.left.values()].some((list) => list.length > 0)) {
    const { world, dispose } = await create();
    try {
      isStuck = !(await liveOne(world, plan));
      await world.end();
      for (const each of world.taken) taken.add(each);
    } finally {
      await dispose();
    }
  }
  // How long an old link drains is the world's to decide, so that not every way out of that can be chosen.
  const missed = [...plan.left].flatMap(([from, list]) => (isDraining(from) ? [] : list));
  const [first] = missed;
  expect(
    first === undefined,
    `No way led to ${missed.length} of its steps, the first of them ${JSON.stringify(first?.event)} in ${first?.from}.`,
  );
}

/** Takes one world as far as it goes; answers whether it took a step. */
async function liveOne(world: World, { start, ways, left }: Plan): Promise<boolean> {
  const steps: string[] = [];
  let at = start;
  /** Does something, and lets an error say what led to it. */
  const retrace = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (cause) {
      const words = cause instanceof Error ? cause.message : `it threw ${typeof cause}`;
      const last = steps.slice(-SHOWN).join("\n");
      throw new Error(`${words}\nafter these steps:\n${last}\nthe last one in ${shortOf(at)}`, { cause });
    }
  };
  const live = async (edge: Edge): Promise<void> => {
    steps.push(JSON.stringify(edge.event));
    await retrace(async () => {
      await world.live(edge);
      if (isDraining(edge.to) && world.hasNothingDue) {
        // The old link was never written on, so that the world is a step ahead, and this way leads elsewhere.
        ways.set(
          edge.from,
          (ways.get(edge.from) ?? []).filter((each) => each !== edge),
        );
      } else {
        const { key } = world;
        if (key !== edge.to) throw new Error(`${ASTRAY}\n${differenceOf(edge.to, key)}\n${ADVICE}`);
      }
    });
    const list = left.get(edge.from);
    if (list?.includes(edge)) {
      left.set(
        edge.from,
        list.filter((each) => each !== edge),
      );
    }
    at = world.key;
  };
  while (steps.length < STEPS_A_WORLD) {
    const way = wayToUntried(at, ways, left);
    if (way.length === 0) break;
    for (const edge of way) {
      await live(edge);
      if (at !== edge.to) break;
    }
  }
  await retrace(() => world.recover());
  return steps.length > 0;
}

function isDraining(key: string): boolean {
  return key.includes('"draining"');
}

function waysOf(edges: readonly Edge[]): Ways {
  const ways: Ways = new Map();
  for (const edge of edges) {
    const list = ways.get(edge.from);
    if (list) list.push(edge);
    else ways.set(edge.from, [edge]);
  }
  return ways;
}

/** The shortest way from a state to a step that is still to be tried, and that step. */
function wayToUntried(from: string, ways: Ways, left: Ways): Edge[] {
  const cameBy = new Map<string, Edge | undefined>([[from, undefined]]);
  for (const at of cameBy.keys()) {
    const [untried] = left.get(at) ?? [];
    if (untried) return [...wayTo(at, cameBy), untried];
    for (const edge of ways.get(at) ?? []) if (!cameBy.has(edge.to)) cameBy.set(edge.to, edge);
  }
  return [];
}

function wayTo(at: string, cameBy: ReadonlyMap<string, Edge | undefined>): Edge[] {
  const edge = cameBy.get(at);
  return edge === undefined ? [] : [...wayTo(edge.from, cameBy), edge];
}
