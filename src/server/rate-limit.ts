const MINUTE = 60_000;

export interface RateLimit {
  /** Takes one; answers with 0, or with the milliseconds to wait where there is none left. */
  take(): number;
}

/** So many in any sixty seconds. */
export function createRateLimit(perMinute: number, now: () => number = Date.now): RateLimit {
  let taken: number[] = [];
  return {
    take() {
      const time = now();
      taken = taken.filter((at) => at > time - MINUTE && at <= time);
      const [oldest = time] = taken;
      if (taken.length >= perMinute) return oldest + MINUTE - time;
      if (perMinute !== Number.POSITIVE_INFINITY) taken.push(time);
      return 0;
    },
  };
}
