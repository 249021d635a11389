import { consoleLogger } from "../logger.js";
import { isFunction, property } from "../value.js";
import { checkFunction, checkShape, type Shape } from "./check.js";

/** One rule of a contract, as a test: hand both to the test runner of your choice. */
export interface ContractRule {
  /** The rule, as a sentence. */
  name: string;
  /**
   * Resolves when the rule holds; rejects with an `Error` that says how it is broken, and what to do.
   *
   * A rule for which the harness has no means is skipped through the context that the runner calls a test with, in
   * `node:test` and Vitest. Where there is none, as in Jest, a line on the console says so, once for each reason.
   */
  run(context?: unknown): Promise<void>;
}

/** Thrown by a check that cannot be made; the message says for want of what. */
export class Unchecked extends Error {}

interface Disposable {
  dispose?(): void | Promise<void>;
}

/** What a contract is about. */
interface Contract<Harness> {
  /** The function that answers with its rules. */
  caller: string;
  /** What keeps it, such as `"storage"`. */
  subject: string;
  /** Makes a harness for a rule. */
  create: () => Harness | Promise<Harness>;
  shape: Shape<Harness & object>;
  checks: Readonly<Record<string, (harness: Harness) => Promise<void>>>;
}

/**
 * A list of rules, each with a harness of its own, which is disposed of whatever comes of it.
 *
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` where there is no function that makes harnesses; `run` rejects
 *   with one for a harness that is not as it has to be.
 */
export function rulesOf<Harness extends Disposable>(given: Contract<Harness>): ContractRule[] {
  const { caller, subject, create, shape, checks } = given;
  checkFunction(`${caller}(create)`, create, "a function that answers with a harness");
  const told = new Set<string>();
  const checkOne = async (name: string, check: (harness: Harness) => Promise<void>): Promise<void> => {
    const harness = await create();
    try {
      checkShape(`${caller}, the harness that create() answered with`, harness, shape);
      await checked(subject, name, () => check(harness));
    } finally {
      const dispose = property(harness, "dispose");
      if (isFunction(dispose)) await harness.dispose?.();
    }
  };
  return Object.entries(checks).map(([name, check]) => ({
    name,
    async run() {
      // biome-ignore lint/complexity/noArguments: runners take a parameter for a callback (Jest) or for fixtures (Vitest).
      const context: unknown = arguments[0];
      try {
        await checkOne(name, check);
      } catch (error) {
        if (!(error instanceof Unchecked)) throw error;
        skip(context, error.message, () => {
          if (told.has(error.message)) return;
          told.add(error.message);
          consoleLogger.warn?.(`[socket-rotor] ${caller} did not check "${name}": ${error.message}`);
        });
      }
    },
  }));
}

/** Makes a check, and says of an error which rule it breaks. */
async function checked(subject: string, name: string, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (cause) {
    if (cause instanceof Unchecked) throw cause;
    const words = cause instanceof Error ? cause.message : `it threw ${typeof cause}`;
    throw new Error(`The ${subject} contract is broken: "${name}". ${words}`, { cause });
  }
}

/** Has the runner show the test as skipped, if it can. */
function skip(context: unknown, why: string, orElse: () => void): void {
  if (isSkippable(context)) context.skip(`not checked: ${why}`);
  else orElse();
}

function isSkippable(context: unknown): context is { skip(why: string): void } {
  // Vitest's is a function.
  return isFunction(context) ? "skip" in context : isFunction(property(context, "skip"));
}

/** Fails the rule with these words, unless something holds. */
export function expect(holds: boolean, orElse: string): void {
  if (!holds) throw new Error(orElse);
}

/** Waits until something holds; fails the rule when it does not in `patience` milliseconds. */
export async function until(holds: () => boolean, patience: number, orElse: () => string): Promise<void> {
  const end = Date.now() + patience;
  while (!holds()) {
    if (Date.now() > end) throw new Error(orElse());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Fails the rule as soon as something does not hold any more; resolves when it has for so many milliseconds. */
export async function holdsFor(duration: number, holds: () => boolean, orElse: () => string): Promise<void> {
  const end = Date.now() + duration;
  while (Date.now() < end) {
    expect(holds(), orElse());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What a promise brings; fails the rule when it brings nothing in `patience` milliseconds. */
export async function within<T>(promise: T | Promise<T>, patience: number, orElse: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(orElse)), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
