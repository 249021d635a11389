import { type ConnectionError, callSafely, invalidOption } from "../errors.js";
import { isFunction, isPromise, property } from "../value.js";
import type { StorageAdapter } from "./storage-adapter.js";

/**
 * What an authentication client gives back for a subscription: the function that ends it, an object that has
 * `unsubscribe`, Supabase's `{ data: { subscription } }`, or several of them in an array.
 */
export type TokenSubscription =
  | (() => void)
  | { unsubscribe(): void }
  | { data: { subscription: { unsubscribe(): void } } }
  | TokenSubscription[];

/** An authentication client, in the terms of {@link fromSubscription}. */
export interface SubscribableToken {
  /** The token now; `null` or `undefined` when nobody is signed in. Throws when unknown, as before the client is ready. */
  read(): string | null | undefined | Promise<string | null | undefined>;
  /** Has the client call `onMaybeChanged` whenever the token may have changed; `read` is asked then. */
  subscribe(onMaybeChanged: () => void): TokenSubscription;
  /** Stores a token, or removes it with `null`. Left out where the client alone signs in and out. */
  write?(token: string | null): void | Promise<void>;
}

/**
 * Follows the token of an authentication client with callbacks: oidc-client-ts, Supabase, Firebase and others.
 *
 * The client may call back at once, too often, and with any arguments. Without `write`, `login(token)` is refused with
 * `ERR_STORAGE_READ_ONLY`, and `logout()` ends the connection without signing out of the client.
 *
 * @param client - How the token is read, and how the client is subscribed to.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` where `read` or `subscribe` is missing; also from the
 *   adapter's `subscribe`, when the client's gives back nothing that could end the subscription.
 * @example
 * ```ts
 * import { createConnection, fromSubscription } from "socket-rotor";
 * import { UserManager } from "oidc-client-ts";
 *
 * declare const userManager: UserManager; // yours
 *
 * const connection = createConnection({
 *   url: "https://api.example.com",
 *   storage: fromSubscription({
 *     read: async () => (await userManager.getUser())?.access_token,
 *     subscribe: (onMaybeChanged) => [
 *       userManager.events.addUserLoaded(onMaybeChanged),
 *       userManager.events.addUserUnloaded(onMaybeChanged),
 *     ],
 *   }),
 * });
 * ```
 */
export function fromSubscription(client: SubscribableToken): StorageAdapter {
  check(client);
  let misuse: ConnectionError | undefined;
  return {
    read() {
      const answer = client.read();
      return isPromise(answer) ? answer.then((token) => token ?? null) : (answer ?? null);
    },
    subscribe(onMaybeChanged) {
      // Asked again, such a client would be given one more callback that nobody can take back.
      if (misuse) throw misuse;
      let isOver = false;
      // Nothing is handed back to the client, which may wait for what its callbacks promise. One that calls back for
      // the first time a moment after it was subscribed to may do so after the end.
      const subscription = client.subscribe(() => {
        if (!isOver) onMaybeChanged();
      });
      const end = endOf(subscription);
      if (end) {
        return () => {
          isOver = true;
          end();
        };
      }
      misuse = invalidOption(
        "fromSubscription: subscribe has to give back what ends the subscription: a function, an object with unsubscribe(), or an array of them. Where the client has a method that removes a callback, give back a function that calls it.",
      );
      throw misuse;
    },
    ...(client.write && { write: (token) => client.write?.(token) }),
  };
}

/** One function that ends all of it; `undefined` where something cannot be ended. */
function endOf(subscription: TokenSubscription): (() => void) | undefined {
  if (typeof subscription === "function") return subscription;
  // Code without types can give back anything.
  if (typeof subscription !== "object" || subscription === null) return undefined;
  if (Array.isArray(subscription)) {
    const ends = subscription.map(endOf);
    if (ends.includes(undefined)) return undefined;
    return () => {
      for (const end of ends) if (end) callSafely(end);
    };
  }
  if ("data" in subscription) return subscription.data && endOf(subscription.data.subscription);
  return typeof subscription.unsubscribe === "function" ? () => subscription.unsubscribe() : undefined;
}

function check(client: unknown): void {
  for (const method of ["read", "subscribe"]) {
    if (isFunction(property(client, method))) continue;
    throw invalidOption(
      `fromSubscription takes an object with the functions read and subscribe, and perhaps write; "${method}" is missing.`,
    );
  }
}
