import { describe, expect, test } from "vitest";
import { promisesSettled } from "../manual-clock.js";
import { rejection } from "../rejection.js";
import { answer, breakableStorage, slowStorage } from "./adapters.js";
import { types } from "./desk.js";
import { refreshDesk, signedIn } from "./refresh-desk.js";

describe("a refresh never resurrects a sign-out", () => {
  test("by logout while it waits for the server", async () => {
    const late = answer<string | null>();
    const storage = breakableStorage("first");
    const { at, begin } = refreshDesk(storage, () => late.promise);
    await signedIn(at);
    const { outcome } = begin();
    await at.source.logout();
    late.resolve("second");
    await rejection(outcome, "ERR_LOGGED_OUT");
    await promisesSettled();
    expect([storage.value, at.vault.hasToken]).toEqual([null, false]);
  });

  test("by another tab that nobody has heard of yet", async () => {
    const storage = breakableStorage("first");
    const { at, begin } = refreshDesk(storage, async () => {
      storage.value = null;
      return "second";
    });
    await signedIn(at);
    await rejection(begin().outcome, "ERR_LOGGED_OUT");
    expect([storage.value, at.vault.hasToken]).toEqual([null, false]);
  });

  test("by logout while it looks at the storage, or while it writes", async () => {
    const storage = slowStorage("first");
    const { at, begin } = refreshDesk(storage, async () => "second");
    await signedIn(at, storage);
    begin();
    await promisesSettled();
    expect(storage.reads).toHaveLength(2);
    const leaving = at.source.logout();
    storage.reads[1]?.resolve("first");
    storage.writes[0]?.finish();
    await promisesSettled();
    for (const read of storage.reads) read.resolve(storage.value);
    await leaving;
    expect([storage.value, storage.writes.length, at.vault.hasToken]).toEqual([null, 1, false]);
  });

  test("by logout while its answer is being written", async () => {
    const storage = slowStorage("first");
    const { at, begin } = refreshDesk(storage, async () => "second");
    await signedIn(at, storage);
    const { outcome } = begin();
    await promisesSettled();
    storage.answerRead();
    await promisesSettled();
    expect(storage.writes[0]?.token).toBe("second");
    const leaving = at.source.logout();
    storage.writes[0]?.finish();
    await promisesSettled();
    storage.writes[1]?.finish();
    await promisesSettled();
    for (const read of storage.reads) read.resolve(storage.value);
    await leaving;
    await rejection(outcome, "ERR_LOGGED_OUT");
    expect([storage.value, at.vault.hasToken]).toEqual([null, false]);
  });
});

describe("a refresh gives way", () => {
  test("to a token that was signed in with meanwhile", async () => {
    const late = answer<string | null>();
    const storage = breakableStorage("first");
    const { at, begin, token } = refreshDesk(storage, () => late.promise);
    await signedIn(at);
    const { outcome } = begin();
    await at.source.login("of bob");
    late.resolve("second of alice");
    await outcome;
    await promisesSettled();
    expect([token(), storage.value]).toEqual(["of bob", "of bob"]);
  });

  test("to a token that another tab stored, which is put in force instead", async () => {
    const storage = breakableStorage("first");
    const { at, begin, token } = refreshDesk(storage, async () => {
      storage.value = "of another tab";
      return "second";
    });
    await signedIn(at);
    await begin().outcome;
    expect([token(), storage.value]).toEqual(["of another tab", "of another tab"]);
  });

  test("to null of the server no more than to a token", async () => {
    const storage = breakableStorage("first");
    const { at, begin, token } = refreshDesk(storage, async () => {
      storage.value = "of another tab";
      return null;
    });
    await signedIn(at);
    await begin().outcome;
    expect([token(), storage.value]).toEqual(["of another tab", "of another tab"]);
  });
});

describe("an answer that cannot be stored", () => {
  test("of a storage that can only read is used in memory until the storage changes", async () => {
    let stored: string | null = "first";
    const { at, begin, token } = refreshDesk(
      { read: () => stored, subscribe: () => () => {} },
      async () => "second",
    );
    await signedIn(at);
    await begin().outcome;
    at.source.read();
    expect([token(), at.source.isCurrent(), at.events.at(-1)]).toEqual([
      "second",
      true,
      { type: "token.unchanged" },
    ]);
    stored = "third";
    at.source.read();
    expect(token()).toBe("third");
  });

  test("is used in memory, and warned of", async () => {
    const storage = breakableStorage("first");
    storage.onWrite = () => {
      throw new Error("quota exceeded");
    };
    const { at, begin, token } = refreshDesk(storage, async () => "second");
    await signedIn(at);
    await begin().outcome;
    expect([token(), storage.value]).toEqual(["second", "first"]);
    expect(at.log.join("\n")).toMatch(/^warn .*could not store the token/);
  });

  test("because the storage cannot be read any more is a failure: nobody knows who is signed in", async () => {
    const storage = breakableStorage("first");
    const { at, begin, token, failed } = refreshDesk(storage, async () => {
      storage.onRead = () => {
        throw new Error("gone");
      };
      return "second";
    });
    await signedIn(at);
    await rejection(begin().outcome, "ERR_REFRESH_FAILED");
    expect(types(failed)).toEqual(["token.refreshFailed"]);
    expect(token()).toBe("first");
  });
});
