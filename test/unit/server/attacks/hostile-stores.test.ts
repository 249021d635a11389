import type { SessionData } from "express-session";
import { describe, expect, test } from "vitest";
import { connected, deferred, refused, serverSockets } from "../../../support/real-server.js";
import { collectUncaught } from "../../../support/uncaught.js";
import { untyped } from "../../../support/untyped.js";
import { CountingStore, startSessions } from "../sessions/fixture.js";

type Answer = (error?: unknown, session?: SessionData | null) => void;

/** Alice and Bob have signed in, and the store is to be told how to behave. */
async function start(share: { storeTimeout?: number; recheckInterval?: number } = {}) {
  const store = new CountingStore();
  const server = await startSessions({ store, share: { storeTimeout: 100, ...share } });
  const [alice, bob] = [server.browser(), server.browser()];
  await alice.post("/login?user=alice");
  await bob.post("/login?user=bob");
  const { get } = store;
  /** Answers with the function in the place of the store's own, or with that again. */
  const behaveAs = (behave: ((id: string, answer: Answer) => unknown) | undefined): void => {
    Reflect.set(store, "get", behave ?? get);
  };
  const stored = (id: string): SessionData => untyped(store.stored(id));
  return { server, behaveAs, alice, bob, alices: stored(alice.id), bobs: stored(bob.id) };
}

type Hostile = readonly [
  name: string,
  behave: (data: { alices: SessionData; bobs: SessionData }) => (id: string, answer: Answer) => unknown,
];

/** Whose the connection is afterwards, where alice's cookie was sent: nobody's, or the first that was said. */
const OUTAGES: readonly Hostile[] = [
  ["never", () => () => {}],
  ["by throwing", () => () => expect.fail("The store is down.")],
  ["by an error", () => (_, answer) => answer(new Error("The store is down."))],
  ["by an error that is a text", () => (_, answer) => answer("down")],
  ["by an error that is a number", () => (_, answer) => answer(1)],
  [
    "by an error, and then data",
    ({ alices }) =>
      (_, answer) => {
        answer(new Error("The store is down."));
        answer(null, alices);
      },
  ],
  [
    "by an error together with data",
    ({ alices }) =>
      (_, answer) =>
        answer(new Error("down"), alices),
  ],
  ["with a text", () => (_, answer) => answer(null, untyped("alice"))],
  ["with a number", () => (_, answer) => answer(null, untyped(7))],
  ["with a list", () => (_, answer) => answer(null, untyped([]))],
  [
    "with a function",
    () => (_, answer) =>
      answer(
        null,
        untyped(() => {}),
      ),
  ],
  ["with an empty object", () => (_, answer) => answer(null, untyped({}))],
  [
    "with a cookie that is a text",
    () => (_, answer) => answer(null, untyped({ cookie: "x", user: "alice" })),
  ],
  ["with a cookie that is null", () => (_, answer) => answer(null, untyped({ cookie: null, user: "alice" }))],
  [
    "with what throws when it is read",
    () => (_, answer) =>
      answer(
        null,
        untyped(
          new Proxy(
            {},
            {
              get: () => expect.fail("a trap"),
            },
          ),
        ),
      ),
  ],
  [
    "with an object that is frozen, which express-session cannot use",
    ({ alices }) =>
      (_, answer) =>
        answer(null, Object.freeze({ ...alices })),
  ],
];

/** By its promise, which express-session does not look at. */
const BY_PROMISE: readonly Hostile[] = [
  ["by rejecting", () => async () => Promise.reject(new Error("The store is down."))],
  [
    "by callback and by promise, which rejects",
    ({ alices }) =>
      async (_, answer) => {
        answer(null, alices);
        throw new Error("down");
      },
  ],
];

const ANSWERS: readonly Hostile[] = [
  [
    "twice, with the same",
    ({ alices }) =>
      (_, answer) => {
        answer(null, alices);
        answer(null, alices);
      },
  ],
  [
    "twice, with another's data",
    ({ alices, bobs }) =>
      (_, answer) => {
        answer(null, alices);
        answer(null, bobs);
      },
  ],
  [
    "twice, with an error the second time",
    ({ alices }) =>
      (_, answer) => {
        answer(null, alices);
        answer(new Error("down"));
      },
  ],
  [
    "twice, with nobody the second time",
    ({ alices }) =>
      (_, answer) => {
        answer(null, alices);
        setImmediate(() => answer(null, null));
      },
  ],
  [
    "with an object that has no prototype",
    ({ alices }) =>
      (_, answer) =>
        answer(null, Object.assign(Object.create(null), alices)),
  ],
  [
    "with an error that is no error: 0",
    ({ alices }) =>
      (_, answer) =>
        answer(0, alices),
  ],
];

describe("a session store that answers a handshake", () => {
  test.each(OUTAGES)("%s lets nobody in and signs nobody out", async (_, behave) => {
    const { server, behaveAs, alice, alices, bobs } = await start();
    const open = await alice.connect();
    behaveAs(behave({ alices, bobs }));
    const uncaught = await collectUncaught(async () => {
      expect(await refused(alice.client().join("/", {}))).toMatchObject({ error: "temporarily_unavailable" });
    });
    expect(uncaught).toEqual([]);
    expect(open.socket.connected).toBe(true);
    behaveAs(undefined);
    await connected(alice.client().join("/", {}));
    expect(serverSockets(server.io).map(({ data }) => data.identity)).toEqual(["alice", "alice"]);
  });

  test.each(ANSWERS)("%s lets in whom it has said first", async (_, behave) => {
    const { server, behaveAs, alice, alices, bobs } = await start();
    behaveAs(behave({ alices, bobs }));
    const uncaught = await collectUncaught(async () => {
      await connected(alice.client().join("/", {}));
    });
    expect(uncaught).toEqual([]);
    expect(serverSockets(server.io).map(({ data }) => data.identity)).toEqual(["alice"]);
  });

  test("late, with another's data, changes nothing", async () => {
    const { server, behaveAs, alice, bobs } = await start();
    const late: Answer[] = [];
    behaveAs((_, answer) => late.push(answer));
    expect(await refused(alice.client().join("/", {}))).toMatchObject({ error: "temporarily_unavailable" });
    behaveAs(undefined);
    const { socket } = await alice.connect();
    for (const answer of late) answer(null, bobs);
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket.connected).toBe(true);
    expect(serverSockets(server.io).map(({ data }) => data.identity)).toEqual(["alice"]);
  });

  test("after the connection has ended leaves nothing behind", async () => {
    const { server, behaveAs, alice, alices } = await start({ storeTimeout: 60_000 });
    const asked = deferred<Answer>();
    behaveAs((_, answer) => asked.resolve(answer));
    const client = alice.client();
    client.join("/", {});
    const answer = await asked.promise;
    client.manager._close();
    await expect.poll(() => server.io.engine.clientsCount).toBe(0);
    answer(null, alices);
    behaveAs(undefined);
    await alice.connect();
    expect(server.links.size).toBe(1);
  });
});

describe("a session store that answers the re-check", () => {
  test("with another's data ends the connection, as a session that another user signed in in", async () => {
    const { behaveAs, alice, bobs } = await start({ recheckInterval: 50 });
    const { client, control } = await alice.connect();
    const goodbye = new Promise((resolve) => control.once("goodbye", resolve));
    behaveAs((_, answer) => answer(null, bobs));
    expect(await goodbye).toMatchObject({ error: "session_changed" });
    await expect.poll(() => client.manager._readyState).toBe("closed");
  });

  test.each([...OUTAGES, ...BY_PROMISE])("%s ends nobody's connection", async (_, behave) => {
    const { server, behaveAs, alice, alices, bobs } = await start({ recheckInterval: 20 });
    const { socket } = await alice.connect();
    let asked = 0;
    const hostile = behave({ alices, bobs });
    const uncaught = await collectUncaught(async () => {
      behaveAs((id, answer) => {
        asked += 1;
        return hostile(id, answer);
      });
      await expect.poll(() => asked).toBeGreaterThan(2);
    });
    expect(uncaught).toEqual([]);
    expect(socket.connected).toBe(true);
    expect(server.links.size).toBe(1);
  });
});
