import { memoryStorage } from "socket-rotor";
import { describe, expect, test, vi } from "vitest";
import { createExpiry } from "../../../src/credential/expiry.js";
import { manualClock } from "../../support/manual-clock.js";
import { jwt } from "../../support/tokens.js";
import { RETRY_DELAY, refreshHarness } from "./refresh-harness.js";

const MINUTE = 60_000;

/** A token of five minutes, whose expiry is watched. */
function watched(least = 0) {
  const clock = manualClock();
  const expiry = createExpiry(clock, undefined, () => 0);
  expiry.begin(5 * MINUTE);
  const onDue = vi.fn();
  const unwatch = expiry.watch(onDue, least);
  return { clock, expiry, onDue, unwatch };
}

describe("the expiry of a token that is watched", () => {
  test("is told once, when the token should be refreshed", async () => {
    const { clock, onDue } = watched();
    await clock.advance(269_999);
    expect(onDue).not.toHaveBeenCalled();
    await clock.advance(1);
    await clock.advance(10 * MINUTE);
    expect(onDue).toHaveBeenCalledTimes(1);
    expect(clock.pending()).toEqual([]);
  });

  test("F56 is looked at each minute, so that a clock that was put on is noticed", async () => {
    const { clock, onDue } = watched();
    const read = clock.now;
    clock.now = () => read() + 10 * MINUTE;
    await clock.advance(MINUTE);
    expect(onDue).toHaveBeenCalledTimes(1);
  });

  test("is not told before the rest has passed, by the time that has really passed", async () => {
    const { clock, onDue } = watched(400_000);
    const read = clock.now;
    clock.now = () => read() + 10 * MINUTE;
    await clock.advance(399_999);
    expect(onDue).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(onDue).toHaveBeenCalledTimes(1);
  });

  test("goes by what the server says meanwhile", async () => {
    const { clock, expiry, onDue } = watched();
    await clock.advance(MINUTE);
    expiry.hear(20_000);
    await clock.advance(15_000);
    expect(onDue).toHaveBeenCalledTimes(1);
  });

  test("has no timer where nobody knows it, until the server says something", async () => {
    const clock = manualClock();
    const expiry = createExpiry(clock, undefined, () => 0);
    expiry.begin(undefined);
    const onDue = vi.fn();
    expiry.watch(onDue, 0);
    expect(clock.pending()).toEqual([]);
    expiry.hear(20_000);
    await clock.advance(15_000);
    expect(onDue).toHaveBeenCalledTimes(1);
  });

  test("G9 is not told after the watch has ended, whatever the server says then", async () => {
    const { clock, expiry, onDue, unwatch } = watched();
    unwatch();
    expiry.hear(20_000);
    await clock.advance(10 * MINUTE);
    expect([onDue.mock.calls, clock.pending()]).toEqual([[], []]);
  });
});

describe("a refresher that watches", () => {
  async function reading() {
    const at = refreshHarness(memoryStorage(jwt({ sub: "alice", iat: 0, exp: 300 })), async () => null);
    at.at.source.read();
    return at;
  }

  test("tells that the token is due, and asks for none by itself", async () => {
    const { refresher, clock, failed } = await reading();
    refresher.handle({ type: "watch", attempt: 0 });
    await clock.advance(270_000);
    expect([failed, refresher.isUnderWay]).toEqual([[{ type: "token.due" }], false]);
  });

  test("after failures in a row rests first", async () => {
    const { refresher, clock, failed } = await reading();
    await clock.advance(280_000);
    refresher.handle({ type: "watch", attempt: 3 });
    await clock.advance(3 * RETRY_DELAY - 1);
    expect(failed).toEqual([]);
    await clock.advance(1);
    expect(failed).toEqual([{ type: "token.due" }]);
  });

  test.each(["unwatch", "watch", "the end"])(
    "G9 has one timer at most: %s ends the one before",
    async (what) => {
      const { refresher, clock, end } = await reading();
      refresher.handle({ type: "watch", attempt: 0 });
      if (what === "unwatch") refresher.handle({ type: "unwatch" });
      if (what === "watch") refresher.handle({ type: "watch", attempt: 0 });
      if (what === "the end") end();
      expect(clock.pending()).toHaveLength(what === "watch" ? 1 : 0);
    },
  );
});
