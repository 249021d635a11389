import { isConnectionError, memoryStorage } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { answer, breakableStorage, slowStorage } from "../../support/fake-storages.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { rejection } from "../../support/rejection.js";
import { READ_TIMEOUT, sharedLock, sourceHarness, types } from "./source-harness.js";

describe("login", () => {
  test("stores the token and makes a new version, even for the same token", async () => {
    const storage = memoryStorage();
    const { source, events, token } = sourceHarness(storage);
    source.read();
    await source.login("first");
    await source.login("first");
    expect(storage.read()).toBe("first");
    expect(token()).toBe("first");
    expect(events.filter(({ type }) => type === "token.changed")).toEqual([
      { type: "token.changed", version: 1, isOtherUser: false, isOpaque: true },
      { type: "token.changed", version: 2, isOtherUser: false, isOpaque: true },
    ]);
  });

  test("applies nothing when it could not be stored", async () => {
    const storage = breakableStorage("first");
    const { source, token } = sourceHarness(storage);
    source.read();
    storage.onWrite = () => {
      throw new Error("quota exceeded");
    };
    const { cause } = await rejection(source.login("second"), "ERR_STORAGE_WRITE");
    expect(String(cause)).toBe("Error: quota exceeded");
    storage.onWrite = () => Promise.reject(new Error("offline"));
    await rejection(source.login("second"), "ERR_STORAGE_WRITE");
    expect(token()).toBe("first");
  });

  test("a write that hangs fails after readTimeout", async () => {
    const storage = breakableStorage("first");
    const { source, clock, token } = sourceHarness(storage);
    source.read();
    storage.onWrite = () => new Promise(() => {});
    const failed = rejection(source.login("second"), "ERR_STORAGE_WRITE");
    await clock.advance(READ_TIMEOUT);
    await failed;
    expect(token()).toBe("first");
    expect(clock.pending()).toEqual([]);
  });

  test("a failed write does not show the token it was to store", async () => {
    const storage = breakableStorage(null);
    const { source } = sourceHarness(storage);
    storage.onWrite = (token) => {
      throw new Error(`cannot store ${token}`);
    };
    const { cause } = await rejection(source.login("opaque-secret-of-bob"), "ERR_STORAGE_WRITE");
    expect(String(cause)).not.toContain("opaque-secret");
  });

  test("of a storage that can only read is refused, and says what to do", async () => {
    const { source, token } = sourceHarness({ read: () => "first", subscribe: () => () => {} });
    source.read();
    const { message } = await rejection(source.login("second"), "ERR_STORAGE_READ_ONLY");
    expect(message).toContain("login() without a token");
    expect(token()).toBe("first");
  });

  test("without a token applies what is stored anew", async () => {
    const { source, events } = sourceHarness({ read: () => "first", subscribe: () => () => {} });
    source.read();
    await source.login();
    expect(events.filter(({ type }) => type === "token.changed")).toHaveLength(2);
    source.read();
    expect(events.at(-1)).toEqual({ type: "token.unchanged" });
  });

  test("overtaken by another login: the newer one is current, and in the storage", async () => {
    const storage = slowStorage(null);
    const { source, token } = sourceHarness(storage);
    const both = [source.login("first"), source.login("second")];
    expect(storage.writes).toHaveLength(1);
    storage.writes[0]?.finish();
    await promisesSettled();
    storage.writes[1]?.finish();
    await Promise.all(both);
    expect([token(), storage.value]).toEqual(["second", "second"]);
  });

  test("overtaken by a logout stays signed out, here and in the storage", async () => {
    const storage = slowStorage("first");
    const { source, token, tokenStore } = sourceHarness(storage);
    const entering = source.login("second");
    const leaving = source.logout();
    storage.writes[0]?.finish();
    await promisesSettled();
    expect(tokenStore.hasToken).toBe(false);
    storage.writes[1]?.finish();
    await promisesSettled();
    storage.answerRead();
    await Promise.all([entering, leaving]);
    expect(token()).toBeUndefined();
    expect(storage.value).toBeNull();
  });

  test("refused for its argument, it does not overtake a login that is under way", async () => {
    const storage = slowStorage(null);
    const { source, token } = sourceHarness(storage);
    const entering = source.login("first");
    await rejection(source.login(""), "ERR_INVALID_TOKEN");
    storage.writes[0]?.finish();
    await entering;
    expect(token()).toBe("first");
  });

  test("reads that come while it writes wait for it, so that no old answer undoes it", async () => {
    const storage = slowStorage("first");
    const { source, token, events } = sourceHarness(storage);
    const entering = source.login("second");
    source.read();
    storage.signal();
    expect(storage.reads).toHaveLength(0);
    storage.writes[0]?.finish();
    await entering;
    expect(storage.reads).toHaveLength(1);
    storage.answerRead();
    await promisesSettled();
    expect(token()).toBe("second");
    expect(types(events).filter((type) => type === "token.removed")).toEqual([]);
  });
});

describe("logout", () => {
  test("with a failing write it rejects, and stays signed out until the storage changes", async () => {
    const storage = breakableStorage("first");
    const { source, events, tokenStore, token } = sourceHarness(storage);
    source.read();
    storage.onWrite = () => {
      throw new Error("denied");
    };
    await rejection(source.logout(), "ERR_STORAGE_WRITE");
    expect(tokenStore.hasToken).toBe(false);
    for (let looks = 0; looks < 3; looks += 1) storage.signal();
    expect(source.isCurrent()).toBe(true);
    expect(tokenStore.hasToken).toBe(false);
    expect(types(events.slice(1)).filter((type) => type === "token.changed")).toEqual([]);
    storage.value = "second";
    storage.signal();
    expect(token()).toBe("second");
  });

  test("a failing write does not show the token that it was to remove", async () => {
    const storage = breakableStorage("opaque-secret-of-alice");
    const { source } = sourceHarness(storage);
    source.read();
    storage.onWrite = () => {
      throw new Error("cannot remove opaque-secret-of-alice");
    };
    const { cause } = await rejection(source.logout(), "ERR_STORAGE_WRITE");
    expect(String(cause)).not.toContain("opaque-secret");
  });

  test("of a storage that can only read holds until the storage changes", async () => {
    const storage = breakableStorage("first");
    const { source, tokenStore, token } = sourceHarness({
      read: () => storage.value,
      subscribe: (listener) => storage.subscribe(listener),
    });
    source.read();
    await source.logout();
    storage.signal();
    expect(tokenStore.hasToken).toBe(false);
    storage.value = "second";
    storage.signal();
    expect(token()).toBe("second");
  });

  test("removes what another tab stored while it was about to, and not what was signed in since", async () => {
    const storage = slowStorage("first");
    const lock = sharedLock();
    const { source } = sourceHarness(storage, { lock });
    const refreshing = answer<undefined>();
    void lock({ signal: new AbortController().signal, isStale: () => false }, () => refreshing.promise);
    const leaving = source.logout();
    storage.writes[0]?.finish();
    await promisesSettled();
    storage.value = "refreshed by the other tab";
    refreshing.resolve(undefined);
    await promisesSettled();
    storage.answerRead();
    await promisesSettled();
    expect(storage.writes[1]?.token).toBeNull();
    storage.writes[1]?.finish();
    await leaving;
    expect(storage.value).toBeNull();

    const second = source.logout();
    const entering = source.login("second");
    storage.writes[2]?.finish();
    await promisesSettled();
    storage.writes[3]?.finish();
    await promisesSettled();
    for (const read of storage.reads) read.resolve(storage.value);
    await Promise.all([second, entering]);
    expect(storage.value).toBe("second");
  });
});

test("the end of the source leaves no timer and nobody waiting, even while a write hangs", async () => {
  const storage = slowStorage("first");
  const { source, clock, stop } = sourceHarness(storage);
  const pending = [source.login("second"), source.logout()];
  const settled: unknown[] = [];
  for (const promise of pending) promise.catch((error: unknown) => settled.push(error));
  await promisesSettled();
  stop();
  await promisesSettled();
  expect(clock.pending()).toEqual([]);
  expect(settled.map((error) => isConnectionError(error))).toEqual([true, true]);
});
