import { connectionLogic } from "../connection-logic.js";
import { memoryStorage } from "../credential/memory-storage.js";
import { invalidOption, isConnectionError } from "../errors.js";
import type { IoAdapter } from "../links/io-adapter.js";
import { describeType, isFunction, property } from "../value.js";
import { eventWords } from "../words/messages.js";
import { checkShape, type Shape } from "./check.js";
import { type ContractRule, within } from "./contract.js";
import { checkExtension } from "./model/extension.js";
import { type ConnectionMachine, type Edge, type Extend, graphOf } from "./model/graph.js";
import { type ModelSetup, SETUPS, type Setup } from "./model/setups.js";
import { walk } from "./model/walk.js";
import { World } from "./model/world.js";
import { STORAGE_HARNESS, type StorageHarness } from "./storage-contract/harness.js";

/** What of yours the statechart is replayed with; what is left out is the kit's own. */
export interface ModelOptions {
  /** Your storage adapter, as {@link storageContract} takes it; called for each world, several times a case. */
  storage?: () => StorageHarness | Promise<StorageHarness>;
  /** Your IO adapter, around the given one, which is a fake that the model drives. */
  io?: (io: IoAdapter) => IoAdapter;
  /**
   * Your statechart: the given one with implementations of your own, by `machine.provide()`. Actions, guards and delays
   * may be any, and of the actors the `environment`. The model plays the other three itself: your storage and your IO
   * adapter take part by the options above.
   */
  extend?: (machine: ConnectionMachine) => ConnectionMachine;
  /**
   * Waits until everything that your parts do of themselves has been done; for ten seconds at most.
   * @defaultValue twenty turns of the microtask queue, which is for parts that use promises and no timers
   */
  settled?: () => Promise<void>;
  /** Which set-ups to walk through, at least one. @defaultValue all of them */
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
 * Every step that the statechart can take, as a list of tests for any test runner: {@link connectionLogic} is
 * explored to its last state, then the real interpreter with the real parts lives through each step of that graph.
 * After each one it must be where the graph says, and guarantees G1 to G5 must hold; at the end of each walk a token and
 * a server that accepts it must be enough to be connected (G8), and nothing may be left once it is stopped (G9).
 *
 * Making the list explores the graph, which takes a few seconds; all cases together take a minute or two.
 *
 * @param options - Your adapters and your implementations.
 * @returns the cases, each independent of the others; `run` rejects with an `Error` that says what is broken, and
 *   after which steps.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for an option or a set-up that there is not, or for an `extend`
 *   that answers with no statechart, gives a name that the statechart does not have, or replaces an actor that the model
 *   plays; `run` rejects with it for a harness that lacks something or has what there is not.
 * @example
 * ```ts
 * import { test } from "node:test"; // Vitest's and Jest's `test` take the same
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
 * for (const { name, run } of cases) test(name, run);
 * ```
 */
export function connectionModel(options: ModelOptions = {}): readonly ModelCase[] {
  checkShape("connectionModel(options)", options, OPTIONS);
  const { storage = inMemory, io = same, extend = same, settled = microtasks } = options;
  const parts = { extend: checkedExtend(extend), io: checkedIo(io), settled: () => inTime(settled) };
  checkExtension(connectionLogic, parts.extend(connectionLogic));
  return setupsOf(options).flatMap(([name, setup]) => {
    const graph = graphOf(setup, parts.extend);
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
            checkShape("connectionModel, the harness that storage() answered with", harness, STORAGE_HARNESS);
            const dispose = async (): Promise<void> => harness.dispose?.();
            return { world: new World(setup, parts, harness), dispose };
          };
          try {
            await walk(graph, targets, create, taken);
          } catch (cause) {
            // What is handed in is wrong, before anything has been lived through.
            if (isConnectionError(cause, "ERR_INVALID_OPTION")) throw cause;
            const told = cause instanceof Error ? cause.message : `it threw ${typeof cause}`;
            throw new Error(`The connection model is broken: "${title}". ${told}`, { cause });
          }
        },
      };
    });
  });
}

/** The set-ups that are wanted. */
function setupsOf({ setups }: ModelOptions): [string, Setup][] {
  const known = Object.entries<Setup>(SETUPS);
  if (setups === undefined) return known;
  const names = known.map(([name]) => JSON.stringify(name)).join(", ");
  if (!Array.isArray(setups) || setups.length === 0) {
    throw invalidOption(`connectionModel: "setups" takes an array of at least one of ${names}.`);
  }
  const unknown: unknown = setups.find((wanted) => !Object.hasOwn(SETUPS, wanted));
  if (unknown !== undefined) {
    throw invalidOption(
      `connectionModel: there is no set-up ${typeof unknown === "string" ? JSON.stringify(unknown) : describeType(unknown)}. There are ${names}.`,
    );
  }
  return known.filter(([name]) => setups.some((wanted) => wanted === name));
}

function checkedExtend(extend: Extend): Extend {
  return (machine) => {
    const extended: unknown = extend(machine);
    if (isMachine(extended)) return extended;
    throw invalidOption(
      `connectionModel: "extend" takes a function that answers with the machine it is given, less what machine.provide() has replaced; it answered with ${describeType(extended)}.`,
    );
  };
}

function isMachine(extended: unknown): extended is ConnectionMachine {
  return property(extended, "id") === connectionLogic.id && isFunction(property(extended, "provide"));
}

function checkedIo(io: (inner: IoAdapter) => IoAdapter): (inner: IoAdapter) => IoAdapter {
  return (inner) => {
    const made = io(inner);
    if (isFunction(property(made, "open"))) return made;
    throw invalidOption(
      `connectionModel: "io" takes a function that answers with an IO adapter around the given one; it answered with ${describeType(made)}, which has no method "open".`,
    );
  };
}

/** How long `settled` may take, in milliseconds. */
const SETTLED_WITHIN = 10_000;

function inTime(settled: () => Promise<void>): Promise<void> {
  return within(
    settled(),
    SETTLED_WITHIN,
    `settled() did not resolve within ${SETTLED_WITHIN} ms. Resolve once your parts have nothing more to do of themselves.`,
  );
}

const OPTIONS: Shape<ModelOptions> = {
  storage: { kind: "function", words: "a function that answers with a harness", isOptional: true },
  io: { kind: "function", words: "a function from one IO adapter to another", isOptional: true },
  extend: { kind: "function", words: "a function from one machine to another", isOptional: true },
  settled: { kind: "function", words: "a function that answers with a promise", isOptional: true },
  setups: { kind: "object", words: "an array of names of set-ups", isOptional: true },
};

/** The edges by the state that they lead from and the event, in words. */
function casesOf(edges: readonly Edge[]): Map<string, Edge[]> {
  const cases = new Map<string, Edge[]>();
  for (const edge of edges) {
    const words = `${edge.state}, ${eventWords(edge.event.type)}`;
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
