import { describe, expect, test } from "vitest";
import { createBackoff } from "../../src/backoff.js";
import { createExpiry } from "../../src/credential/expiry.js";
import { manualClock } from "../support/manual-clock.js";
import { seeded } from "../support/random.js";

const CLIENTS = 1_000;
const SLICE = 100;

/** One moment a client, each by a policy of its own; all draw from one seed. */
function moments(moment: (random: () => number) => number, clients = CLIENTS): number[] {
  const random = seeded(20);
  return Array.from({ length: clients }, () => moment(random));
}

/** After how long a fresh token is refreshed. */
function refreshAfter(lifetime: number, random: () => number, leeway?: number): number {
  const expiry = createExpiry(manualClock(), leeway, random);
  expiry.begin(lifetime);
  return expiry.untilRefresh();
}

/** How many come in the fullest slice of so many milliseconds. */
function fullest(all: readonly number[], slice: number): number {
  const slices = new Map<number, number>();
  for (const each of all) {
    const at = Math.floor(each / slice);
    slices.set(at, (slices.get(at) ?? 0) + 1);
  }
  return Math.max(...slices.values());
}

/** How many come in the fullest slice of the window, as a multiple of what would be fair. */
function crowding(all: readonly number[], from: number, to: number, slice = SLICE): number {
  for (const each of all) {
    expect(each).toBeGreaterThanOrEqual(from);
    expect(each).toBeLessThanOrEqual(to);
  }
  const moved = all.map((each) => each - from);
  return fullest(moved, slice) / (all.length / ((to - from) / slice));
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
    { what: "for a minute", lifetime: 60_000, leeway: undefined, from: 39_000, to: 54_000 },
    { what: "for five minutes", lifetime: 300_000, leeway: undefined, from: 195_000, to: 270_000 },
    { what: "with a leeway of its own", lifetime: 300_000, leeway: 4_000, from: 221_000, to: 296_000 },
    { what: "for an hour", lifetime: 3_600_000, leeway: undefined, from: 3_360_000, to: 3_540_000 },
  ])("whose tokens live $what ask for another one spread over the time before the leeway", (given) => {
    const delays = moments((random) => refreshAfter(given.lifetime, random, given.leeway));
    expect(crowding(delays, given.from, given.to, (given.to - given.from) / 20)).toBeLessThanOrEqual(3);
  });
});

describe("F42 two hundred thousand tokens that were issued together, against 1,000 refreshes a second", () => {
  test.each([
    { minutes: 5, times: 3 },
    { minutes: 60, times: 1.5 },
    { minutes: 24 * 60, times: 1.5 },
  ])("that live $minutes minutes: the fullest second has at most $times times that", ({ minutes, times }) => {
    const delays = moments((random) => refreshAfter(minutes * 60_000, random), 200_000);
    expect(fullest(delays, 1_000)).toBeLessThanOrEqual(times * 1_000);
  });
});
