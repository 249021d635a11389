import { describe, expect, test } from "vitest";
import { createBackoff } from "../../src/clock.js";
import { createExpiry } from "../../src/credential/expiry.js";
import { manualClock } from "../support/manual-clock.js";
import { seeded } from "../support/random.js";

const CLIENTS = 1_000;
const SLICE = 100;

/** One moment a client, each by a policy of its own; all draw from one seed. */
function moments(moment: (random: () => number) => number): number[] {
  const random = seeded(20);
  return Array.from({ length: CLIENTS }, () => moment(random));
}

/** How many come in the fullest slice of the window, as a multiple of what would be fair. */
function crowding(all: readonly number[], from: number, to: number): number {
  const slices = new Map<number, number>();
  for (const each of all) {
    expect(each).toBeGreaterThanOrEqual(from);
    expect(each).toBeLessThanOrEqual(to);
    const slice = Math.floor((each - from) / SLICE);
    slices.set(slice, (slices.get(slice) ?? 0) + 1);
  }
  return Math.max(...slices.values()) / (CLIENTS / ((to - from) / SLICE));
}

describe("F20 a thousand clients", () => {
  test.each([
    { failures: 1, longest: 1_000 },
    { failures: 2, longest: 2_000 },
    { failures: 4, longest: 8_000 },
  ])("kicked at once come back spread over $longest ms after $failures failures", ({ failures, longest }) => {
    const delays = moments((random) => createBackoff(1_000, 30_000, random)(failures, null));
    expect(crowding(delays, 0, longest)).toBeLessThanOrEqual(3);
  });

  test("told to stay away come back spread over the delay that follows", () => {
    const delays = moments((random) => createBackoff(1_000, 30_000, random)(1, 5_000));
    expect(crowding(delays, 5_000, 6_000)).toBeLessThanOrEqual(3);
  });

  test.each([
    { what: "for a minute", lifetime: 60_000, leeway: undefined, from: 54_000, to: 57_000 },
    { what: "for five minutes", lifetime: 300_000, leeway: undefined, from: 270_000, to: 285_000 },
    { what: "with a leeway of its own", lifetime: 300_000, leeway: 4_000, from: 296_000, to: 298_000 },
  ])("whose tokens live $what ask for another one spread over half of the leeway", (given) => {
    const delays = moments((random) => {
      const expiry = createExpiry(manualClock(), given.leeway, random);
      expiry.begin(given.lifetime);
      return expiry.untilRefresh();
    });
    expect(crowding(delays, given.from, given.to)).toBeLessThanOrEqual(3);
  });
});
