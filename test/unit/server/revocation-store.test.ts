import {
  memoryRevocations,
  type RevocationStore,
  redisRevocations,
  revoke,
  TokenError,
} from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { connected, deferred, refused, signIn, startServer } from "../../support/real-server.js";
import { collectUncaught } from "../../support/uncaught.js";
import { untyped } from "../../support/untyped.js";
import { createBus } from "./cluster.js";

const REVOKED = { error: "invalid_token", error_description: "The token was revoked." };
const OUTAGE = expect.objectContaining({ error: "temporarily_unavailable" });

/** A token that says when it was issued, and its id. */
const issue = (user: string, issuedAt = Date.now(), tokenId = "id"): string =>
  [user, issuedAt, tokenId, crypto.randomUUID()].join("~");

const verify = async (token: string) => {
  const [subject = "", issuedAt, tokenId = ""] = token.split("~");
  return { subject, issuedAt: Number(issuedAt), tokenId };
};

/** A store in memory that counts, and whose `list` can be another. */
function createStore() {
  const { add, list } = memoryRevocations();
  const store = {
    lists: 0,
    answer: list,
    add,
    list(): Promise<readonly string[]> {
      store.lists += 1;
      return store.answer();
    },
  };
  return store;
}

const start = (revocations: RevocationStore, more: Parameters<typeof startServer>[0] = {}) =>
  startServer({ verify, revocations, ...more });

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
    expect(await refused(later.client().join("/", { token }))).toEqual(words.data);
    await connected(later.client().join("/", { token: issue("alice", 1e13, "two") }));
    await connected(later.client().join("/", { token: issue("bob", 1e12, "three") }));
  });

  test("is known to a node that runs, and that no message has reached", async () => {
    const store = createStore();
    const [one, other] = [await start(store), await start(store)];
    const token = issue("alice", Date.now() - 1);
    await revoke(one.io, { subject: "alice" });
    expect(await refused(other.client().join("/", { token }))).toEqual(REVOKED);
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
    const outcome = refused(other.client().join("/", { token: issue("alice", Date.now() - 1) }));
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
    expect(await refused(later.client().join("/", { token }))).toEqual(REVOKED);
    await expect.poll(() => Date.now() - begun).toBeGreaterThan(210);
    await connected(later.client().join("/", { token }));
  });

  test("lasts for ever where rememberFor is Infinity", async () => {
    const store = createStore();
    const first = await start(store, { rememberFor: Number.POSITIVE_INFINITY });
    await revoke(first.io, { tokenId: "one" });
    const later = await start(store, { rememberFor: 1 });
    expect(await refused(later.client().join("/", { token: issue("alice", 1e13, "one") }))).toEqual(REVOKED);
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
        expect(await refused(server.client().join("/", { token: issue(user) }))).toEqual(OUTAGE);
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
    expect(await refused(socket)).toEqual(OUTAGE);
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
    expect(await refused(one.client().join("/", { token: issue("alice", 1e12) }))).toEqual(REVOKED);
  });
});

describe("a hostile store", () => {
  const GARBAGE: readonly (readonly [name: string, answer: unknown, isLetIn: boolean])[] = [
    ["nothing", undefined, false],
    ["null", null, false],
    ["a text", "alice", false],
    ["a number", 7, false],
    ["an object", {}, false],
    ["something like a list", { length: 1, 0: "x" }, false],
    ["a list of no texts", [undefined, null, 7, {}, []], true],
    ["texts that are no JSON", ["", "alice", "{", "undefined"], true],
    ["JSON that is no revocation", ["null", "7", "[]", "{}", '"x"', '{"subject":"alice"}'], true],
    ["a time that is none", ['{"subject":"alice","at":"x","refusal":{"error":"invalid_token"}}'], true],
    ["a code that is none", ['{"subject":"alice","at":1,"refusal":{"error":"no_idea"}}'], true],
    ["another version's", ['{"version":9,"user":"alice","at":9e15}'], true],
    ["nobody's", ['{"subject":"","tokenId":"","at":9e15,"refusal":{"error":"invalid_token"}}'], true],
    [
      "one that is over",
      ['{"subject":"alice","at":9e15,"until":1,"refusal":{"error":"invalid_token"}}'],
      true,
    ],
    ["a prototype", ['{"__proto__":{"subject":"alice"},"at":1,"refusal":{"error":"invalid_token"}}'], true],
  ];

  test.each(GARBAGE)("that answers %s", async (_, answer, isLetIn) => {
    const server = await start({ add: async () => {}, list: async () => untyped(answer) });
    const uncaught = await collectUncaught(async () => {
      const socket = server.client().join("/", { token: issue("alice") });
      if (isLetIn) await connected(socket);
      else expect(await refused(socket)).toEqual(OUTAGE);
    });
    expect(uncaught).toEqual([]);
  });

  test("whose answer comes late changes nothing any more, and the next one counts", async () => {
    const store = createStore();
    const late = deferred<readonly string[]>();
    const server = await start(store, { revocationsTimeout: 50 });
    const { answer } = store;
    store.answer = () => late.promise;
    expect(await refused(server.client().join("/", { token: issue("alice") }))).toEqual(OUTAGE);
    store.answer = answer;
    await store.add('{"tokenId":"one","at":1,"refusal":{"error":"invalid_token"}}', 9e15);
    late.resolve([]);
    expect(await refused(server.client().join("/", { token: issue("alice", 1e12, "one") }))).toEqual(
      expect.objectContaining({ error: "invalid_token" }),
    );
  });

  test("that answers with one list, and changes it, is read each time", async () => {
    const ids: string[] = [];
    const store: RevocationStore = { add: async (id) => ids.push(id), list: async () => ids };
    const [one, other] = [await start(store), await start(store)];
    await connected(other.client().join("/", { token: issue("alice") }));
    await revoke(one.io, { tokenId: "one" });
    expect(await refused(other.client().join("/", { token: issue("alice", 1e12, "one") }))).toEqual(REVOKED);
  });

  test("F66 whose revocation is from the future locks nobody out", async () => {
    const ids = [JSON.stringify({ subject: "alice", at: 9e15, refusal: { error: "invalid_token" } })];
    const server = await start({ add: async () => {}, list: async () => ids });
    expect(await refused(server.client().join("/", { token: issue("alice", Date.now() - 1_000) }))).toEqual(
      expect.objectContaining({ error: "invalid_token" }),
    );
    // What was read once is not read anew: it would count from each handshake on.
    const token = issue("alice", Date.now() + 1);
    await connected(server.client().join("/", { token }));
    await connected(server.client().join("/", { token: issue("alice", Date.now() + 1) }));
  });

  test("is asked once for all handshakes that come while it answers, and not at all for tokens that are no good", async () => {
    const store = createStore();
    const { answer } = store;
    const server = await start(store, {
      verify: async (token) => {
        if (token.startsWith("bad")) throw new TokenError("invalid_token");
        return verify(token);
      },
    });
    for (let count = 0; count < 20; count += 1)
      await refused(server.client().join("/", { token: `bad${count}` }));
    expect(store.lists).toBe(1);
    const gate = deferred<void>();
    store.answer = async () => {
      await gate.promise;
      return answer();
    };
    const sockets = Array.from({ length: 50 }, () => server.client().join("/", { token: issue("alice") }));
    await expect.poll(() => server.verified.length).toBe(70);
    gate.resolve();
    await Promise.all(sockets.map(connected));
    expect(store.lists).toBeLessThanOrEqual(3);
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
