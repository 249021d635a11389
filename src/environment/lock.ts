import type { Clock } from "../clock.js";

/** Runs `work` while no other tab of the origin runs its own; the signal ends the wait, and then nothing runs. */
export type Lock = (work: () => void | Promise<void>, signal: AbortSignal) => Promise<void>;

const NAME = "socket-rotor";

/**
 * A lock across the tabs of an origin, through Web Locks where there are any; elsewhere the work runs at once.
 *
 * The browser frees the lock of a tab that is closed. One that holds it for longer than about `deadline`
 * milliseconds (frozen, say) loses it to the next. Tabs that wait together do not take it from each other: whoever
 * finds another holder than at first waits anew, and their deadlines differ by up to a tenth.
 *
 * @see https://w3c.github.io/web-locks/
 */
export function createLock(clock: Clock, deadline: number, random: () => number = Math.random): Lock {
  return async (work, signal) => {
    // Not in every runtime: Node 20, React Native and insecure pages have none.
    const locks: LockManager | undefined = globalThis.navigator?.locks;
    if (!locks) return work();
    let done: Promise<void> | undefined;
    const run = (): Promise<void> => {
      done = (async () => work())();
      return done;
    };
    for (;;) {
      const holder = await holderOf(locks);
      const wait = waitFor(clock, deadline * (1 + random() / 10), signal);
      try {
        await locks.request(NAME, { signal: wait.signal }, () => {
          wait.end();
          return run();
        });
        return;
      } catch {
        // Taken by another tab, or an error of the work's own: what the work says counts.
        if (done) return done;
        signal.throwIfAborted();
        // Denied, as in a sandboxed frame.
        if (!wait.signal.aborted) return run();
        const isStuck = holder !== undefined && holder === (await holderOf(locks));
        signal.throwIfAborted();
        if (isStuck) return locks.request(NAME, { steal: true }, run).catch(() => done ?? run());
      } finally {
        wait.end();
      }
    }
  };
}

/** The tab that holds the lock; `undefined` where nobody does, or that is not told. */
async function holderOf(locks: LockManager): Promise<string | undefined> {
  try {
    const { held = [] } = await locks.query();
    return held.find(({ name }) => name === NAME)?.clientId;
  } catch {
    return undefined;
  }
}

/** A signal that aborts after a while, or with another one. */
function waitFor(clock: Clock, delay: number, outer: AbortSignal): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = clock.setTimeout(abort, delay);
  outer.addEventListener("abort", abort);
  if (outer.aborted) abort();
  return {
    signal: controller.signal,
    end() {
      clock.clearTimeout(timer);
      outer.removeEventListener("abort", abort);
    },
  };
}
