import type { Clock } from "../clock.js";
import { callSafely } from "../errors.js";
import type { Log } from "../logger.js";
import { noEnd } from "../words/messages.js";
import type { StorageAdapter } from "./storage-adapter.js";
import type { TokenStore } from "./token-store.js";

/** What a storage adapter signals, passed on so that its answers can come in between. */
export interface Signals {
  /** Subscribes, unless that is done: a `subscribe()` that has failed is tried again. */
  begin(): void;
  /** Whether the adapter is being called, so that what it signals is of its own making. */
  readonly isOwn: boolean;
  /** Calls the adapter. What it signals within the call is of its own making: the call itself tells what there is. */
  around<T>(call: () => T): T;
  /** Passes on that there may be something else to read. */
  raise(): void;
  /**
   * A read was answered. `isOvertaken`: the next one had begun by then, so that this answer does not count. `isSame`: it
   * is what was there before.
   */
  onAnswer(isOvertaken: boolean, isSame: boolean): void;
  end(): void;
}

interface Parts {
  adapter: StorageAdapter;
  tokenStore: TokenStore;
  clock: Clock;
  log: Log;
  /** The adapter has called back. */
  onSignal(): void;
  /** There may be something else to read. */
  pass(): void;
}

/** So many answers in a row, each overtaken by a signal, come from an adapter that signals whenever it is read. */
const OVERTAKEN = 5;

/** So many answers within a pause that brought nothing new come from an adapter that signals after each read. */
const SAME = 100;

/** Such an adapter is not heard for so long, in milliseconds, and then once for all that it has signalled. */
const PAUSE = 1_000;

export function createSignals({ adapter, tokenStore, clock, log, onSignal, pass }: Parts): Signals {
  /** `undefined` while there is no subscription. */
  let unsubscribe: (() => void) | undefined;
  let isCalling = false;
  let overtaken = 0;
  let pause: unknown;
  let isDue = false;
  /** Answers that brought nothing new, and since when they are counted. */
  let same = 0;
  let since = 0;

  const endPause = (): void => {
    clock.clearTimeout(pause);
    pause = undefined;
  };
  const listenAgain = (): void => {
    pause = undefined;
    overtaken = same = 0;
    if (!isDue) return;
    isDue = false;
    pass();
  };

  return {
    begin() {
      if (unsubscribe) return;
      let hasBegun = false;
      try {
        const end: unknown = adapter.subscribe(() => {
          // One that calls back and then throws would else be asked for ever.
          if (hasBegun) onSignal();
        }, log);
        hasBegun = true;
        unsubscribe = typeof end === "function" ? () => end() : () => {};
        if (typeof end !== "function") log.warnOnce("unsubscribe", `The storage adapter's ${noEnd(end)}`);
      } catch (cause) {
        log.warnOnce(
          "subscribe",
          `The storage adapter's subscribe() failed, so changes are found only by reading. It is tried again with each read. ${tokenStore.maskError(cause)}`,
        );
      }
    },
    get isOwn() {
      return isCalling;
    },
    around(call) {
      const isOuter = !isCalling;
      isCalling = true;
      try {
        return call();
      } finally {
        if (isOuter) isCalling = false;
      }
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
      else if (!isOvertaken && !isDue) endPause();
    },
    end() {
      endPause();
      if (unsubscribe) callSafely(unsubscribe);
      unsubscribe = undefined;
    },
  };
}
