import { memoryStorage } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { breakableStorage, slowStorage } from "../../support/fake-storages.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { jwt } from "../../support/tokens.js";
import { collectUncaught } from "../../support/uncaught.js";
import { untyped } from "../../support/untyped.js";
import { READ_TIMEOUT, sourceHarness, types } from "./source-harness.js";

describe("three answers that are never confused", () => {
  test("a token is applied under a new version", () => {
    const { source, events, token } = sourceHarness(memoryStorage("first"));
    source.read();
    expect(events).toEqual([{ type: "token.changed", version: 1, isOtherUser: false, isOpaque: true }]);
    expect(token()).toBe("first");
  });

  test("null, and an empty string, are signed out", () => {
    for (const nobody of [null, ""]) {
      const storage = breakableStorage("first");
      const { source, events, tokenStore } = sourceHarness(storage);
      source.read();
      storage.value = nobody;
      source.read();
      expect(types(events)).toEqual(["token.changed", "token.removed"]);
      expect(tokenStore.hasToken).toBe(false);
    }
  });

  test("a throw is could-not-find-out: typed, without the token, and the token stays", () => {
    const storage = breakableStorage("opaque-secret-of-alice");
    const { source, failures, tokenStore, events } = sourceHarness(storage);
    source.read();
    storage.onRead = () => {
      throw new TypeError("decrypting opaque-secret-of-alice failed");
    };
    source.read();
    expect(events.at(-1)).toEqual({ type: "token.unreadable", code: "ERR_STORAGE_READ" });
    expect(tokenStore.hasToken).toBe(true);
    const { cause } = failures.recall("ERR_STORAGE_READ");
    expect(String(cause)).toBe("TypeError: decrypting [redacted] failed");
  });

  test("a rejection is the same", async () => {
    const storage = slowStorage("first");
    const { source, events, tokenStore } = sourceHarness(storage);
    source.read();
    storage.reads[0]?.reject(new Error("database locked"));
    await promisesSettled();
    expect(events).toEqual([{ type: "token.unreadable", code: "ERR_STORAGE_READ" }]);
    expect(tokenStore.version).toBe(0);
  });

  test("no answer within readTimeout is the same, and every later one is dropped", async () => {
    const storage = slowStorage("first");
    const { source, events, clock, failures } = sourceHarness(storage);
    source.read();
    await clock.advance(READ_TIMEOUT - 1);
    expect(events).toEqual([]);
    await clock.advance(1);
    expect(events).toEqual([{ type: "token.unreadable", code: "ERR_STORAGE_TIMEOUT" }]);
    expect(failures.recall("ERR_STORAGE_TIMEOUT").message).toContain("5000 ms");
    storage.answerRead();
    await promisesSettled();
    expect(events).toHaveLength(1);
    expect(clock.pending()).toEqual([]);
  });

  test.each([[42], [undefined], [{ token: "x" }], [true]])(
    "an answer of %j is typed and never taken for a sign-out",
    async (answered) => {
      for (const isAsynchronous of [false, true]) {
        const storage = breakableStorage("first");
        const { source, events, tokenStore, failures } = sourceHarness(storage);
        source.read();
        storage.onRead = () => (isAsynchronous ? Promise.resolve(answered) : answered);
        source.read();
        await promisesSettled();
        expect(events.at(-1)).toEqual({ type: "token.unreadable", code: "ERR_INVALID_TOKEN" });
        expect(failures.recall("ERR_INVALID_TOKEN").message).toMatch(
          /read\(\) must answer with a string, or null/,
        );
        expect(tokenStore.hasToken).toBe(true);
        storage.onRead = undefined;
        source.read();
        expect(events.at(-1)).toEqual({ type: "token.unchanged" });
      }
    },
  );
});

describe("comparing", () => {
  test("an identical value is no change, however often it is signalled", () => {
    const storage = breakableStorage("first");
    const { source, events } = sourceHarness(storage);
    source.read();
    for (let signals = 0; signals < 3; signals += 1) storage.signal();
    expect(types(events.filter(({ type }) => type !== "token.maybeChanged"))).toEqual([
      "token.changed",
      "token.unchanged",
      "token.unchanged",
      "token.unchanged",
    ]);
  });

  test("F5: only the answer to the newest read counts", async () => {
    const storage = slowStorage("alice");
    const { source, token, events } = sourceHarness(storage);
    source.read();
    storage.value = "bob";
    storage.signal();
    storage.reads[1]?.resolve("bob");
    await promisesSettled();
    storage.reads[0]?.resolve("alice");
    await promisesSettled();
    expect(token()).toBe("bob");
    expect(types(events)).toEqual(["token.maybeChanged", "token.changed"]);
  });

  test("F10: a storm of signals cannot put the time limit off", async () => {
    const storage = slowStorage("first");
    const { source, events, clock } = sourceHarness(storage);
    source.read();
    for (let passed = 0; passed < READ_TIMEOUT; passed += 1_000) {
      storage.signal();
      await clock.advance(1_000);
    }
    expect(types(events)).toContain("token.unreadable");
  });
});

describe("the look before each handshake and each write", () => {
  test("finds a change that nobody signalled, and reports it", () => {
    const storage = breakableStorage("first");
    const { source, events } = sourceHarness(storage);
    source.read();
    expect(source.isCurrent()).toBe(true);
    storage.value = "second";
    expect(source.isCurrent()).toBe(false);
    expect(events.at(-1)).toMatchObject({ type: "token.changed", version: 2 });
    expect(source.isCurrent()).toBe(true);
    storage.value = null;
    expect(source.isCurrent()).toBe(false);
    expect(events.at(-1)).toEqual({ type: "token.removed" });
  });

  test("a throw is not current, and no sign-out", () => {
    const storage = breakableStorage("first");
    const { source, events, tokenStore } = sourceHarness(storage);
    source.read();
    storage.onRead = () => {
      throw new Error("denied");
    };
    expect(source.isCurrent()).toBe(false);
    expect(events.at(-1)).toEqual({ type: "token.unreadable", code: "ERR_STORAGE_READ" });
    expect(tokenStore.hasToken).toBe(true);
  });

  test("an asynchronous storage is not asked", async () => {
    const storage = slowStorage("first");
    const { source } = sourceHarness(storage);
    source.read();
    storage.answerRead();
    await promisesSettled();
    expect(source.isCurrent()).toBe(true);
    expect(storage.reads).toHaveLength(1);
  });

  test("a storage that catches up with the current token is up to date", async () => {
    // Reads only: the refreshed token was applied in memory, then the application stored it as well.
    let stored = "first";
    const { source, token, tokenStore } = sourceHarness({ read: () => stored, subscribe: () => () => {} });
    source.read();
    await source.renew(async () => "second", new AbortController().signal);
    expect(token()).toBe("second");
    stored = "second";
    expect(source.isCurrent()).toBe(true);
    expect(tokenStore.version).toBe(2);
  });
});

describe("beginning and ending", () => {
  test("F26 a subscribe that throws is said once, and tried again at each read until it works", () => {
    const storage = breakableStorage("first");
    let isBroken = true;
    let tries = 0;
    const { source, events, log, token, stop } = sourceHarness({
      read: () => storage.read(),
      subscribe(listener) {
        tries += 1;
        // Such as this would be asked for ever if it were listened to.
        listener();
        if (isBroken) throw new Error(`no events here, ${jwt({ sub: "alice" })}`);
        return storage.subscribe(listener);
      },
    });
    source.read();
    source.read();
    expect([tries, token(), types(events)]).toEqual([3, "first", ["token.changed", "token.unchanged"]]);
    const said = () => log.filter((line) => line.includes("subscribe"));
    expect(said()).toEqual([
      expect.stringMatching(/subscribe\(\) failed.*tried again.*no events here, \[redacted\]/),
    ]);
    isBroken = false;
    source.read();
    storage.value = "second";
    storage.signal();
    expect([token(), storage.subscribers, said().length]).toEqual(["second", 1, 1]);
    source.read();
    expect(tries).toBe(4);
    stop();
    expect(storage.subscribers).toBe(0);
  });

  test("nothing subscribes after the end", () => {
    const storage = breakableStorage("first");
    const { source, stop } = sourceHarness(storage);
    stop();
    source.read();
    expect(storage.subscribers).toBe(0);
  });

  test.each<[unknown, string]>([
    [undefined, "undefined"],
    [Promise.resolve(), "an object"],
  ])(
    "a subscribe that gives back %o is listened to, with one warning, and its end does no harm",
    async (end, words) => {
      let changed = (): void => {};
      const { source, log, events, stop } = sourceHarness({
        read: () => "first",
        subscribe(listener) {
          changed = listener;
          return untyped(end);
        },
      });
      source.read();
      changed();
      expect(types(events)).toEqual(["token.changed", "token.maybeChanged", "token.unchanged"]);
      expect(log).toEqual([
        expect.stringContaining(
          `must give back the function that ends the subscription, but gave back ${words}`,
        ),
      ]);
      expect(await collectUncaught(stop)).toEqual([]);
    },
  );

  test("the end takes back the subscription, the time limit, and every answer that is due", async () => {
    const storage = slowStorage("first");
    const { source, events, clock, stop } = sourceHarness(storage);
    source.read();
    stop();
    expect(clock.pending()).toEqual([]);
    storage.answerRead();
    storage.signal();
    await promisesSettled();
    expect(events).toEqual([]);
    const again = breakableStorage("first");
    sourceHarness(again).stop();
    expect(again.subscribers).toBe(0);
  });
});
