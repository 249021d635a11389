/** How long to wait before attempts. All times are milliseconds. */
export interface Backoff {
  /** The delay before the next attempt, after so many failures in a row. */
  delay(attempt: number, retryAfter: number | null): number;
  /** The delay that was given last. */
  readonly last: number;
}

/**
 * Exponential backoff with full jitter: the delay is clamped first and made random after, so that clients that
 * failed together come back spread over the whole delay. What the server asks for is added to, never cut.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function createBackoff(first: number, longest: number, random: () => number = Math.random): Backoff {
  let last = 0;
  return {
    delay(attempt, retryAfter) {
      const clamped = Math.min(longest, first * 2 ** Math.min(50, Math.max(0, attempt - 1)));
      last = (retryAfter ?? 0) + random() * clamped;
      return last;
    },
    get last() {
      return last;
    },
  };
}
