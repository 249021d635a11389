import { memoryRevocations, redisRevocations, revoke, TokenError } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { connected, deferred, signIn } from "../../../support/real-server.js";
import { collectUncaught } from "../../../support/uncaught.js";
import { untyped } from "../../../support/untyped.js";
import { createBus } from "../cluster.js";
import { issue, verify } from "./dated-tokens.js";
import { answerTo, createStore, OUTAGE, REVOKED, start } from "./revocation-fixture.js";

describe("F62 a revocation in a store", () => {
  test.each([
    [{ subject: "alice" }, issue("alice", Date.now() - 1_000)],
    [{ tokenId: "one" }, issue("alice", 1e13, "one")],
    [{ subject: "alice", tokenId: "one" }, issue("alice", 1e13, "one")],
  ])("%j is known to a node that starts later, with the words for the clients", async (who, token) => {
    const store = createStore();
    const first = await start(store);
    const words = new TokenError("access_denied", "The device was removed.", { retryAfter: 5 });
    expect(await revoke(first.io, who, words)).toBe(true);
    const later = await start(store);
    expect(await answerTo(later.client().join("/", { token }))).toEqual(words.data);
    await connected(later.client().join("/", { token: issue("alice", 1e13, "two") }));
    await connected(later.client().join("/", { token: issue("bob", 1e12, "three") }));
  });

  test("is known to a node that runs, and that no message has reached", async () => {
    const store = createStore();
    const [one, other] = [await start(store), await start(store)];
    const token = issue("alice", Date.now() - 1);
    await revoke(one.io, { subject: "alice" });
    expect(await answerTo(other.client().join("/", { token }))).toEqual(REVOKED);
  });

  test("ends there, at the next handshake of anybody, the connections that the message should have ended", async () => {
    const store = createStore();
    const [one, other] = [await start(store), await start(store)];
    const alice = await signIn(other.client(), issue("alice"));
    await revoke(one.io, { subject: "alice" });
    expect(alice.control.connected).toBe(true);
    await connected(other.client().join("/", { token: issue("bob") }));
    await expect.poll(() => alice.control.connected).toBe(false);
  });

  test("reaches a re-authentication", async () => {
    const store = createStore();
    const [one, other] = [await start(store), await start(store)];
    const { control } = await signIn(other.client(), issue("alice", 1e13, "one"));
    await revoke(one.io, { tokenId: "two" });
    const token = issue("alice", 1e13, "two");
    expect(await control.emitWithAck("reauthenticate", { auth: { token } })).toEqual({
      ok: false,
      ...REVOKED,
    });
    expect(control.connected).toBe(true);
  });

  test("is read after the token was verified, so that what is revoked meanwhile is known", async () => {
    const store = createStore();
    const gate = deferred<void>();
    const one = await start(store);
    const other = await start(store, {
      verify: async (token) => {
        await gate.promise;
        return verify(token);
      },
    });
    const outcome = answerTo(other.client().join("/", { token: issue("alice", Date.now() - 1) }));
    await expect.poll(() => other.verified.length).toBe(1);
    await revoke(one.io, { subject: "alice" });
    gate.resolve();
    expect(await outcome).toEqual(REVOKED);
  });

  test("is forgotten when its time is over", async () => {
    const store = createStore();
    const first = await start(store, { rememberFor: 200 });
    await revoke(first.io, { tokenId: "one" });
    const token = issue("alice", 1e13, "one");
    const begun = Date.now();
    const later = await start(store, { rememberFor: Number.POSITIVE_INFINITY });
    expect(await answerTo(later.client().join("/", { token }))).toEqual(REVOKED);
    await expect.poll(() => Date.now() - begun).toBeGreaterThan(210);
    await connected(later.client().join("/", { token }));
  });

  test("lasts for ever where rememberFor is Infinity", async () => {
    const store = createStore();
    const first = await start(store, { rememberFor: Number.POSITIVE_INFINITY });
    await revoke(first.io, { tokenId: "one" });
    const later = await start(store, { rememberFor: 1 });
    expect(await answerTo(later.client().join("/", { token: issue("alice", 1e13, "one") }))).toEqual(REVOKED);
  });

  test("holds neither a token nor anything else of it than its name", async () => {
    const added: string[] = [];
    const server = await start({ add: async (id) => added.push(id), list: async () => [] });
    const token = issue("alice");
    await signIn(server.client(), token);
    await revoke(server.io, { tokenId: "one" });
    expect(added).toHaveLength(1);
    expect(added.join("")).not.toContain(token);
    expect(Object.keys(JSON.parse(added[0] ?? "{}")).sort()).toEqual(["at", "refusal", "tokenId", "until"]);
  });
});

describe("F62 a store that does not answer", () => {
  const failing = () => Promise.reject(new Error("The store is down."));
  const hanging = () => new Promise<never>(() => {});
  const throwing = (): Promise<never> => {
    throw new Error("The store is down.");
  };

  test.each([
    ["fails", failing],
    ["hangs", hanging],
    ["throws", throwing],
  ] as const)("%s: nobody gets in, nobody is signed out, and it is said once", async (_, answer) => {
    const store = createStore();
    const server = await start(store, { revocationsTimeout: 50 });
    const alice = await signIn(server.client(), issue("alice"));
    const { list } = memoryRevocations();
    store.answer = answer;
    const uncaught = await collectUncaught(async () => {
      for (const user of ["alice", "bob"]) {
        expect(await answerTo(server.client().join("/", { token: issue(user) }))).toEqual(OUTAGE);
      }
      const token = issue("alice");
      expect(await alice.control.emitWithAck("reauthenticate", { auth: { token } })).toEqual(
        expect.objectContaining({ ok: false, error: "temporarily_unavailable" }),
      );
    });
    expect(uncaught).toEqual([]);
    expect(alice.control.connected).toBe(true);
    expect(server.lines.filter((line) => line.includes("store of revocations fails"))).toHaveLength(1);
    store.answer = list;
    await connected(server.client().join("/", { token: issue("bob") }));
    expect(server.lines.filter((line) => line.includes("revocations answers again"))).toHaveLength(1);
  });

  test("at the start is said, and costs nothing where it answers later", async () => {
    const store = createStore();
    const { answer } = store;
    store.answer = failing;
    const server = await start(store);
    await expect.poll(() => server.lines.join()).toContain("store of revocations fails");
    store.answer = answer;
    await connected(server.client().join("/", { token: issue("alice") }));
  });

  test("a client that was told so and tries again on the same connection is let in", async () => {
    const store = createStore();
    const { answer } = store;
    const server = await start(store);
    store.answer = failing;
    const client = server.client();
    const token = issue("alice");
    const socket = client.join("/", { token });
    expect(await answerTo(socket)).toEqual(OUTAGE);
    store.answer = answer;
    await connected(socket.connect());
  });

  test.each([
    ["fails", failing],
    ["hangs", hanging],
  ])("where add %s, revoke has done all else, answers false, and says so", async (_, add) => {
    const bus = createBus();
    const server = { adapter: bus.adapter };
    const store = createStore();
    const one = await start({ add, list: store.list }, { server, revocationsTimeout: 50 });
    const other = await start(store, { server });
    await expect.poll(() => one.io.of("/rotor").adapter.serverCount()).toBe(2);
    const alice = await signIn(other.client(), issue("alice"));
    expect(await revoke(one.io, { subject: "alice" })).toBe(false);
    await expect.poll(() => alice.control.connected).toBe(false);
    expect(one.lines.join()).toContain("store of revocations has not taken it");
    expect(await answerTo(one.client().join("/", { token: issue("alice", 1e12) }))).toEqual(REVOKED);
  });
});

describe("a mistake with the store", () => {
  test.each([[null], [{}], [{ add() {} }], [{ list() {} }], ["redis"], [() => {}]])(
    "%j is an error that says what it takes",
    async (revocations) => {
      await expect(start(untyped(revocations))).rejects.toMatchObject({
        code: "ERR_INVALID_OPTION",
        message: expect.stringContaining("revocations"),
      });
    },
  );

  test.each([[undefined], [{}], [{ get() {} }], ["redis://"]])("%j is no client of Redis", (client) => {
    expect(() => redisRevocations(untyped(client))).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_OPTION" }),
    );
  });

  test.each([[""], [7], [null]])("%j is no name of the keys", (key) => {
    expect(() => redisRevocations({ eval: async () => [] }, untyped(key))).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_OPTION" }),
    );
  });
});
