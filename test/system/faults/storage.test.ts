import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { outcome, until } from "../fixture/client";
import { startServer } from "../fixture/server";
import { asyncStorage, switchableStorage, syncStorage, type TestStorage } from "../fixture/storages";
import { startHarness } from "./fixture/harness";

const FLIPS = 1_000;
const ADA = ["ada", "ada"] as const;
const ADA_AND_GRACE = ["ada", "grace"] as const;

/** When the flips come: all in one turn of the event loop, or one in each. */
const inOneGo = (): undefined => undefined;
const oneByOne = (): Promise<void> => setImmediate();

describe.each(["polling", "websocket"] as const)("over %s a storage that", (transport) => {
  async function onHarness(mode: "answer" | "hang" | "throw", write?: TestStorage["write"]) {
    const server = await startServer();
    const storage = switchableStorage(await server.tokens.issue("ada"));
    storage.behave(mode);
    if (write) storage.write = write;
    return { server, storage, harness: await startHarness(server, { transport, storage, readTimeout: 50 }) };
  }

  test.each([
    ["throws", "throw", "ERR_STORAGE_READ"],
    ["hangs", "hang", "ERR_STORAGE_TIMEOUT"],
  ] as const)("%s, at the start, while connected and after a drop", async (_, mode, code) => {
    const { server, storage, harness } = await onHarness(mode);
    const seen = new Set<string>();
    harness.connection.subscribe(() => seen.add(harness.connection.status));
    const changes = [
      () => harness.connection.actor.send({ type: "environment.resumed" }),
      async () => storage.set(await server.tokens.issue("ada")),
      async () => server.drop(),
    ];
    for (const change of [undefined, ...changes]) {
      if (change) {
        await harness.connection.whenConnected();
        void harness.ask();
        storage.behave(mode);
        await change();
      }
      void harness.ask();
      const { error } = await until(
        harness.connection,
        ({ attempt, error }) => attempt >= 2 && error?.code === code,
      );
      expect(error).toMatchObject({ code });
      void harness.ask();
      storage.behave("answer");
    }
    await harness.endsIn("connected.steady");
    expect(seen).not.toContain("loggedOut");
  });

  test("hangs while it is written, and throws, at a sign-in and at a sign-out", async () => {
    let fail = (): Promise<void> => new Promise(() => {});
    const { server, storage, harness } = await onHarness("answer", () => fail());
    await harness.connection.whenConnected();
    for (const next of [undefined, () => Promise.reject(new Error("the disk is full"))]) {
      fail = next ?? fail;
      expect(await outcome(harness.connection.login(await server.tokens.issue("ada")))).toBe(
        "ERR_STORAGE_WRITE",
      );
      expect(await harness.ask()).toBe("resolved");
      expect(await outcome(harness.connection.logout())).toBe("ERR_STORAGE_WRITE");
      expect(harness.connection.status).toBe("loggedOut");
      expect(await harness.ask()).toBe("ERR_LOGGED_OUT");
      storage.set(await server.tokens.issue("ada"));
      await harness.connection.whenConnected();
    }
    await harness.endsIn("connected.steady");
  });
});

test.each([
  ["websocket", "that answers at once", "one user", "in one go", syncStorage, ADA, inOneGo],
  ["websocket", "that answers at once", "two users", "in one go", syncStorage, ADA_AND_GRACE, inOneGo],
  ["websocket", "that answers later", "two users", "in one go", asyncStorage, ADA_AND_GRACE, inOneGo],
  ["websocket", "that answers later", "two users", "one by one", asyncStorage, ADA_AND_GRACE, oneByOne],
  ["polling", "that answers at once", "two users", "in one go", syncStorage, ADA_AND_GRACE, inOneGo],
] as const)(
  "over %s a storage %s flips between two tokens of %s a thousand times, %s",
  { timeout: 240_000 },
  async (transport, _answers, _whose, _when, make, users, pause) => {
    const server = await startServer();
    const tokens = await Promise.all(users.map((user) => server.tokens.issue(user)));
    const storage: TestStorage = make(tokens[0] ?? null);
    const harness = await startHarness(server, { transport, storage, timeout: 20_000 });
    await harness.connection.whenConnected();
    /** Whose each message is, by the storage. */
    const owners: (string | undefined)[] = [];
    for (let number = 1; number <= FLIPS; number += 1) {
      storage.set(tokens[number % 2] ?? null);
      if (number % 50 < 2) {
        owners.push(users[number % 2]);
        void harness.ask();
      }
      // Awaiting, even nothing, would be a turn of its own.
      const pausing = pause();
      if (pausing) await pausing;
    }
    await server.log.until(() => server.live().length === 1 && server.carried()[0] === tokens[0]);
    await harness.connection.whenConnected();
    owners.push(users[0]);
    await harness.endsIn("connected.steady");
    // A storage that answers later says whose a message is when it was sent already.
    if (make === asyncStorage) return;
    for (const { args, user } of server.log.all("event")) expect(user).toBe(owners[Number(args[0])]);
  },
);
