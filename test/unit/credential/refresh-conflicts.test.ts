import { describe, expect, test, vi } from "vitest";
import { refreshByHand } from "../../behaviour/fakes/harness.js";
import { answer, breakableStorage, slowStorage } from "../../support/fake-storages.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { rejection } from "../../support/rejection.js";
import { refreshHarness, signedIn } from "./refresh-harness.js";
import { sharedLock, types } from "./source-harness.js";

describe("a refresh never resurrects a sign-out", () => {
  test("by another tab that nobody has heard of yet", async () => {
    const storage = breakableStorage("first");
    const { at, begin } = refreshHarness(storage, async () => {
      storage.value = null;
      return "second";
    });
    await signedIn(at);
    await rejection(begin(), "ERR_LOGGED_OUT");
    expect([storage.value, at.tokenStore.hasToken]).toEqual([null, false]);
  });

  test.each([
    { look: "before it asks the server", looks: 1, asked: 0 },
    { look: "when it has the answer", looks: 2, asked: 1 },
  ])("by logout while it looks at the storage $look", async ({ looks, asked }) => {
    const storage = slowStorage("first");
    const refresh = vi.fn(async () => "second");
    const { at, begin } = refreshHarness(storage, refresh);
    await signedIn(at, storage);
    const ended = rejection(begin(), "ERR_LOGGED_OUT");
    await promisesSettled();
    for (let answered = 1; answered < looks; answered += 1) {
      storage.answerRead();
      await promisesSettled();
    }
    expect(storage.reads).toHaveLength(1 + looks);
    const leaving = at.source.logout();
    storage.reads.at(-1)?.resolve("first");
    storage.writes[0]?.finish();
    await promisesSettled();
    for (const read of storage.reads) read.resolve(storage.value);
    await Promise.all([leaving, ended]);
    expect([storage.value, storage.writes.length, at.tokenStore.hasToken]).toEqual([null, 1, false]);
    expect(refresh).toHaveBeenCalledTimes(asked);
  });

  test("by logout while its answer is being written", async () => {
    const storage = slowStorage("first");
    const { at, begin } = refreshHarness(storage, async () => "second");
    await signedIn(at, storage);
    const ended = rejection(begin(), "ERR_LOGGED_OUT");
    for (let looks = 0; looks < 2; looks += 1) {
      await promisesSettled();
      storage.answerRead();
    }
    await promisesSettled();
    expect(storage.writes[0]?.token).toBe("second");
    const leaving = at.source.logout();
    storage.writes[0]?.finish();
    await promisesSettled();
    storage.writes[1]?.finish();
    await promisesSettled();
    for (const read of storage.reads) read.resolve(storage.value);
    await Promise.all([leaving, ended]);
    expect([storage.value, at.tokenStore.hasToken]).toEqual([null, false]);
  });

  test("by logout, which aborts the signal of the call, and never waits for the server", async () => {
    const { refresh, calls } = refreshByHand();
    const storage = breakableStorage("first");
    const { at, begin, failed, clock } = refreshHarness(storage, refresh, { lock: sharedLock() });
    await signedIn(at);
    const ended = rejection(begin(), "ERR_LOGGED_OUT");
    await promisesSettled();
    expect(calls[0]?.signal.aborted).toBe(false);
    await at.source.logout();
    expect(calls[0]?.signal.aborted).toBe(true);
    await ended;
    expect([failed, clock.pending()]).toEqual([[], []]);
    calls[0]?.resolve("second");
    await promisesSettled();
    expect([storage.value, at.tokenStore.hasToken]).toEqual([null, false]);
  });

  test("by logout and a sign-in right after: the newer user's token stays, and is refreshed on its own", async () => {
    const { refresh, calls } = refreshByHand();
    const storage = breakableStorage("of alice");
    const { at, begin, token } = refreshHarness(storage, refresh, { lock: sharedLock() });
    await signedIn(at);
    const first = begin();
    await promisesSettled();
    const leaving = at.source.logout();
    await at.source.login("of bob");
    const second = begin();
    await Promise.all([leaving, first, promisesSettled()]);
    calls[0]?.resolve("second of alice");
    await promisesSettled();
    expect([token(), storage.value, calls.length]).toEqual(["of bob", "of bob", 2]);
    calls[1]?.resolve("second of bob");
    await second;
    expect([token(), storage.value]).toEqual(["second of bob", "second of bob"]);
  });
});

/** A refresh that has been asked for, over a storage whose answers and writes are the test's to end. */
async function askedOnce() {
  const storage = slowStorage("first");
  const { refresh, calls } = refreshByHand();
  const { at, begin, token } = refreshHarness(storage, refresh);
  await signedIn(at, storage);
  const ended = begin();
  await promisesSettled();
  storage.answerRead();
  await promisesSettled();
  return { storage, calls, at, ended, token };
}

describe("a refresh gives way", () => {
  test("to a token that was signed in with meanwhile", async () => {
    const late = answer<string | null>();
    const storage = breakableStorage("first");
    const { at, begin, token } = refreshHarness(storage, () => late.promise);
    await signedIn(at);
    const ended = begin();
    await promisesSettled();
    await at.source.login("of bob");
    late.resolve("second of alice");
    await ended;
    await promisesSettled();
    expect([token(), storage.value]).toEqual(["of bob", "of bob"]);
  });

  test("to a sign-in that is being stored when the answer comes, also in the storage", async () => {
    const { storage, calls, at, ended, token } = await askedOnce();
    calls[0]?.resolve("second of alice");
    await promisesSettled();
    const entering = at.source.login("of bob");
    storage.answerRead();
    await promisesSettled();
    storage.writes[0]?.finish();
    await promisesSettled();
    storage.answerRead();
    await Promise.all([entering, ended]);
    expect(storage.writes.map(({ token }) => token)).toEqual(["of bob"]);
    expect([token(), storage.value]).toEqual(["of bob", "of bob"]);
  });

  test("to no sign-in that failed: its answer is applied after all", async () => {
    const { storage, calls, at, ended, token } = await askedOnce();
    const entering = rejection(at.source.login("of bob"), "ERR_STORAGE_WRITE");
    calls[0]?.resolve("second");
    await promisesSettled();
    storage.writes[0]?.fail(new Error("quota exceeded"));
    await entering;
    await promisesSettled();
    storage.answerRead();
    await promisesSettled();
    storage.writes[1]?.finish();
    await ended;
    expect([token(), storage.value]).toEqual(["second", "second"]);
  });

  test("to a sign-out in another tab before it asks: the server is not asked", async () => {
    const storage = breakableStorage("first");
    const refresh = vi.fn(async () => "second");
    const { at, begin } = refreshHarness(storage, refresh);
    await signedIn(at);
    storage.value = null;
    await rejection(begin(), "ERR_LOGGED_OUT");
    expect([at.tokenStore.hasToken, refresh.mock.calls.length]).toEqual([false, 0]);
  });

  test("to a token that another tab stored, which is applied instead", async () => {
    const storage = breakableStorage("first");
    const { at, begin, token } = refreshHarness(storage, async () => {
      storage.value = "of another tab";
      return "second";
    });
    await signedIn(at);
    await begin();
    expect([token(), storage.value]).toEqual(["of another tab", "of another tab"]);
  });

  test("to null of the server no more than to a token", async () => {
    const storage = breakableStorage("first");
    const { at, begin, token } = refreshHarness(storage, async () => {
      storage.value = "of another tab";
      return null;
    });
    await signedIn(at);
    await begin();
    expect([token(), storage.value]).toEqual(["of another tab", "of another tab"]);
  });
});

describe("an answer that cannot be stored", () => {
  test("is used in memory, and logged", async () => {
    const storage = breakableStorage("first");
    storage.onWrite = () => {
      throw new Error("quota exceeded");
    };
    const { at, begin, token } = refreshHarness(storage, async () => "second");
    await signedIn(at);
    await begin();
    expect([token(), storage.value]).toEqual(["second", "first"]);
    expect(at.log.join("\n")).toMatch(/^warn .*could not store the token/);
  });

  test("because the storage cannot be read any more is a failure: nobody knows who is signed in", async () => {
    const storage = breakableStorage("first");
    const { at, begin, token, failed } = refreshHarness(storage, async () => {
      storage.onRead = () => {
        throw new Error("gone");
      };
      return "second";
    });
    await signedIn(at);
    await rejection(begin(), "ERR_REFRESH_FAILED");
    expect(types(failed)).toEqual(["token.refreshFailed"]);
    expect(token()).toBe("first");
  });
});

test("a read that hangs while a refresh finds a newer token ends with it, and closes no link later", async () => {
  const storage = slowStorage("first");
  const { refresh, calls } = refreshByHand();
  const { at, begin } = refreshHarness(storage, refresh);
  await signedIn(at, storage);
  const ended = begin().catch(() => {});
  await promisesSettled();
  storage.answerRead();
  await promisesSettled();
  at.source.read();
  const hanging = storage.reads.length;
  calls[0]?.resolve("stale");
  await promisesSettled();
  expect(storage.reads).toHaveLength(hanging + 1);
  storage.reads.at(-1)?.resolve("second");
  await ended;
  await at.clock.advance(60_000);
  expect(at.tokenStore.holds("second")).toBe(true);
  expect(types(at.events)).not.toContain("token.unreadable");
});
