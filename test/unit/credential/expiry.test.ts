import { describe, expect, test, vi } from "vitest";
import { systemClock } from "../../../src/clock.js";
import { createExpiry } from "../../../src/credential/expiry.js";
import { createLog } from "../../../src/logger.js";
import { type ManualClock, manualClock } from "../../support/manual-clock.js";
import { recordingLogger } from "../../support/recording-logger.js";

const DAY = 86_400_000;

/** An expiry that refreshes as early as it may, or as late. */
function expiryOf({ leeway, random = 0 }: { leeway?: number; random?: number } = {}) {
  const clock = manualClock();
  return { clock, expiry: createExpiry(clock, leeway, () => random) };
}

describe("the moment to refresh", () => {
  test.each([
    { lifetime: 300_000, what: "a tenth ahead", ahead: 30_000 },
    { lifetime: 3_600_000, what: "a minute ahead at most", ahead: 60_000 },
    { lifetime: 30 * DAY, what: "a minute ahead at most", ahead: 60_000 },
    { lifetime: 30_000, what: "five seconds ahead at least", ahead: 5_000 },
    { lifetime: 8_000, what: "half of the lifetime ahead at most", ahead: 4_000 },
  ])("of a token of $lifetime ms is $what", ({ lifetime, ahead }) => {
    const { expiry } = expiryOf();
    expiry.begin(lifetime);
    expect(expiry.untilRefresh()).toBe(lifetime - ahead);
  });

  test.each([
    { leeway: 20_000, ahead: 20_000 },
    { leeway: 0, ahead: 0 },
    { leeway: 1_000, ahead: 1_000 },
    { leeway: 200_000, ahead: 150_000 },
    { leeway: Number.POSITIVE_INFINITY, ahead: 150_000 },
  ])("goes by a refreshLeeway of $leeway, but never more than half of the lifetime", ({ leeway, ahead }) => {
    const { expiry } = expiryOf({ leeway });
    expiry.begin(300_000);
    expect(expiry.untilRefresh()).toBe(300_000 - ahead);
  });

  test.each([
    { lifetime: 60_000, random: 0.5, early: 7_500, of: "a quarter of the lifetime" },
    { lifetime: 300_000, random: 0, early: 0, of: "75 s" },
    { lifetime: 300_000, random: 1, early: 75_000, of: "75 s" },
    { lifetime: 1_200_000, random: 1, early: 75_000, of: "75 s" },
    { lifetime: 3_600_000, random: 0.5, early: 90_000, of: "a twentieth of the lifetime" },
  ])("F42 is drawn from $of before that: $random of it, of $lifetime ms", ({ lifetime, random, early }) => {
    const { expiry } = expiryOf({ random });
    expiry.begin(lifetime);
    const { expiry: latest } = expiryOf();
    latest.begin(lifetime);
    expect(latest.untilRefresh() - expiry.untilRefresh()).toBe(early);
  });

  test.each([
    { left: 100_000, what: "what its own claim leaves of it", due: 70_000 },
    { left: 20_000, what: "at once where that is less, but for the second of rest", due: 1_000 },
    { left: 500_000, what: "the lifetime where the clock is behind", due: 270_000 },
    { left: -100_000, what: "the lifetime where the clock says that it is over", due: 270_000 },
  ])("of a token that was there before, with $left ms to go, counts by $what", ({ left, due }) => {
    const { clock, expiry } = expiryOf();
    expiry.begin(300_000, clock.now() + left, true);
    expect(expiry.untilRefresh()).toBe(due);
    expiry.begin(300_000, clock.now() + left);
    expect(expiry.untilRefresh()).toBe(270_000);
  });

  test("is drawn once: every look finds the same moment, and none in the past", async () => {
    const draws = vi.fn(() => 0.5);
    const clock = manualClock();
    const expiry = createExpiry(clock, undefined, draws);
    expiry.begin(300_000);
    await clock.advance(100_000);
    expect([expiry.untilRefresh(), expiry.untilRefresh(), draws.mock.calls.length]).toEqual([
      132_500, 132_500, 1,
    ]);
    await clock.advance(300_000);
    expect(expiry.untilRefresh()).toBe(0);
  });

  test.each([0, 500, 1_500])(
    "of a token of %i ms is a second away: a server is not asked without end",
    (lifetime) => {
      const { expiry } = expiryOf();
      expiry.begin(lifetime);
      expect(expiry.untilRefresh()).toBe(1_000);
    },
  );

  test("never comes where nobody knows the lifetime, also after one that was known", () => {
    const { expiry } = expiryOf();
    expect([expiry.untilRefresh(), expiry.expiresAt]).toEqual([Number.POSITIVE_INFINITY, undefined]);
    expiry.begin(300_000);
    expiry.begin(undefined);
    expect([expiry.untilRefresh(), expiry.expiresAt]).toEqual([Number.POSITIVE_INFINITY, undefined]);
  });

  test("follows what the server says later: it counts from then on", async () => {
    const { expiry, clock } = expiryOf();
    expiry.begin(3_600_000);
    await clock.advance(1_000);
    expiry.begin(100_000);
    expect(expiry.untilRefresh()).toBe(90_000);
  });
});

describe("F64 a fresh token of which the server says that it is nearly over", () => {
  /** How long the client waits before each of the next refreshes, where each token is told to live so long. */
  function rests(told: number, { own, count = 8 }: { own?: number; count?: number } = {}): number[] {
    const { expiry } = expiryOf();
    return Array.from({ length: count }, () => {
      expiry.begin(own);
      expiry.hear(told);
      return expiry.untilRefresh() / 1_000;
    });
  }

  test.each([0, 500, 1_999])("makes the next refresh wait longer each time: %i ms", (told) => {
    expect(rests(told, { count: 12 })).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
  });

  test("never makes it wait longer than the token's own claims would", () => {
    expect(rests(0, { own: 60_000 })).toEqual([1, 2, 4, 8, 16, 32, 54, 54]);
  });

  test.each([
    { told: 3_600, own: 3_600_000, what: "seconds where milliseconds belong" },
    { told: 5_000, own: 60_000, what: "a clock that is ahead by nearly the token's life" },
  ])("counts as such below a tenth of its own lifetime: $what", ({ told, own }) => {
    const waits = rests(told, { own });
    expect(waits.slice(3)).toEqual([8, 16, 32, own === 60_000 ? 54 : 64, own === 60_000 ? 54 : 128]);
  });

  test.each([
    { told: 2_000, own: undefined },
    { told: 8_000, own: undefined },
    { told: 6_000, own: 60_000 },
    { told: 60_000, own: 60_000 },
  ])("is none that lives for $told ms of $own", ({ told, own }) => {
    const waits = rests(told, own === undefined ? {} : { own });
    expect(new Set(waits).size).toBe(1);
  });

  test("is forgotten with a healthy one, and with a sign-out", () => {
    const { expiry } = expiryOf();
    const next = (told: number): number => {
      expiry.begin(undefined);
      expiry.hear(told);
      return expiry.untilRefresh();
    };
    expect([next(0), next(0), next(0), next(60_000), next(0), next(0)]).toEqual([
      1_000, 2_000, 4_000, 54_000, 1_000, 2_000,
    ]);
    expiry.begin(undefined);
    expect(next(0)).toBe(1_000);
  });

  test("counts once, however often the server says so, and no longer when it says otherwise", () => {
    const { expiry } = expiryOf();
    for (let token = 0; token < 3; token += 1) {
      expiry.begin(undefined);
      for (let times = 0; times < 5; times += 1) expiry.hear(0);
    }
    expect(expiry.untilRefresh()).toBe(4_000);
    expiry.hear(60_000);
    expect(expiry.untilRefresh()).toBe(54_000);
  });

  test("is none that was fresh before, and is nearly over by now", async () => {
    const { clock, expiry } = expiryOf();
    for (let token = 0; token < 5; token += 1) {
      expiry.begin(undefined);
      expiry.hear(60_000);
      await clock.advance(53_000);
      // A new handshake of the same token.
      expiry.hear(500);
      expect(expiry.untilRefresh()).toBe(1_000);
    }
  });

  test("spreads the refreshes of clients that came together", () => {
    const late = createExpiry(manualClock(), undefined, () => 1);
    for (let token = 0; token < 3; token += 1) {
      late.begin(undefined);
      late.hear(0);
    }
    expect(late.untilRefresh()).toBe(2_000);
  });

  test("is logged once, and only when it is not the first", () => {
    const logger = recordingLogger();
    const expiry = createExpiry(manualClock(), undefined, () => 0, createLog(logger));
    const lines: number[] = [];
    for (let token = 0; token < 4; token += 1) {
      expiry.begin(undefined);
      expiry.hear(0);
      lines.push(logger.lines.length);
    }
    expect(lines).toEqual([0, 1, 1, 1]);
    expect(logger.lines[0]).toMatch(/clock.*"expiresIn".*milliseconds/);
  });
});

describe("clocks", () => {
  test.each([-DAY, 0, DAY])("that are %i ms off make no difference", async (offset) => {
    const clock = manualClock();
    const shifted: ManualClock = { ...clock, now: () => clock.now() + offset };
    const expiry = createExpiry(shifted, undefined, () => 0);
    // By the issuer's clock, which is right.
    expiry.begin(300_000, clock.now() + 300_000);
    expect(expiry.untilRefresh()).toBe(270_000);
    await clock.advance(200_000);
    expect(expiry.untilRefresh()).toBe(70_000);
    expect(expiry.expiresAt).toBe(clock.now() + 100_000);
  });

  test("what a token claims is shown, and nothing is decided by it", () => {
    const { expiry, clock } = expiryOf();
    expiry.begin(undefined, clock.now() - DAY);
    expect([expiry.expiresAt, expiry.untilRefresh()]).toEqual([clock.now() - DAY, Number.POSITIVE_INFINITY]);
    expiry.begin(300_000, clock.now() - DAY);
    expect([expiry.expiresAt, expiry.untilRefresh()]).toEqual([clock.now() - DAY, 270_000]);
  });

  test("what the server says is shown by this clock", () => {
    const { expiry, clock } = expiryOf();
    expiry.begin(300_000);
    expect(expiry.expiresAt).toBe(clock.now() + 300_000);
  });
});

test("F21 a token of 30 days is not refreshed in its first seconds, nor at all before it is due", () => {
  vi.useFakeTimers();
  try {
    const clock = systemClock();
    const expiry = createExpiry(clock, undefined, () => 0);
    expiry.begin(30 * DAY);
    const refresh = vi.fn();
    clock.setTimeout(refresh, expiry.untilRefresh());
    vi.advanceTimersByTime(60_000);
    expect(refresh).not.toHaveBeenCalled();
    vi.advanceTimersByTime(30 * DAY - 60_000 - 60_001);
    expect(refresh).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(refresh).toHaveBeenCalledOnce();
  } finally {
    vi.useRealTimers();
  }
});
