import { isFunction, property } from "./value.js";

/**
 * Time as the connection sees it. XState's `SimulatedClock` fits, and so does `simulatedClock()` of
 * `socket-rotor/testing`. All times are milliseconds.
 */
export interface Clock {
  /** Calls `callback` once, `delay` milliseconds from now; `Infinity` means never. */
  setTimeout(callback: () => void, delay: number): unknown;
  /** Takes a call back; an unknown or finished timer is ignored. */
  clearTimeout(timer: unknown): void;
  /** The time now, in epoch milliseconds. */
  now(): number;
}

/** The longest delay that the system's timers keep, in milliseconds; beyond it they fire at once. */
export const LONGEST_DELAY = 2 ** 31 - 1;

/** Whether something tells the time, and not only calls back after it. */
export function isClock(value: unknown): value is Clock {
  return ["setTimeout", "clearTimeout", "now"].every((name) => isFunction(property(value, name)));
}

/** Lets a Node process end in spite of a timer, which is an object there and a number in browsers. */
export function unref(timer: unknown): void {
  const method = property(timer, "unref");
  if (isFunction(method)) Reflect.apply(method, timer, []);
}

/**
 * The system's own timers, with delays above 2^31-1 ms re-armed instead of firing at once.
 *
 * @param isUnref - The timers do not keep a Node process, as with Socket.IO's option `autoUnref`.
 */
export function systemClock(isUnref = false): Clock {
  const arm = (timer: Timer, callback: () => void, delay: number): void => {
    if (delay === Number.POSITIVE_INFINITY) return;
    timer.handle =
      delay > LONGEST_DELAY
        ? setTimeout(() => arm(timer, callback, delay - LONGEST_DELAY), LONGEST_DELAY)
        : setTimeout(callback, delay);
    if (isUnref) unref(timer.handle);
  };
  return {
    setTimeout(callback, delay) {
      const timer = new Timer();
      arm(timer, callback, delay);
      return timer;
    },
    clearTimeout(timer) {
      if (timer instanceof Timer) clearTimeout(timer.handle);
    },
    now: () => Date.now(),
  };
}

class Timer {
  handle: ReturnType<typeof setTimeout> | undefined;
}
