import { callSafely } from "../errors.js";
import type { Log } from "../logger.js";
import { describeType } from "../value.js";
import type { StorageAdapter } from "./storage-adapter.js";
import type { Vault } from "./vault.js";

/** What is wrong with a `subscribe()` that gave back this. */
export const noEnd = (end: unknown): string =>
  `subscribe() must give back the function that ends the subscription, but gave back ${describeType(end)}: what it has begun goes on after dispose().`;

/** A subscription to a storage adapter that lasts until it is ended. */
export interface Subscription {
  /** Subscribes, unless that is done: one that has failed is tried again. */
  begin(): void;
  end(): void;
}

export function createSubscription(
  adapter: StorageAdapter,
  onChange: () => void,
  vault: Vault,
  log: Log,
): Subscription {
  /** `undefined` while there is none. */
  let unsubscribe: (() => void) | undefined;
  return {
    begin() {
      if (unsubscribe) return;
      let hasBegun = false;
      try {
        const end: unknown = adapter.subscribe(() => {
          // One that calls back and then throws would else be asked for ever.
          if (hasBegun) onChange();
        }, log);
        hasBegun = true;
        unsubscribe = typeof end === "function" ? () => end() : () => {};
        if (typeof end === "function") return;
        log.warnOnce("unsubscribe", `The storage adapter's ${noEnd(end)}`);
      } catch (cause) {
        log.warnOnce(
          "subscribe",
          `The storage adapter's subscribe() failed, so changes are found only by reading. It is tried again with each read. ${vault.maskError(cause)}`,
        );
      }
    },
    end() {
      if (unsubscribe) callSafely(unsubscribe);
      unsubscribe = undefined;
    },
  };
}
