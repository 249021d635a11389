/** How long to wait before the next attempt, after so many failures in a row. */
export type Backoff = (attempt: number, retryAfter?: number | null) => number;

/**
 * Exponential backoff with full jitter: the delay is clamped first and made random after, so that clients that
 * failed together come back spread over the whole delay. What the server asks for is added to, never cut. All times are
 * milliseconds.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function createBackoff(first: number, longest: number, random: () => number = Math.random): Backoff {
  return (attempt, retryAfter) =>
    (retryAfter ?? 0) + random() * Math.min(longest, first * 2 ** Math.min(50, Math.max(0, attempt - 1)));
}
