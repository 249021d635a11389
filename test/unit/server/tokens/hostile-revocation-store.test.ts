import { type RevocationStore, revoke, TokenError } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { connected, deferred } from "../../../support/real-server.js";
import { collectUncaught } from "../../../support/uncaught.js";
import { untyped } from "../../../support/untyped.js";
import { issue, verify } from "./dated-tokens.js";
import { answerTo, createStore, OUTAGE, REVOKED, start } from "./revocation-fixture.js";

describe("F62 a hostile store of revocations", () => {
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
      else expect(await answerTo(socket)).toEqual(OUTAGE);
    });
    expect(uncaught).toEqual([]);
  });

  test("whose answer comes late changes nothing any more, and the next one counts", async () => {
    const store = createStore();
    const late = deferred<readonly string[]>();
    const server = await start(store, { revocationsTimeout: 50 });
    const { answer } = store;
    store.answer = () => late.promise;
    expect(await answerTo(server.client().join("/", { token: issue("alice") }))).toEqual(OUTAGE);
    store.answer = answer;
    await store.add('{"tokenId":"one","at":1,"refusal":{"error":"invalid_token"}}', 9e15);
    late.resolve([]);
    expect(await answerTo(server.client().join("/", { token: issue("alice", 1e12, "one") }))).toEqual(
      expect.objectContaining({ error: "invalid_token" }),
    );
  });

  test("that is being read when another node adds to it is read again", async () => {
    const store = createStore();
    const { answer } = store;
    const [one, other] = [await start(store), await start(store)];
    const [read, gate] = [deferred<void>(), deferred<void>()];
    store.answer = async () => {
      const ids = await answer();
      read.resolve();
      await gate.promise;
      return ids;
    };
    const early = connected(other.client().join("/", { token: issue("bob") }));
    await read.promise;
    const token = issue("alice");
    await revoke(one.io, { subject: "alice" });
    const late = answerTo(other.client().join("/", { token }));
    await expect.poll(() => other.verified.length).toBe(2);
    gate.resolve();
    await early;
    expect(await late).toEqual(REVOKED);
  });

  test("with one list, which it changes, is read each time", async () => {
    const ids: string[] = [];
    const store: RevocationStore = { add: async (id) => ids.push(id), list: async () => ids };
    const [one, other] = [await start(store), await start(store)];
    await connected(other.client().join("/", { token: issue("alice") }));
    await revoke(one.io, { tokenId: "one" });
    expect(await answerTo(other.client().join("/", { token: issue("alice", 1e12, "one") }))).toEqual(REVOKED);
  });

  test("F66 whose revocation is from the future locks nobody out", async () => {
    const ids = [JSON.stringify({ subject: "alice", at: 9e15, refusal: { error: "invalid_token" } })];
    const server = await start({ add: async () => {}, list: async () => ids });
    expect(await answerTo(server.client().join("/", { token: issue("alice", Date.now() - 1_000) }))).toEqual(
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
      // On a busy machine those fifty take longer to come than the default.
      revocationsTimeout: 20_000,
      verify: async (token) => {
        if (token.startsWith("bad")) throw new TokenError("invalid_token");
        return verify(token);
      },
    });
    for (let count = 0; count < 20; count += 1)
      await answerTo(server.client().join("/", { token: `bad${count}` }));
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
