import type { Clock } from "../clock.js";
import { throwIfAborted } from "../errors.js";

interface Wait {
  /** Ends the wait, and then nothing runs. */
  signal: AbortSignal;
  /** Whether nothing is left to do: then the work does not keep other tabs waiting. */
  isStale(): boolean;
}

/**
 * Runs `work` while no other tab of the origin runs its own. `wasFree`: no other tab did when this one asked; `false` also
 * where nobody can tell.
 */
export type Lock = (wait: Wait, work: (wasFree: boolean) => void | Promise<void>) => Promise<void>;

const NAME = "socket-rotor";

/**
 * What a tab has stored can reach another tab later than the lock does, by several tenths of a second; milliseconds. A
 * lock that is free may have been freed just now; after a wait it certainly was.
 */
const PROPAGATION = { free: 100, waitedFor: 1_000 };

/** What a holder needs beyond its work, in milliseconds; in a hidden tab timers run once a second. */
const MARGIN = 3_000;

/**
 * A lock across the tabs of an origin, through Web Locks where there are any; elsewhere the work runs at once.
 *
 * Work begins when the tab sees what the last holder has stored: after a tenth of a second, or a second if it waited.
 *
 * The browser frees the lock of a closed tab. A tab that holds it (frozen, say) while another one waits its `deadline`
 * and three seconds more loses it to that tab; work that has not begun by then waits again. Tabs that wait together do
 * not take it from each other: a tab that finds another holder than at first waits again, and their deadlines differ by
 * up to a tenth. The connections of one page count as one holder.
 *
 * @see https://w3c.github.io/web-locks/
 */
export function createLock(clock: Clock, deadline: number, random: () => number = Math.random): Lock {
  return async ({ signal, isStale }, work) => {
    throwIfAborted(signal);
    // Not in every runtime: Node 20, React Native and insecure pages have none.
    const locks: LockManager | undefined = globalThis.navigator?.locks;
    if (!locks) return work(false);
    /** What the work says, once it has begun. */
    let done: Promise<void> | undefined;
    let holds = 0;
    const begin = (wasFree = false): Promise<void> => {
      done = (async () => {
        throwIfAborted(signal);
        return work(wasFree);
      })();
      return done;
    };

    /** Begins the work when what the last holder has stored has come through, if the lock is still held then. */
    const hold = async (delay: number): Promise<void> => {
      holds += 1;
      const mine = holds;
      const self = await holderOf(locks);
      const end = clock.now() + delay;
      // In a hidden tab each of them takes up to a second.
      for (let left = delay; left > 0 && clock.now() < end && !isStale(); left -= PROPAGATION.free) {
        await pause(clock, PROPAGATION.free, signal);
      }
      // A tab that was frozen meanwhile comes here before it hears that another one has taken the lock.
      if (self === (await holderOf(locks)) && mine === holds) await begin(delay === PROPAGATION.free);
    };

    /** Whether the work has begun when the request has ended. */
    const request = async (options: LockOptions, delay: number): Promise<boolean> => {
      const before = holds;
      try {
        await locks.request(NAME, options, (lock) => (lock ? hold(delay) : undefined));
      } catch {
        // Taken by another tab, or an error of the work's own: what the work says counts.
        if (done) return true;
        throwIfAborted(signal);
        // Denied, as in a sandboxed frame.
        if (holds === before && !options.signal?.aborted) await begin();
        // What was taken away may be waiting still.
        holds += 1;
      }
      return done !== undefined;
    };

    if (await request({ ifAvailable: true }, PROPAGATION.free)) return done;
    for (;;) {
      const holder = await holderOf(locks);
      const wait = waitFor(clock, (deadline + MARGIN) * (1 + random() / 10), signal);
      try {
        if (await request({ signal: wait.signal }, PROPAGATION.waitedFor)) return done;
      } finally {
        wait.end();
      }
      const isStuck = wait.signal.aborted && holder !== undefined && holder === (await holderOf(locks));
      throwIfAborted(signal);
      if (isStuck && (await request({ steal: true }, PROPAGATION.waitedFor))) return done;
    }
  };
}

/** The tab that holds the lock; `undefined` where there is none, or the browser does not say. */
async function holderOf(locks: LockManager): Promise<string | undefined> {
  try {
    const { held = [] } = await locks.query();
    return held.find(({ name }) => name === NAME)?.clientId;
  } catch {
    return undefined;
  }
}

/** Resolves after a while; rejects when the signal aborts. */
async function pause(clock: Clock, delay: number, signal: AbortSignal): Promise<void> {
  const wait = waitFor(clock, delay, signal);
  if (!signal.aborted) await new Promise((resolve) => wait.signal.addEventListener("abort", resolve));
  wait.end();
  throwIfAborted(signal);
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
