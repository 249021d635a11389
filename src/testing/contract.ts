/** One rule of a contract, as a test: hand both to the test runner of your choice. */
export interface ContractRule {
  /** The rule, as a sentence. */
  name: string;
  /** Resolves when the rule holds; rejects with an `Error` that says how it is broken, and what to do. */
  run(): Promise<void>;
}

interface Disposable {
  dispose?(): void | Promise<void>;
}

/** A list of rules, each with a harness of its own, which is disposed of whatever comes of it. */
export function rulesOf<Harness extends Disposable>(
  contract: string,
  create: () => Harness | Promise<Harness>,
  checks: Readonly<Record<string, (harness: Harness) => Promise<void>>>,
): ContractRule[] {
  return Object.entries(checks).map(([name, check]) => ({
    name,
    async run() {
      const harness = await create();
      try {
        await check(harness);
      } catch (cause) {
        const words = cause instanceof Error ? cause.message : `it threw ${typeof cause}`;
        throw new Error(`The ${contract} contract is broken: "${name}". ${words}`, { cause });
      } finally {
        await harness.dispose?.();
      }
    },
  }));
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
