import type { Clock } from "../clock.js";

/** Runs `work` while no other tab of the origin runs its own. */
export type Lock = (work: () => void | Promise<void>) => Promise<void>;

const NAME = "socket-rotor";

/**
 * A lock across the tabs of an origin, through Web Locks where there are any; elsewhere the work runs at once.
 * A tab that holds the lock for longer than `deadline` milliseconds (frozen, say) is not waited for.
 *
 * @see https://w3c.github.io/web-locks/
 */
export function createLock(clock: Clock, deadline: number): Lock {
  return async (work) => {
    // Not in every runtime: Node 20, React Native and insecure pages have none.
    const locks: LockManager | undefined = globalThis.navigator?.locks;
    if (!locks) return work();
    const controller = new AbortController();
    const timer = clock.setTimeout(() => controller.abort(), deadline);
    let hasStarted = false;
    try {
      await locks.request(NAME, { signal: controller.signal }, () => {
        clock.clearTimeout(timer);
        hasStarted = true;
        return work();
      });
    } catch (error) {
      if (hasStarted) throw error;
      await work();
    } finally {
      clock.clearTimeout(timer);
    }
  };
}
