import type { Clock } from "../clock.js";
import type { Log } from "../logger.js";

/** What a storage adapter signals, passed on so that its answers can come in between. */
export interface Signals {
  /** The adapter says that there may be something else to read. */
  raise(): void;
  /** Whether the adapter is being called, so that what it signals is of its own making. */
  readonly isOwn: boolean;
  /** Calls the adapter. What it signals within the call is of its own making: the call itself tells what there is. */
  apart<T>(call: () => T): T;
  /**
   * A read was answered. `isOvertaken`: the next one had begun by then, so that this answer does not count. `isSame`: it
   * is what was there before.
   */
  onAnswer(isOvertaken: boolean, isSame: boolean): void;
  end(): void;
}

/** So many answers in a row, each overtaken by a signal, come from an adapter that signals whenever it is read. */
const OVERTAKEN = 5;

/** So many answers within a pause that brought nothing new come from an adapter that signals after each read. */
const SAME = 100;

/** Such an adapter is not heard for so long, in milliseconds, and then once for all that it has signalled. */
const PAUSE = 1_000;

export function createSignals(clock: Clock, log: Log, pass: () => void): Signals {
  let isCalling = false;
  let overtaken = 0;
  let pause: unknown;
  let isDue = false;
  /** Answers that brought nothing new, and since when they are counted. */
  let same = 0;
  let since = 0;

  const listenAgain = (): void => {
    pause = undefined;
    overtaken = same = 0;
    if (!isDue) return;
    isDue = false;
    pass();
  };

  const end = (): void => {
    clock.clearTimeout(pause);
    pause = undefined;
  };

  return {
    get isOwn() {
      return isCalling;
    },
    raise() {
      if (pause === undefined) {
        pass();
        return;
      }
      isDue = true;
      log.warnOnce(
        "restless-signals",
        `The storage adapter signals a change whenever it is read. Its signals now wait for up to ${PAUSE} ms. Let subscribe() call back only when the token may have changed.`,
      );
    },
    apart(call) {
      const isOuter = !isCalling;
      isCalling = true;
      try {
        return call();
      } finally {
        if (isOuter) isCalling = false;
      }
    },
    onAnswer(isOvertaken, isSame) {
      overtaken = isOvertaken ? overtaken + 1 : 0;
      const now = clock.now();
      if (!isSame || now - since > PAUSE) {
        same = 0;
        since = now;
      }
      same += 1;
      if (overtaken >= OVERTAKEN || same > SAME) pause ??= clock.setTimeout(listenAgain, PAUSE);
      // Nothing was signalled since: it takes its time, and that is all.
      else if (!isOvertaken && !isDue) end();
    },
    end,
  };
}
