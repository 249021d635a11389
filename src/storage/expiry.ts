import type { Clock } from "../clock.js";

/**
 * How long the token in force still lives, and when to refresh it. It counts from the moment at which the lifetime
 * became known, so that a clock that is a day off does no harm: only the difference of two readings counts.
 */
export interface Expiry {
  /**
   * A token came into force, or its server said how long it lives; `undefined` where nobody knows. Milliseconds.
   * `claimed` is when it expires by its own claim, in epoch milliseconds; it is shown, and nothing is decided by it, but
   * for a token that was there before (`isEarlier`), as on a page that is loaded anew: nothing else says how much of it
   * is left. A clock that is wrong then means one refresh that is early, or late, and the next token is a fresh one.
   */
  begin(lifetime: number | undefined, claimed?: number, isEarlier?: boolean): void;
  /** Until the token should be refreshed, in milliseconds; `Infinity` where its lifetime is not known. */
  untilRefresh(): number;
  /** When it expires, by the server's word or else by its own claim, in epoch milliseconds. */
  readonly expiresAt: number | undefined;
}

/** How much of a lifetime is left when it is refreshed, unless the application says otherwise: a tenth of it. */
const SHARE = 10;
const LEAST = 5_000;
const MOST = 60_000;

/** A token is left in peace for so long, however short it lives. */
const REST = 1_000;

/**
 * @param leeway - How long before expiry to refresh, in milliseconds; never more than half of the lifetime.
 */
export function createExpiry(
  clock: Clock,
  leeway: number | undefined,
  random: () => number = Math.random,
): Expiry {
  let due = Number.POSITIVE_INFINITY;
  let seen = 0;
  let expiresAt: number | undefined;
  return {
    begin(lifetime, claimed, isEarlier = false) {
      if (lifetime === undefined) {
        due = Number.POSITIVE_INFINITY;
        expiresAt = claimed;
        return;
      }
      const wanted = leeway ?? Math.min(MOST, Math.max(LEAST, lifetime / SHARE));
      const ahead = Math.min(wanted, lifetime / 2);
      const now = clock.now();
      seen = now;
      expiresAt = claimed ?? now + lifetime;
      const rest = expiresAt - now;
      const left = isEarlier && rest > 0 && rest < lifetime ? rest : lifetime;
      // Spread over the first half of that time: tokens that were issued together are not refreshed together.
      due = now + Math.max(REST, left - ahead * (1 - random() / 2));
    },
    untilRefresh() {
      const now = clock.now();
      // A clock that was put back does not make a token live longer.
      if (now < seen) due -= seen - now;
      seen = now;
      return Math.max(0, due - now);
    },
    get expiresAt() {
      return expiresAt;
    },
  };
}
