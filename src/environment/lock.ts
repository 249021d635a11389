import { reasonOf, throwIfAborted } from "../abort.js";
import type { Clock } from "../clock.js";

/** Runs `work` while no other tab of the origin runs its own; the signal ends the wait, and then nothing runs. */
export type Lock = (work: () => void | Promise<void>, signal: AbortSignal) => Promise<void>;

const NAME = "socket-rotor";

/**
 * In milliseconds: what a tab has stored can reach another one later than the lock does, on a busy machine by several
 * tenths of a second. A lock that was free may have been freed just now; of one that was waited for that is known.
 */
const PROPAGATION = { free: 100, waitedFor: 1_000 };

/**
 * A lock across the tabs of an origin, through Web Locks where there are any; elsewhere the work runs at once.
 *
 * The browser frees the lock of a tab that is closed. One whose work takes longer than about `deadline` milliseconds
 * (frozen, say) loses it to the next. Tabs that wait together do not take it from each other: whoever
 * finds another holder than at first waits anew, and their deadlines differ by up to a tenth. Work begins a moment after
 * its turn has come, when it sees what the last holder has stored: a tenth of a second, or a second if it had to wait.
 *
 * @see https://w3c.github.io/web-locks/
 */
export function createLock(clock: Clock, deadline: number, random: () => number = Math.random): Lock {
  return async (work, signal) => {
    throwIfAborted(signal);
    // Not in every runtime: Node 20, React Native and insecure pages have none.
    const locks: LockManager | undefined = globalThis.navigator?.locks;
    if (!locks) return work();
    let done: Promise<void> | undefined;
    const run = (delay = 0): Promise<void> => {
      done = (async () => {
        if (delay > 0) await pause(clock, delay, signal);
        return work();
      })();
      return done;
    };
    try {
      await locks.request(NAME, { ifAvailable: true }, (lock) => (lock ? run(PROPAGATION.free) : undefined));
    } catch {
      // Denied, as in a sandboxed frame; or taken by another tab, or an error of the work's own: what the work says counts.
      return done ?? run();
    }
    if (done) return done;
    for (;;) {
      const holder = await holderOf(locks);
      const limit = (deadline + PROPAGATION.waitedFor) * (1 + random() / 10);
      const wait = waitFor(clock, limit, signal);
      try {
        await locks.request(NAME, { signal: wait.signal }, () => {
          wait.end();
          return run(PROPAGATION.waitedFor);
        });
        return;
      } catch {
        // Taken by another tab, or an error of the work's own: what the work says counts.
        if (done) return done;
        throwIfAborted(signal);
        // Denied, as in a sandboxed frame.
        if (!wait.signal.aborted) return run();
        const isStuck = holder !== undefined && holder === (await holderOf(locks));
        throwIfAborted(signal);
        if (isStuck) return locks.request(NAME, { steal: true }, () => run()).catch(() => done ?? run());
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

/** Resolves after a while; rejects when the signal aborts. */
function pause(clock: Clock, delay: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const wait = waitFor(clock, delay, signal);
    const settle = (): void => {
      wait.end();
      if (signal.aborted) reject(reasonOf(signal));
      else resolve();
    };
    if (wait.signal.aborted) settle();
    else wait.signal.addEventListener("abort", settle);
  });
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
