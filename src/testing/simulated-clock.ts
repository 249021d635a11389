import type { Clock } from "../clock.js";
import { invalidOption } from "../errors.js";
import { describeNumber, isDuration } from "../value.js";

/** A clock that stands still until it is told to go on. */
export interface SimulatedClock extends Clock {
  /** How many calls are due at some time. */
  readonly timers: number;
  /**
   * How long it is until the next call is due, in milliseconds; `Infinity` when none is. Delays before an attempt are
   * random, so that `advance(untilNext)` is the way to the next one.
   */
  readonly untilNext: number;
  /**
   * Goes on by so many milliseconds; what falls due is called in order, each at its own time.
   *
   * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for what is no finite number of at least 0.
   */
  advance(milliseconds: number): void;
}

interface Timer {
  at: number;
  callback: () => void;
}

/**
 * Time for tests: it starts at 0 and passes only when told to.
 *
 * @example
 * ```ts
 * import { createConnection } from "socket-rotor";
 * import { fakeIo, hang, memoryStorage, simulatedClock } from "socket-rotor/testing";
 *
 * const clock = simulatedClock();
 * const options = { url: "https://api.example.com", storage: memoryStorage("a"), io: fakeIo(hang()), clock };
 * const connection = createConnection(options);
 * const answer = connection.socket.emitWithAck("save", "draft");
 * clock.advance(30_000);
 * await answer.catch((error) => console.log(error.code)); // ERR_ACK_TIMEOUT
 * connection.dispose();
 * ```
 */
export function simulatedClock(): SimulatedClock {
  let now = 0;
  const timers = new Set<Timer>();
  const nextUntil = (end: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) if (timer.at <= end && (!next || timer.at < next.at)) next = timer;
    return next;
  };
  return {
    now: () => now,
    get timers() {
      return timers.size;
    },
    get untilNext() {
      const next = nextUntil(Number.POSITIVE_INFINITY);
      return next ? next.at - now : Number.POSITIVE_INFINITY;
    },
    setTimeout(callback, delay) {
      const timer: Timer = { at: now + delay, callback };
      if (delay !== Number.POSITIVE_INFINITY) timers.add(timer);
      return timer;
    },
    clearTimeout(timer) {
      for (const each of timers) if (each === timer) timers.delete(each);
    },
    advance(milliseconds) {
      if (!isDuration(milliseconds)) {
        throw invalidOption(
          `clock.advance(milliseconds) takes a finite number of at least 0, but got ${describeNumber(milliseconds)}.${milliseconds === Number.POSITIVE_INFINITY ? " Nothing is due: clock.untilNext is Infinity then." : ""}`,
        );
      }
      const end = now + milliseconds;
      for (let timer = nextUntil(end); timer; timer = nextUntil(end)) {
        now = timer.at;
        timers.delete(timer);
        timer.callback();
      }
      now = end;
    },
  };
}
