import { connectionMachine } from "../../machines/index.js";
import { invalidOption } from "../errors.js";
import type { IoAdapter } from "../io/io-adapter.js";
import { wordsOf } from "../state-path.js";
import { memoryStorage } from "../storage/memory-storage.js";
import type { ContractRule } from "./contract.js";
import { checkExtension } from "./model/extension.js";
import { type ConnectionMachine, type Edge, graphOf } from "./model/graph.js";
import { type ModelSetup, SETUPS, type Setup } from "./model/setups.js";
import { walk } from "./model/walk.js";
import { World } from "./model/world.js";
import type { StorageHarness } from "./storage-contract.js";

/** What of yours the statechart is replayed with; what is left out is the kit's own. */
export interface ModelOptions {
  /** Your storage adapter, as {@link storageContract} takes it; called for each world, several times a case. */
  storage?: () => StorageHarness | Promise<StorageHarness>;
  /** Your IO adapter, around the given one, which is a fake that the model drives. */
  io?: (io: IoAdapter) => IoAdapter;
  /**
   * Your statechart: the given one with implementations of your own, by `machine.provide()`. Actions, guards and delays
   * may be any, and of the actors the `environment`. The model plays the other four itself: your storage and your IO
   * adapter take part by the options above.
   */
  extend?: (machine: ConnectionMachine) => ConnectionMachine;
  /**
   * Waits until everything that your parts do of themselves has been done.
   * @defaultValue twenty turns of the microtask queue, which is for parts that use promises and no timers
   */
  settled?: () => Promise<void>;
  /** Which set-ups to walk through. @defaultValue all of them */
  setups?: readonly ModelSetup[];
}

/** All steps out of one state of the chart on one event, as a test. */
export interface ModelCase extends ContractRule {
  /** How many steps of the graph it is about: one for each context in which the event may come. */
  readonly steps: number;
  /** The transitions of the chart that it has taken, as state, event and position; empty until it has run. */
  readonly taken: ReadonlySet<string>;
}

/**
 * Every step that the statechart can take, as a list of tests for any test runner: {@link connectionMachine} is
 * explored to its last state, then the real interpreter with the real parts lives through each step of that graph.
 * After each one it must be where the graph says, and guarantees G1 to G5 must hold; at the end of each walk a token and
 * a server that accepts it must be enough to be connected (G8), and nothing may be left once it is stopped (G9).
 *
 * Making the list explores the graph, which takes a few seconds; all cases together take a minute or two.
 *
 * @param options - Your adapters and your implementations.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` where `extend` gives a name that the statechart does not have, or
 *   replaces an actor that the model plays, and where `setups` names none that there is.
 * @returns the cases, each independent of the others; `run` rejects with an `Error` that says what is broken, and
 *   after which steps.
 * @example
 * ```ts
 * import { memoryStorage } from "socket-rotor";
 * import { connectionModel } from "socket-rotor/testing";
 *
 * const cases = connectionModel({
 *   storage() {
 *     const adapter = memoryStorage(); // yours
 *     return { adapter, set: (token) => adapter.write(token) };
 *   },
 *   setups: ["without refresh"],
 * });
 * for (const { run } of cases.slice(0, 5)) await run();
 * ```
 */
export function connectionModel(options: ModelOptions = {}): readonly ModelCase[] {
  const { storage = inMemory, io = same, extend = same, settled = microtasks } = options;
  checkExtension(connectionMachine, extend(connectionMachine));
  return chosen(options.setups).flatMap(([name, setup]) => {
    const graph = graphOf(setup, extend);
    return [...casesOf(graph.edges)].map(([words, targets]): ModelCase => {
      const taken = new Set<string>();
      const title = `${name}: ${words}`;
      return {
        name: title,
        steps: targets.length,
        taken,
        async run() {
          const create = async () => {
            const harness = await storage();
            const dispose = async (): Promise<void> => harness.dispose?.();
            return { world: new World(setup, { extend, io, settled }, harness), dispose };
          };
          try {
            await walk(graph, targets, create, taken);
          } catch (cause) {
            const told = cause instanceof Error ? cause.message : `it threw ${typeof cause}`;
            throw new Error(`The connection model is broken: "${title}". ${told}`, { cause });
          }
        },
      };
    });
  });
}

/** The set-ups of these names, or all of them; a misspelt one would be no test at all. */
function chosen(names: readonly string[] | undefined): [name: string, setup: Setup][] {
  const all = Object.entries<Setup>(SETUPS);
  const unknown = names?.find((name) => !Object.hasOwn(SETUPS, name));
  if (unknown !== undefined) {
    const known = all.map(([name]) => `"${name}"`).join(", ");
    throw invalidOption(`connectionModel(): "setups" has none called "${unknown}". There are ${known}.`);
  }
  return all.filter(([name]) => names?.includes(name) ?? true);
}

/** The edges by the state that they lead from and the event, in words. */
function casesOf(edges: readonly Edge[]): Map<string, Edge[]> {
  const cases = new Map<string, Edge[]>();
  for (const edge of edges) {
    const words = `${edge.state}, ${wordsOf(edge.event.type)}`;
    cases.set(words, [...(cases.get(words) ?? []), edge]);
  }
  return cases;
}

const same = <T>(given: T): T => given;

function inMemory(): StorageHarness {
  const adapter = memoryStorage();
  return { adapter, set: (token) => adapter.write(token) };
}

async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
