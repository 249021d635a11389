import type { Clock } from "socket-rotor";

interface Timer {
  at: number;
  order: number;
  callback: () => void;
}

/** A clock that stands still until it is moved, fires in order, and shows what is armed. */
export interface ManualClock extends Clock {
  /** Moves on, stopping at each timer that comes due. Promises have their turn after each one. */
  advance(milliseconds: number): Promise<void>;
  /** How far away the armed timers are, soonest first. `Infinity` is not listed: it never fires. */
  pending(): readonly number[];
}

export function manualClock(): ManualClock {
  const timers = new Map<unknown, Timer>();
  let time = 1_000_000;
  let order = 0;
  const soonest = (): [unknown, Timer] | undefined =>
    [...timers].sort(([, a], [, b]) => a.at - b.at || a.order - b.order)[0];
  return {
    setTimeout(callback, delay) {
      const key = { timer: order };
      order += 1;
      if (delay !== Number.POSITIVE_INFINITY)
        timers.set(key, { at: time + Math.max(0, delay), order, callback });
      return key;
    },
    clearTimeout(timer) {
      timers.delete(timer);
    },
    now: () => time,
    async advance(milliseconds) {
      const end = time + milliseconds;
      await promisesSettled();
      for (let next = soonest(); next && next[1].at <= end; next = soonest()) {
        const [key, { at, callback }] = next;
        timers.delete(key);
        time = at;
        callback();
        await promisesSettled();
      }
      time = end;
    },
    pending: () => [...timers.values()].map(({ at }) => at - time).sort((a, b) => a - b),
  };
}

/** Every promise that can settle without the outside world has settled. */
export function promisesSettled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
