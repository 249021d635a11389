import { ConnectionError, type Refresh } from "socket-rotor";
import { describe, expect, test, vi } from "vitest";
import { refreshByHand } from "../../behaviour/fakes/harness.js";
import { answer, breakableStorage } from "../../support/fake-storages.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { rejection } from "../../support/rejection.js";
import { untyped } from "../../support/untyped.js";
import { REFRESH_TIMEOUT, refreshHarness, signedIn } from "./refresh-harness.js";
import { sharedLock, types } from "./source-harness.js";

describe("an answer", () => {
  test("of null signs out, and removes the token", async () => {
    const storage = breakableStorage("first");
    const { at, begin, failed } = refreshHarness(storage, async () => null);
    await signedIn(at);
    await rejection(begin(), "ERR_LOGGED_OUT");
    expect([at.tokenStore.hasToken, storage.value]).toEqual([false, null]);
    expect(failed).toEqual([]);
  });

  test("with the very token it was to replace is a failure that says so", async () => {
    const { at, begin, failed } = refreshHarness(breakableStorage("first"), async () => "first");
    await signedIn(at);
    const { message } = await rejection(begin(), "ERR_REFRESH_FAILED");
    expect(message).toContain("the very token");
    expect(failed).toEqual([{ type: "token.refreshFailed", code: "ERR_REFRESH_FAILED" }]);
    expect(at.tokenStore.hasToken).toBe(true);
  });

  test.each([[undefined], [42], [""], [{ accessToken: "x" }]])(
    "of %j is no token: typed, and nobody is signed out",
    async (value) => {
      const { at, begin, failed } = refreshHarness(breakableStorage("first"), async () => untyped(value));
      await signedIn(at);
      await rejection(begin(), "ERR_INVALID_TOKEN");
      expect(failed).toEqual([{ type: "token.refreshFailed", code: "ERR_INVALID_TOKEN" }]);
      expect(at.tokenStore.hasToken).toBe(true);
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
      const { at, begin, failed } = refreshHarness(breakableStorage("opaque-secret-of-alice"), refresh);
      await signedIn(at);
      const { cause } = await rejection(begin(), "ERR_REFRESH_FAILED");
      expect(String(cause)).toBe("TypeError: [redacted] was refused");
      expect(types(failed)).toEqual(["token.refreshFailed"]);
      expect(at.tokenStore.hasToken).toBe(true);
      expect(at.clock.pending()).toEqual([]);
    }
  });

  test("an error of this library's keeps its code, and the error behind it", async () => {
    const cause = new TypeError("the store is gone");
    const { at, begin } = refreshHarness(breakableStorage("first"), async () => {
      throw new ConnectionError("ERR_STORAGE_READ", "It cannot be read.", { cause });
    });
    await signedIn(at);
    const error = await rejection(begin(), "ERR_STORAGE_READ");
    expect([error.message, String(error.cause)]).toEqual([
      "It cannot be read.",
      "TypeError: the store is gone",
    ]);
  });

  test("F25 of the server frees the lock for other tabs in time", async () => {
    const lock = sharedLock();
    const storage = breakableStorage("first");
    const { at, begin, clock } = refreshHarness(storage, () => new Promise(() => {}), { lock });
    await signedIn(at);
    const ended = rejection(begin(), "ERR_REFRESH_TIMEOUT");
    const next = vi.fn();
    const waiting = lock({ signal: new AbortController().signal, isStale: () => false }, next);
    await clock.advance(REFRESH_TIMEOUT - 1);
    expect(next).not.toHaveBeenCalled();
    await clock.advance(1);
    await Promise.all([ended, waiting]);
    expect([next.mock.calls.length, clock.pending()]).toEqual([1, []]);
  });

  test("from the storage is a failure, and the server is not asked", async () => {
    const storage = breakableStorage("first");
    const refresh = vi.fn(async () => "second");
    const { at, begin, failed } = refreshHarness(storage, refresh);
    await signedIn(at);
    storage.onRead = () => {
      throw new Error("gone");
    };
    await rejection(begin(), "ERR_REFRESH_FAILED");
    expect([types(failed), refresh.mock.calls.length]).toEqual([["token.refreshFailed"], 0]);
  });
});

describe("the end", () => {
  test("leaves no timer, aborts the signal, and drops the answer", async () => {
    const { refresh, calls } = refreshByHand();
    const storage = breakableStorage("first");
    const { at, begin, end, failed, clock } = refreshHarness(storage, refresh);
    await signedIn(at);
    const ended = rejection(begin(), "ERR_NOT_REFRESHED");
    await promisesSettled();
    end();
    expect([calls[0]?.signal.aborted, clock.pending()]).toEqual([true, []]);
    await ended;
    calls[0]?.resolve("too late");
    await promisesSettled();
    expect([storage.value, failed]).toEqual(["first", []]);
  });

  test("in the middle of a look at the storage: the server is not asked, and no timer is left", async () => {
    const refresh = vi.fn(async () => "second");
    const storage = breakableStorage("first");
    const { at, begin, end, clock } = refreshHarness(storage, refresh);
    await signedIn(at);
    const ended = rejection(begin(), "ERR_NOT_REFRESHED");
    end();
    await ended;
    expect([refresh.mock.calls.length, clock.pending()]).toEqual([0, []]);
  });

  test("ends the wait for the lock", async () => {
    const refresh = vi.fn(async () => "second");
    const lock = sharedLock();
    const held = answer<void>();
    void lock({ signal: new AbortController().signal, isStale: () => false }, () => held.promise);
    const { at, begin, end } = refreshHarness(breakableStorage("first"), refresh, { lock });
    await signedIn(at);
    const ended = rejection(begin(), "ERR_NOT_REFRESHED");
    end();
    await ended;
    held.resolve();
    await promisesSettled();
    expect(refresh).not.toHaveBeenCalled();
  });
});

describe("one call at a time", () => {
  test("asked for while a call is under way, it joins that call", async () => {
    const { refresh, calls } = refreshByHand();
    const { at, begin, token } = refreshHarness(breakableStorage("first"), refresh);
    await signedIn(at);
    const all = [begin(), begin()];
    await promisesSettled();
    all.push(begin());
    expect(calls).toHaveLength(1);
    calls[0]?.resolve("second");
    await Promise.all(all);
    await promisesSettled();
    expect([token(), calls.length]).toEqual(["second", 1]);
  });

  test("a call that was begun goes on through everything but a sign-out: a token that changes, a signal", async () => {
    const { refresh, calls } = refreshByHand();
    const storage = breakableStorage("first");
    const { at, begin } = refreshHarness(storage, refresh);
    await signedIn(at);
    const ended = begin();
    await promisesSettled();
    await at.source.login("of bob");
    storage.value = "of another tab";
    storage.signal();
    await promisesSettled();
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([false]);
    calls[0]?.resolve("second");
    await ended;
    expect(storage.value).toBe("of another tab");
  });

  test("asked for again after the token changed, the first is given up, and the newer token refreshed once", async () => {
    const { refresh, calls } = refreshByHand();
    const storage = breakableStorage("first");
    const { at, begin, token, failed } = refreshHarness(storage, refresh, { lock: sharedLock() });
    await signedIn(at);
    const first = begin();
    await promisesSettled();
    await at.source.login("of bob");
    const again = [begin(), begin()];
    await Promise.all([first, promisesSettled()]);
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    calls[0]?.resolve("second of alice");
    await promisesSettled();
    expect(token()).toBe("of bob");
    calls[1]?.resolve("second of bob");
    await Promise.all(again);
    expect([calls.length, token(), storage.value]).toEqual([2, "second of bob", "second of bob"]);
    expect(failed).toEqual([]);
  });

  test("a failure of a call for an earlier token is not reported", async () => {
    const { refresh, calls } = refreshByHand();
    const { at, begin, failed } = refreshHarness(breakableStorage("first"), refresh);
    await signedIn(at);
    const first = begin();
    await promisesSettled();
    await at.source.login("of bob");
    calls[0]?.reject(new Error("refused"));
    await first;
    expect(failed).toEqual([]);
  });

  test("asked for while nobody is signed in, it ends there", async () => {
    const { refresh, calls } = refreshByHand();
    const { at, begin, failed } = refreshHarness(breakableStorage(null), refresh);
    await signedIn(at);
    await rejection(begin(), "ERR_LOGGED_OUT");
    expect([calls.length, failed]).toEqual([0, []]);
  });
});

test("the outcome asked for while none is under way is refused", async () => {
  const { at, refresher } = refreshHarness(breakableStorage("first"), async () => "second");
  await signedIn(at);
  await rejection(refresher.outcome(), "ERR_NOT_REFRESHED");
});

test("nothing is left unhandled, however many wait", async () => {
  const unhandled: unknown[] = [];
  const collect = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", collect);
  try {
    const failing: Refresh[] = [
      () => Promise.reject(new Error("offline")),
      () => {
        throw new Error("offline");
      },
      async () => null,
      async () => "first",
      () => new Promise(() => {}),
    ];
    for (const refresh of failing) {
      const { at, refresher, clock, end } = refreshHarness(breakableStorage("first"), refresh);
      await signedIn(at);
      refresher.handle({ type: "refresh" });
      await clock.advance(REFRESH_TIMEOUT);
      refresher.handle({ type: "refresh" });
      await promisesSettled();
      end();
      await promisesSettled();
    }
    expect(unhandled).toEqual([]);
  } finally {
    process.off("unhandledRejection", collect);
  }
});
