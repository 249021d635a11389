import type { Clock } from "../clock.js";
import type { Log } from "../logger.js";

/**
 * How long the current token still lives, and when to refresh it. It counts from the moment at which the lifetime
 * became known, so that a clock that is a day off does no harm: only the difference of two readings counts.
 */
export interface Expiry {
  /**
   * A token became the current one; `undefined` where it does not say how long it lives, or there is none. Milliseconds.
   * `claimed` is when it expires by its own claim, in epoch milliseconds; it is shown, and nothing is decided by it, but
   * for a token that was there before (`isEarlier`), as on a page that is loaded anew: nothing else says how much of it
   * is left. A clock that is wrong then means one refresh that is early, or late, and the next token is a fresh one.
   */
  begin(lifetime: number | undefined, claimed?: number, isEarlier?: boolean): void;
  /** The server said how long the current token still lives, in milliseconds. */
  hear(lifetime: number): void;
  /** Until the token should be refreshed, in milliseconds; `Infinity` where its lifetime is not known. */
  untilRefresh(): number;
  /**
   * Calls back once when the current token should be refreshed, and not before `least` milliseconds have passed. Returns
   * the function that ends it.
   */
  watch(onDue: () => void, least: number): () => void;
  /** The refresher got a token that expires then by its own claim, in epoch milliseconds. It is about to be the current one. */
  expect(claimed: number | undefined): void;
  /** When it expires, by the server's word or else by its own claim, in epoch milliseconds. */
  readonly expiresAt: number | undefined;
  /** Whether it has expired, or is about to, as far as this machine's clock can be believed. */
  readonly isOver: boolean;
}

/** How much of a lifetime is left when it is refreshed, unless the application says otherwise: a tenth of it. */
const SHARE = 10;
const LEAST = 5_000;
const MOST = 60_000;

/**
 * Tokens that were issued together are not refreshed together: each moment is drawn from so long a time, which ends where
 * what is kept ahead of the expiry begins. A quarter of the lifetime up to 75 s, a twentieth where that is more.
 */
const spreadOf = (lifetime: number): number => Math.max(Math.min(lifetime / 4, 75_000), lifetime / 20);

/** A token is left in peace for so long, however short it lives. */
const REST = 1_000;
/** Where the server says of each fresh token that it is nearly over, the rest doubles: up to this, or to when the token's own claims would have it. */
const LONGEST_REST = 600_000;

/** How long the wall clock is trusted at most, in milliseconds: it may jump, and a machine may sleep. */
const LOOK = 60_000;

/**
 * @param leeway - How long before expiry to refresh, in milliseconds; never more than half of the lifetime.
 */
export function createExpiry(
  clock: Clock,
  leeway: number | undefined,
  random: () => number = Math.random,
  log?: Log,
): Expiry {
  let due = Number.POSITIVE_INFINITY;
  let seen = 0;
  let expiresAt: number | undefined;
  /** By the current token's own claims. */
  let own: number | undefined;
  let longestRest = LONGEST_REST;
  /** Whether the current token was told to be nearly over when it was fresh, and how many in a row before it were. */
  let isShort = false;
  let before = 0;
  let isHeard = false;
  /** A fresh token had expired by this machine's clock, which is wrong, or by its issuer's. */
  let isClockWrong = false;
  /** Looks at the clock again, as something else is known now. */
  let lookAgain = (): void => {};

  const isNearlyOver = (lifetime: number): boolean => lifetime < Math.max(2 * REST, (own ?? 0) / SHARE);

  const arm = (lifetime: number, claimed?: number, isEarlier = false): void => {
    const wanted = leeway ?? Math.min(MOST, Math.max(LEAST, lifetime / SHARE));
    const ahead = Math.min(wanted, lifetime / 2);
    const now = clock.now();
    seen = now;
    expiresAt = claimed ?? now + lifetime;
    const rest = expiresAt - now;
    const left = isEarlier && rest > 0 && rest < lifetime ? rest : lifetime;
    const drawn = random();
    const doubled = isShort ? Math.min(longestRest, REST * 2 ** before) * (1 - drawn / 2) : 0;
    due = now + Math.max(REST, doubled, left - ahead - spreadOf(lifetime) * drawn);
    if (!isShort || before === 0) return;
    log?.warnOnce(
      "short-lived",
      'The server says of fresh tokens that they are nearly over, so each refresh waits longer. Compare its clock with that of the token\'s issuer. "expiresIn" is what is left, in milliseconds.',
    );
  };

  const isPast = (time = Number.POSITIVE_INFINITY): boolean => time - REST <= clock.now();

  const untilRefresh = (): number => {
    const now = clock.now();
    // A clock that was put back does not make a token live longer.
    if (now < seen) due -= seen - now;
    seen = now;
    return Math.max(0, due - now);
  };

  return {
    begin(lifetime, claimed, isEarlier) {
      before = isShort ? before + 1 : 0;
      own = undefined;
      longestRest = LONGEST_REST;
      isHeard = isShort = false;
      due = Number.POSITIVE_INFINITY;
      expiresAt = claimed;
      if (lifetime === undefined) return;
      arm(lifetime, claimed, isEarlier);
      own = lifetime;
      longestRest = Math.min(LONGEST_REST, due - clock.now());
    },
    hear(lifetime) {
      // Later in its life a token may be nearly over; only what is said first is about a fresh one.
      isShort = isNearlyOver(lifetime) && (isShort || !isHeard);
      isHeard = true;
      arm(lifetime);
      lookAgain();
    },
    untilRefresh,
    watch(onDue, least) {
      let rest = least;
      let timer: unknown;
      const look = (): void => {
        clock.clearTimeout(timer);
        const left = Math.max(untilRefresh(), rest);
        if (left === Number.POSITIVE_INFINITY) return;
        const delay = Math.min(LOOK, left);
        timer = clock.setTimeout(() => {
          rest = Math.max(0, rest - delay);
          if (untilRefresh() === 0 && rest === 0) onDue();
          else look();
        }, delay);
      };
      lookAgain = look;
      look();
      return () => {
        clock.clearTimeout(timer);
        lookAgain = () => {};
      };
    },
    expect(claimed) {
      isClockWrong = isPast(claimed);
    },
    get expiresAt() {
      return expiresAt;
    },
    get isOver() {
      return !isClockWrong && isPast(expiresAt);
    },
  };
}
