import type { StorageAdapter } from "../../credential/storage-adapter.js";
import type { StorageHarness } from "../storage-contract.js";

/** A storage whose answers to the statechart wait until the model says so, and that signals when it says so. */
export interface Gate {
  readonly adapter: StorageAdapter;
  /** Whether the statechart has asked, and waits. */
  readonly isAsked: boolean;
  /** Whether somebody listens for changes. */
  readonly isWatched: boolean;
  /** Says that the token may have changed. */
  signal(): void;
  /** The next read is the statechart's own. */
  expectRead(): void;
  /** Answers with what the storage behind holds. */
  answer(): void;
  /** Answers that it cannot be found out. */
  fail(): Promise<void>;
  /** Resolves when the storage behind has answered everything that it was asked. */
  idle(): Promise<void>;
}

/**
 * Puts a gate before a storage. What it holds is read from it and written to it; when a change is heard of is the
 * model's to say, so that each order of events comes about. A refresh, which looks at it as well, is let through.
 */
export function createGate({ adapter, set, setFailing }: StorageHarness): Gate {
  /** How many reads of the statechart are on their way. */
  let due = 0;
  let listener: (() => void) | undefined;
  let waiting: ((answer: Promise<string | null>) => void)[] = [];
  const underWay = new Set<Promise<unknown>>();

  const follow = <T>(answer: T | Promise<T>): Promise<T> => {
    const settled = Promise.resolve(answer);
    underWay.add(settled);
    const end = (): boolean => underWay.delete(settled);
    settled.then(end, end);
    return settled;
  };
  const read = async (): Promise<string | null> => adapter.read();
  const open = (answer: () => Promise<string | null>): void => {
    const asked = waiting;
    waiting = [];
    for (const resolve of asked) resolve(follow(answer()));
  };
  return {
    adapter: {
      read() {
        const isOwn = due > 0;
        if (isOwn) due -= 1;
        return isOwn ? new Promise((resolve) => waiting.push(resolve)) : follow(read());
      },
      write(token) {
        const written = adapter.write ? adapter.write(token) : set(token);
        if (written === undefined) return undefined;
        // A read that was asked for meanwhile waits for this, and is answered by it, or asked for anew.
        const forget = (): void => {
          due = 0;
        };
        written.then(forget, forget);
        return follow(written);
      },
      subscribe(onMaybeChanged) {
        listener = onMaybeChanged;
        const end = adapter.subscribe(() => {});
        return () => {
          listener = undefined;
          end();
        };
      },
    },
    get isAsked() {
      return waiting.length > 0;
    },
    get isWatched() {
      return listener !== undefined;
    },
    signal: () => listener?.(),
    expectRead() {
      due += 1;
    },
    answer: () => open(read),
    async fail() {
      if (!setFailing) return open(() => Promise.reject(new Error("the storage is down")));
      await setFailing(true);
      open(read);
      while (underWay.size > 0) await Promise.allSettled(underWay);
      await setFailing(false);
    },
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}
