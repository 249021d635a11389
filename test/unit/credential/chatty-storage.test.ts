import { describe, expect, test } from "vitest";
import { breakableStorage, slowStorage } from "../../support/fake-storages.js";
import { manualClock, promisesSettled } from "../../support/manual-clock.js";
import { collectUncaught } from "../../support/uncaught.js";
import { READ_TIMEOUT, sourceHarness, types } from "./source-harness.js";

describe("a storage that signals a change while it is read", () => {
  test("F10 within the call of read(), synchronous or not, is read once", async () => {
    for (const isAsynchronous of [false, true]) {
      const storage = breakableStorage("first");
      storage.onRead = () => {
        if (storage.reads > 10) throw new Error("it is read again and again");
        storage.signal();
        return isAsynchronous ? Promise.resolve("first") : "first";
      };
      const { source, events, token } = sourceHarness(storage);
      source.read();
      await promisesSettled();
      expect([storage.reads, token(), types(events)]).toEqual([1, "first", ["token.changed"]]);
      expect(source.isCurrent()).toBe(true);
      expect(types(events)).toEqual(["token.changed"]);
    }
  });

  test("just before it answers has its answer heard, is looked at again a second later, and is told of in the log", async () => {
    const storage = slowStorage("first");
    const { source, events, log, token, clock } = sourceHarness(storage);
    /** Each answer comes after a signal, as from a client that tells everybody of the tokens it hands out. */
    const answer = async (): Promise<void> => {
      const { length } = storage.reads;
      storage.signal();
      storage.reads[length - 1]?.resolve(storage.value);
      await promisesSettled();
    };
    source.read();
    while (token() === undefined && storage.reads.length < 10) await answer();
    expect(token()).toBe("first");
    const { length } = storage.reads;
    expect(log).toEqual([expect.stringMatching(/^warn .*signals a change whenever it is read/)]);
    // What was signalled meanwhile is not lost.
    storage.value = null;
    await clock.advance(1_000);
    expect(storage.reads).toHaveLength(length + 1);
    storage.answerRead();
    await promisesSettled();
    expect(types(events).at(-1)).toBe("token.removed");
    expect(log).toHaveLength(1);
    expect(clock.pending()).toEqual([]);
  });

  test.each([false, true])(
    "in a microtask after each answer blocks nothing: it is heard once a second, and told of (asynchronous: %s)",
    async (isAsynchronous) => {
      const storage = breakableStorage("first");
      storage.onRead = () => {
        if (storage.reads > 500) throw new Error("it is read again and again");
        const answer = Promise.resolve("first");
        void answer.then(() => Promise.resolve()).then(() => storage.signal());
        return isAsynchronous ? answer : "first";
      };
      const { source, log, clock } = sourceHarness(storage);
      source.read();
      for (let turn = 0; turn < 50; turn += 1) await promisesSettled();
      expect(storage.reads).toBeLessThan(150);
      expect(log).toEqual([expect.stringMatching(/^warn .*signals a change whenever it is read/)]);
      // What it holds later is still found.
      storage.onRead = () => null;
      await clock.advance(1_000);
      await promisesSettled();
      expect(source.isCurrent()).toBe(true);
    },
  );

  test("while its reads are still under way is heard each time", async () => {
    const storage = slowStorage("first");
    const { source, events } = sourceHarness(storage);
    source.read();
    for (let signals = 0; signals < 10; signals += 1) storage.signal();
    expect(events).toHaveLength(10);
    for (const { resolve } of storage.reads) resolve("first");
    await promisesSettled();
    storage.signal();
    expect(types(events).slice(10)).toEqual(["token.changed", "token.maybeChanged"]);
  });

  test("to every connection that shares it, once for each of them, lets all of them connect", async () => {
    const storage = breakableStorage("first");
    storage.onRead = async () => {
      if (storage.reads > 1_000) throw new Error("reads without end");
      await promisesSettled();
      storage.signal();
      return "first";
    };
    const clock = manualClock();
    const harnesses = [
      sourceHarness(storage, { clock }),
      sourceHarness(storage, { clock }),
      sourceHarness(storage, { clock }),
    ];
    for (const { source } of harnesses) source.read();
    for (let turn = 0; turn < 20; turn += 1) await promisesSettled();
    expect(harnesses.map(({ token }) => token())).toEqual(["first", "first", "first"]);
    expect(harnesses.map(({ log }) => log.length)).toEqual([1, 1, 1]);
    for (const { stop } of harnesses) stop();
    expect(clock.pending()).toEqual([]);
  });

  test("leaves no timer when it ends meanwhile", async () => {
    const storage = slowStorage("first");
    const { source, clock, stop } = sourceHarness(storage);
    source.read();
    for (let reads = 0; reads < 6; reads += 1) {
      storage.signal();
      storage.reads[reads]?.resolve("first");
      await promisesSettled();
    }
    expect(clock.pending()).toContain(1_000);
    stop();
    expect(clock.pending()).toEqual([]);
  });
});

test("a storage that answered at once and does so no more is asked again, and what it rejects with is caught", async () => {
  const storage = breakableStorage("first");
  const { source, events } = sourceHarness(storage);
  source.read();
  storage.onRead = () => Promise.reject(new Error("offline"));
  const uncaught = await collectUncaught(async () => {
    source.isCurrent();
    await promisesSettled();
  });
  expect(uncaught).toEqual([]);
  expect(types(events)).toEqual(["token.changed", "token.maybeChanged", "token.unreadable"]);
});

describe("a change that is signalled while this tab stores something asynchronously", () => {
  test("is told of at once, and read once that is stored", async () => {
    const storage = slowStorage("first");
    const { source, events, token } = sourceHarness(storage);
    source.read();
    storage.answerRead();
    await promisesSettled();
    const refreshed = source.renew(async () => "second", new AbortController().signal);
    for (let look = 0; look < 2; look += 1) {
      await promisesSettled();
      storage.answerRead();
    }
    await promisesSettled();
    events.length = 0;
    storage.signal();
    expect(types(events)).toEqual(["token.maybeChanged"]);
    storage.writes[0]?.finish();
    await refreshed;
    await promisesSettled();
    storage.answerRead();
    await promisesSettled();
    expect([token(), types(events).at(-1)]).toEqual(["second", "token.unchanged"]);
  });

  test("has the whole time limit for its own read", async () => {
    const storage = slowStorage("first");
    const { source, events, clock } = sourceHarness(storage);
    source.read();
    storage.answerRead();
    await promisesSettled();
    const stored = source.login("second");
    storage.signal();
    await clock.advance(READ_TIMEOUT - 1);
    storage.writes[0]?.finish();
    await stored;
    await clock.advance(READ_TIMEOUT - 1);
    expect(types(events)).not.toContain("token.unreadable");
    await clock.advance(1);
    expect(types(events)).toContain("token.unreadable");
  });
});

test("after login() nothing counts as certain until an asynchronous storage has stored the token", async () => {
  const storage = slowStorage("first");
  const { source, events } = sourceHarness(storage);
  source.read();
  storage.answerRead();
  await promisesSettled();
  events.length = 0;
  const stored = source.login("second");
  expect(types(events)).toEqual(["token.maybeChanged"]);
  storage.writes[0]?.fail(new Error("full"));
  await expect(stored).rejects.toMatchObject({ code: "ERR_STORAGE_WRITE" });
  storage.answerRead();
  await promisesSettled();
  expect(types(events).at(-1)).toBe("token.unchanged");
});
