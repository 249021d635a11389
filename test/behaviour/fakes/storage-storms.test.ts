import type { StorageAdapter } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { slowStorage } from "../../support/fake-storages.js";
import { connect, connected, settled, tokenOf, untilConnected } from "./harness.js";

const kinds = [
  ["synchronous", (token: string) => token],
  ["asynchronous", (token: string) => Promise.resolve(token)],
] as const;
const makers = [
  ["opaque", (count: number) => `token ${count}`],
  ["of one user", (count: number) => tokenOf("service", count)],
] as const;
const cases = kinds.flatMap(([kind, give]) => makers.map(([what, make]) => ({ kind, give, what, make })));

/** A storage that answers with another token each time until it comes to rest, and says nothing by itself. */
function restlessStorage({ give, make }: (typeof cases)[number]) {
  const at = { reads: 0, token: 0, isRestless: true, signal: () => {} };
  const storage: StorageAdapter = {
    read() {
      at.reads += 1;
      if (at.isRestless) at.token += 1;
      // As a page that freezes.
      if (at.reads > 20_000) throw new Error("it is read without end");
      return give(make(at.token));
    },
    subscribe(onMaybeChanged) {
      at.signal = onMaybeChanged;
      return () => {};
    },
  };
  return { at, storage };
}

describe("a read() that answers with another token each time", () => {
  test.each(cases)(
    "$kind, $what, neither freezes nor loops, and is in the way of nothing later",
    async (each) => {
      const { at, storage } = restlessStorage(each);
      const made = connect({ storage });
      const { connection, clock, presented } = made;
      await settled();
      for (let minutes = 0; minutes < 10; minutes += 1) {
        await clock.advance(60_000);
        await settled();
      }
      // Ten minutes of looks and attempts, and nothing like one look after the other.
      expect(at.reads).toBeLessThan(5_000);
      expect(presented().length).toBeLessThan(1_000);
      expect(connection.status).not.toBe("loggedOut");
      at.isRestless = false;
      at.signal();
      await settled();
      await untilConnected(made);
      expect([connection.status, presented().at(-1)]).toEqual(["connected", each.make(at.token)]);
    },
  );

  test.each(cases)("$kind, $what, that begins while connected, neither freezes nor loops", async (each) => {
    const { at, storage } = restlessStorage(each);
    at.isRestless = false;
    const made = await connected({ storage });
    const { connection, clock, presented } = made;
    const before = at.reads;
    at.isRestless = true;
    connection.socket.emit("draft");
    at.signal();
    for (let minutes = 0; minutes < 10; minutes += 1) {
      await clock.advance(60_000);
      await settled();
    }
    expect(at.reads - before).toBeLessThan(5_000);
    at.isRestless = false;
    at.signal();
    await settled();
    await untilConnected(made);
    expect([connection.status, presented().at(-1)]).toEqual(["connected", each.make(at.token)]);
  });
});

describe("a storm of signals", () => {
  test("does not put off the time limit of the first read that was not answered", async () => {
    const storage = slowStorage(tokenOf("ada"));
    const { connection, clock } = connect({ storage, readTimeout: 5_000 });
    await settled();
    for (let passed = 0; passed < 4_000; passed += 1_000) {
      storage.signal();
      await clock.advance(1_000);
    }
    expect(connection.getSnapshot()).not.toHaveProperty("error");
    storage.signal();
    await clock.advance(1_000);
    await settled();
    expect(connection.getSnapshot()).toMatchObject({
      status: "connecting",
      detail: "waiting",
      error: { code: "ERR_STORAGE_TIMEOUT" },
    });
    // It is asked again, and its answer counts.
    const asked = storage.reads.length;
    while (storage.reads.length === asked) await clock.advance(100);
    storage.answerRead();
    await settled();
    expect(connection.status).toBe("connected");
  });

  test("while connected: the link is closed in time, and what waits is sent later", async () => {
    const storage = slowStorage(tokenOf("ada"));
    const made = connected({ storage, readTimeout: 5_000 });
    await settled();
    storage.answerRead();
    const { connection, io, clock, messages } = await made;
    storage.signal();
    connection.socket.emit("draft");
    for (let passed = 0; passed < 5_000; passed += 500) {
      storage.signal();
      await clock.advance(500);
    }
    await settled();
    expect([io.links.length, messages(), connection.status]).toEqual([0, [], "connecting"]);
    const asked = storage.reads.length;
    while (storage.reads.length === asked) await clock.advance(100);
    storage.answerRead();
    await settled();
    expect([messages(), connection.status]).toEqual([["draft"], "connected"]);
  });

  test("is heard: only the answer to the newest read counts", async () => {
    const storage = slowStorage(tokenOf("ada"));
    const { presented } = connect({ storage });
    await settled();
    storage.value = tokenOf("grace");
    storage.signal();
    await settled();
    storage.reads[1]?.resolve(tokenOf("grace"));
    storage.reads[0]?.resolve(tokenOf("ada"));
    await settled();
    expect(presented()).toEqual([tokenOf("grace")]);
  });

  test("of a storage that signals within read() has it read a few times, and not for ever", async () => {
    let reads = 0;
    let signal = (): void => {};
    const { connection, clock } = await connected({
      storage: {
        read() {
          reads += 1;
          if (reads > 20_000) throw new Error("it is read without end");
          signal();
          return tokenOf("ada");
        },
        subscribe(onMaybeChanged) {
          signal = onMaybeChanged;
          return () => {};
        },
      },
    });
    await clock.advance(60_000);
    await settled();
    expect(connection.status).toBe("connected");
    expect(reads).toBeLessThan(2_000);
  });
});
