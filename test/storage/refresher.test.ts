import type { Refresh } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { promisesSettled } from "../manual-clock.js";
import { rejection } from "../rejection.js";
import { untyped } from "../untyped.js";
import { answer, breakableStorage } from "./adapters.js";
import { types } from "./desk.js";
import { REFRESH_TIMEOUT, refreshDesk, signedIn } from "./refresh-desk.js";

describe("an answer", () => {
  test("is stored, and put in force under a new epoch", async () => {
    const storage = breakableStorage("first");
    const { at, begin, token } = refreshDesk(storage, async () => "second");
    await signedIn(at);
    await begin().outcome;
    expect([token(), storage.value, at.vault.epoch]).toEqual(["second", "second", 2]);
  });

  test.each([null, ""])("of %j signs out, and removes the token", async (nobody) => {
    const storage = breakableStorage("first");
    const { at, begin, failed } = refreshDesk(storage, async () => nobody);
    await signedIn(at);
    await rejection(begin().outcome, "ERR_LOGGED_OUT");
    expect([at.vault.hasToken, storage.value]).toEqual([false, null]);
    expect(failed).toEqual([]);
  });

  test("with the very token it was to replace is a failure that says so", async () => {
    const { at, begin, failed } = refreshDesk(breakableStorage("first"), async () => "first");
    await signedIn(at);
    const { message } = await rejection(begin().outcome, "ERR_REFRESH_FAILED");
    expect(message).toContain("the very token");
    expect(failed).toEqual([{ type: "token.refreshFailed", code: "ERR_REFRESH_FAILED" }]);
    expect(at.vault.hasToken).toBe(true);
  });

  test.each([[undefined], [42], [{ accessToken: "x" }]])(
    "of %j is no token: typed, and nobody is signed out",
    async (value) => {
      const { at, begin, failed } = refreshDesk(breakableStorage("first"), async () => untyped(value));
      await signedIn(at);
      await rejection(begin().outcome, "ERR_INVALID_TOKEN");
      expect(failed).toEqual([{ type: "token.refreshFailed", code: "ERR_INVALID_TOKEN" }]);
      expect(at.vault.hasToken).toBe(true);
    },
  );
});

describe("no answer", () => {
  test("a throw and a rejection are typed, without the token, and nobody is signed out", async () => {
    const failing: Refresh[] = [
      async () => {
        throw new TypeError("opaque-secret-of-alice was refused");
      },
      () => {
        throw new TypeError("opaque-secret-of-alice was refused");
      },
    ];
    for (const refresh of failing) {
      const { at, begin, failed } = refreshDesk(breakableStorage("opaque-secret-of-alice"), refresh);
      await signedIn(at);
      const { cause } = await rejection(begin().outcome, "ERR_REFRESH_FAILED");
      expect(String(cause)).toBe("TypeError: [redacted] was refused");
      expect(types(failed)).toEqual(["token.refreshFailed"]);
      expect(at.vault.hasToken).toBe(true);
      expect(at.clock.pending()).toEqual([]);
    }
  });

  test("a hang ends after refreshTimeout, its signal aborts, and its late answer is dropped", async () => {
    const late = answer<string | null>();
    const signals: AbortSignal[] = [];
    const storage = breakableStorage("first");
    const { at, begin, failed, clock, token } = refreshDesk(storage, ({ signal }) => {
      signals.push(signal);
      return late.promise;
    });
    await signedIn(at);
    const { outcome } = begin();
    await clock.advance(REFRESH_TIMEOUT - 1);
    expect([failed.length, signals[0]?.aborted]).toEqual([0, false]);
    await clock.advance(1);
    await rejection(outcome, "ERR_REFRESH_TIMEOUT");
    expect(failed).toEqual([{ type: "token.refreshFailed", code: "ERR_REFRESH_TIMEOUT" }]);
    expect(signals[0]?.aborted).toBe(true);
    late.resolve("too late");
    await promisesSettled();
    expect([token(), storage.value]).toEqual(["first", "first"]);
  });

  test("given up, it leaves no timer, its signal aborts, and its answer is dropped", async () => {
    const late = answer<string | null>();
    const signals: AbortSignal[] = [];
    const storage = breakableStorage("first");
    const { at, begin, failed, clock } = refreshDesk(storage, ({ signal }) => {
      signals.push(signal);
      return late.promise;
    });
    await signedIn(at);
    const { outcome, giveUp } = begin();
    giveUp();
    expect([signals[0]?.aborted, clock.pending()]).toEqual([true, []]);
    await rejection(outcome, "ERR_NOT_REFRESHED");
    late.resolve("too late");
    await promisesSettled();
    expect([storage.value, failed]).toEqual(["first", []]);
  });

  test("asked for while none is under way is refused", async () => {
    const { at, refresher } = refreshDesk(breakableStorage("first"), async () => "second");
    await signedIn(at);
    await rejection(refresher.outcome(), "ERR_NOT_REFRESHED");
  });
});
