import { Server } from "socket.io";
import { checkSetup, revoke, TokenError } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { createLog } from "../../../../src/logger.js";
import { concerns, createRevocations } from "../../../../src/server/tokens/revocations.js";
import {
  connected,
  deferred,
  listenForEnd,
  next,
  refused,
  serverSockets,
  signIn,
  startServer,
  tokenOf,
  userOf,
} from "../../../support/real-server.js";
import { rejection } from "../../../support/rejection.js";
import { collectUncaught } from "../../../support/uncaught.js";
import { untyped } from "../../../support/untyped.js";
import { createBus } from "../cluster.js";
import { issue, verify } from "./dated-tokens.js";
import { REVOKED } from "./revocation-fixture.js";

describe("revoke by subject", () => {
  test.each([["websocket"], ["polling"]] as const)(
    "over %s says goodbye to all connections of the user, and ends them, and no other",
    async (transport) => {
      const server = await startServer({ verify, before: (io) => io.of("/chat") });
      const client = server.client({ transports: [transport] });
      const { control, sockets } = await signIn(client, issue("alice"), ["/", "/chat"]);
      const other = await signIn(server.client(), issue("alice"));
      const bob = await signIn(server.client(), issue("bob"));
      const end = listenForEnd(client, control, sockets);
      expect(await revoke(server.io, { subject: "alice" })).toBe(true);
      expect(await end).toEqual([REVOKED, ...Array.from({ length: 3 }, () => "io server disconnect")]);
      await expect.poll(() => other.sockets[0]?.connected).toBe(false);
      await bob.control.emitWithAck("sync");
      expect(serverSockets(server.io).map(({ data }) => data.identity)).toEqual(["bob"]);
    },
  );

  test("refuses tokens that were issued before, and lets the user sign in again", async () => {
    const server = await startServer({ verify });
    const before = issue("alice", Date.now() - 1_000);
    await revoke(server.io, { subject: "alice" });
    expect(await refused(server.client().join("/", { token: before }))).toEqual(REVOKED);
    await connected(server.client().join("/", { token: issue("alice", Date.now() + 1) }));
  });

  test("refuses every token where nobody knows when it was issued, and says so", async () => {
    const server = await startServer();
    await revoke(server.io, { subject: "alice" });
    expect(await refused(server.client().join("/", { token: tokenOf("alice") }))).toEqual(REVOKED);
    expect(server.lines.join("\n")).toContain("issuedAt");
    await connected(server.client().join("/", { token: tokenOf("bob") }));
  });

  test("is a re-authentication's end too", async () => {
    const server = await startServer({ verify });
    const { control, sockets } = await signIn(server.client(), issue("alice", Date.now() + 60_000, "new"));
    await revoke(server.io, { tokenId: "old" });
    const token = issue("alice", Date.now() - 1_000, "old");
    expect(await control.emitWithAck("reauthenticate", { auth: { token } })).toEqual({
      ok: false,
      ...REVOKED,
    });
    expect(sockets[0]?.connected).toBe(true);
  });

  test("reaches a handshake that is being verified", async () => {
    const gate = deferred<void>();
    const server = await startServer({
      verify: async (token) => {
        await gate.promise;
        return verify(token);
      },
    });
    const refusal = refused(server.client().join("/", { token: issue("alice", Date.now() - 1) }));
    await expect.poll(() => server.verified.length).toBe(1);
    await revoke(server.io, { subject: "alice" });
    gate.resolve();
    expect(await refusal).toEqual(REVOKED);
    expect(serverSockets(server.io)).toEqual([]);
  });

  test("reaches a handshake that is verified, while the application still decides", async () => {
    const asked = deferred<void>();
    const gate = deferred<void>();
    const server = await startServer({
      verify,
      before: (io) =>
        io.use((_, go) => {
          asked.resolve();
          void gate.promise.then(() => go());
        }),
    });
    const client = server.client();
    client.join("/", { token: issue("alice") });
    await asked.promise;
    const closed = new Promise<void>((resolve) => client.manager.once("close", () => resolve()));
    await revoke(server.io, { subject: "alice" });
    gate.resolve();
    await closed;
    expect(serverSockets(server.io)).toEqual([]);
  });

  test("tells the words it was given", async () => {
    const server = await startServer({ verify });
    const client = server.client();
    const { control, sockets } = await signIn(client, issue("alice"));
    const end = listenForEnd(client, control, sockets);
    await revoke(server.io, { subject: "alice" }, new TokenError("access_denied", "The account was closed."));
    const words = { error: "access_denied", error_description: "The account was closed." };
    expect((await end)[0]).toEqual(words);
    expect(await refused(server.client().join("/", { token: issue("alice", 1e12) }))).toEqual(words);
  });
});

describe("revoke by tokenId", () => {
  test("ends the connections of that token, and refuses it from now on, whenever it was issued", async () => {
    const server = await startServer({ verify });
    const one = issue("alice", Date.now() + 60_000, "one");
    const ended = await signIn(server.client(), one);
    const kept = await signIn(server.client(), issue("alice", Date.now(), "two"));
    await revoke(server.io, { tokenId: "one" });
    await expect.poll(() => ended.sockets[0]?.connected).toBe(false);
    await kept.control.emitWithAck("sync");
    expect(await refused(server.client().join("/", { token: one }))).toEqual(REVOKED);
  });

  test.each([["before"], ["after"]])(
    "warns once of a token for which verify answers no tokenId, and which came %s",
    async (time) => {
      const server = await startServer();
      if (time === "before") await signIn(server.client(), tokenOf("alice"));
      expect(await revoke(server.io, { tokenId: "one" })).toBe(true);
      if (time === "after") await signIn(server.client(), tokenOf("alice"));
      await signIn(server.client(), tokenOf("bob"));
      expect(server.lines.filter((line) => line.includes('no "tokenId"'))).toHaveLength(1);
    },
  );

  test("with a subject concerns only that user's", async () => {
    const server = await startServer({ verify });
    await revoke(server.io, { subject: "alice", tokenId: "one" });
    await connected(server.client().join("/", { token: issue("bob", 1e12, "one") }));
    await connected(server.client().join("/", { token: issue("alice", 1e12, "two") }));
    expect(await refused(server.client().join("/", { token: issue("alice", 1e12, "one") }))).toEqual(REVOKED);
  });

  test("holds for a token that was verified before on the connection of another", async () => {
    const server = await startServer({ verify, before: (io) => io.of(/^\/n\d$/) });
    const client = server.client();
    await signIn(client, issue("alice", Date.now(), "one"));
    const two = issue("alice", Date.now(), "two");
    await connected(client.join("/n1", { token: two }));
    await revoke(server.io, { tokenId: "two" });
    expect(await refused(client.join("/n2", { token: two }))).toEqual(REVOKED);
  });
});

describe("with several nodes", () => {
  async function startNodes(count: number) {
    const bus = createBus();
    const identityKey = "a key that all nodes share";
    const nodes = await Promise.all(
      Array.from({ length: count }, () =>
        startServer({ verify, identityKey, server: { adapter: bus.adapter } }),
      ),
    );
    // Until each has heard of the others.
    for (const { io } of nodes) await expect.poll(() => io.of("/rotor").adapter.serverCount()).toBe(count);
    return { bus, nodes };
  }

  test("the application's own listeners hear nothing of it, and no token goes over the bus", async () => {
    const { bus, nodes } = await startNodes(2);
    const heard: unknown[] = [];
    for (const { io } of nodes) io.on("revoke", (...args: unknown[]) => heard.push(args));
    const token = issue("alice");
    for (const node of nodes) await signIn(node.client(), token);
    await revoke(untyped<Server>(nodes[0]?.io), { subject: "alice" });
    expect(heard).toEqual([]);
    expect(bus.messages.join("")).toContain("alice");
    expect(bus.messages.join("")).not.toContain(token);
  });

  test.each([["isDown"], ["isDeaf"]] as const)(
    "a bus that %s: this node has done its part, the answer is false, and nothing is uncaught",
    async (trouble) => {
      const { bus, nodes } = await startNodes(2);
      const [first] = nodes;
      if (first === undefined) expect.fail("there is no node");
      const { sockets } = await signIn(first.client(), issue("alice"));
      const uncaught = await collectUncaught(async () => {
        bus[trouble] = true;
        const answer = revoke(first.io, { subject: "alice" });
        await expect.poll(() => sockets[0]?.connected).toBe(false);
        expect(await answer).toBe(false);
      });
      expect(uncaught).toEqual([]);
      expect(first.lines.join("\n")).toContain("not every node has confirmed");
    },
    15_000,
  );

  test.each([["every message"], ["acknowledgements"]])(
    "an adapter that rejects %s ends no process",
    async (what) => {
      const { nodes } = await startNodes(2);
      const [first] = nodes;
      if (first === undefined) expect.fail("there is no node");
      const { adapter } = first.io.of("/rotor");
      adapter.serverSideEmit = async (packet: unknown[]) => {
        if (what === "every message" || typeof packet.at(-1) === "function") throw new Error("Redis is down");
      };
      const uncaught = await collectUncaught(async () => {
        expect(await revoke(first.io, { subject: "alice" })).toBe(false);
      });
      expect(uncaught).toEqual([]);
    },
  );

  test("what another node says is looked at before it is used", async () => {
    const { nodes } = await startNodes(2);
    const [first, second] = nodes;
    if (first === undefined || second === undefined) expect.fail("there is no node");
    const uncaught = await collectUncaught(async () => {
      for (const message of [
        undefined,
        null,
        7,
        "x",
        {},
        { at: "x" },
        { at: 1, refusal: { error: "no_idea" } },
      ]) {
        await first.io.of("/rotor").serverSideEmitWithAck("revoke", message);
      }
      const refusal = { error: "invalid_token" };
      await first.io.of("/rotor").serverSideEmitWithAck("revoke", { at: 1, refusal });
    });
    expect(uncaught).toEqual([]);
    await connected(second.client().join("/", { token: issue("alice", 1e12) }));
  });

  test("nodes with a random identity key each bring a warning", async () => {
    const bus = createBus();
    const server = await startServer({ identityKey: undefined, verify, server: { adapter: bus.adapter } });
    expect(checkSetup(server.io).map(({ code }) => code)).toEqual(["identity_key_random"]);
    await signIn(server.client(), issue("alice"));
    expect(server.lines.filter((line) => line.includes("identityKey"))).toHaveLength(1);
  });
});

describe("what is remembered", () => {
  const refusal = new TokenError("invalid_token").data;
  const silent = { debug() {}, info() {}, warn() {}, warnOnce() {}, infoOnce() {} };
  const credential = { subject: "alice", issuedAt: 1e12, data: {} };

  test("is forgotten after rememberFor", async () => {
    const server = await startServer({ verify, rememberFor: 1_000 });
    await revoke(server.io, { subject: "alice" });
    await refused(server.client().join("/", { token: issue("alice", 1e12) }));
    await new Promise((resolve) => setTimeout(resolve, 1_010));
    await connected(server.client().join("/", { token: issue("alice", 1e12) }));
  });

  test("is bounded, and the newest are kept", () => {
    const warned: string[] = [];
    const revocations = createRevocations(Number.POSITIVE_INFINITY, {
      ...silent,
      warnOnce: (key) => warned.push(key),
    });
    revocations.add({ subject: "alice", at: Date.now(), refusal });
    for (let number = 0; number < 100_000; number += 1) {
      revocations.add({ tokenId: String(number), at: Date.now(), refusal });
    }
    expect(() => revocations.check({ ...credential, tokenId: "another" })).not.toThrow();
    expect(() => revocations.check({ ...credential, tokenId: "99999" })).toThrow(TokenError);
    expect(new Set(warned)).toEqual(new Set(["revocations:full"]));
  });

  test("of the same subject counts from the latest", () => {
    const revocations = createRevocations(60_000, silent);
    revocations.add({ subject: "alice", at: 1e12 - 1, refusal });
    expect(() => revocations.check(credential)).not.toThrow();
    revocations.add({ subject: "alice", at: 1e12, refusal });
    expect(() => revocations.check(credential)).toThrow(TokenError);
  });
});

describe("a revoke that is a mistake", () => {
  test.each([
    [{}],
    [{ subject: "" }],
    [{ subject: undefined }],
    [{ tokenId: 7 }],
    [undefined],
    [{ userId: "x" }],
  ])("%j is an error, and ends nothing", async (who) => {
    const server = await startServer({ verify: async (token) => ({ subject: userOf(token) }) });
    const { control } = await signIn(server.client(), tokenOf("alice"));
    await rejection(revoke(server.io, untyped(who)), "ERR_INVALID_OPTION");
    await control.emitWithAck("sync");
  });

  test("with words that are no TokenError is an error", async () => {
    const server = await startServer();
    await rejection(revoke(server.io, { subject: "alice" }, untyped("access_denied")), "ERR_INVALID_OPTION");
  });

  test("without authenticateToken is an error that says so", async () => {
    const { message } = await rejection(revoke(new Server(), { subject: "alice" }), "ERR_SERVER_SETUP");
    expect(message).toContain("authenticateToken");
  });
});

describe("F29 whatever the application does to its sockets, a revocation ends the whole connection", () => {
  test("when it has taken all listeners off, and the client has left the main namespace", async () => {
    const server = await startServer({ verify, before: (io) => io.of("/chat") });
    server.io.on("connection", (socket) => socket.removeAllListeners());
    const { sockets } = await signIn(server.client(), issue("alice"), ["/", "/chat"]);
    const [main, chat] = sockets;
    if (!chat) throw new Error("The namespace was not joined.");
    const left = next(chat, "disconnect");
    main?.disconnect();
    await revoke(server.io, { subject: "alice" });
    await left;
    expect(server.io.of("/chat").sockets.size).toBe(0);
  });

  test("when a listener throws: the other namespaces and the user's other connections end as well", async () => {
    const server = await startServer({ verify, before: (io) => io.of("/chat") });
    server.io.once("connection", (socket) =>
      socket.on("disconnect", () => {
        throw new Error("a mistake of the application's");
      }),
    );
    const first = await signIn(server.client(), issue("alice"), ["/", "/chat"]);
    const second = await signIn(server.client(), issue("alice"));
    const ends = [...first.sockets, ...second.sockets].map((socket) => next(socket, "disconnect"));
    expect(await revoke(server.io, { subject: "alice" })).toBe(true);
    await Promise.all(ends);
    expect(serverSockets(server.io)).toEqual([]);
    expect(server.lines.filter((line) => line.includes("listener"))).toHaveLength(1);
  });
});

test("F29 an older revocation that comes late takes nothing back, and ends no newer sign-in", () => {
  const revocations = createRevocations(60_000, createLog({}));
  const refusal = { error: "invalid_token" } as const;
  const now = Date.now();
  revocations.add({ subject: "alice", at: now, refusal });
  revocations.add({ subject: "alice", at: now - 5_000, refusal });
  const between = { subject: "alice", issuedAt: now - 1_000, data: {} };
  expect(() => revocations.check(between)).toThrow();
  expect(concerns({ subject: "alice", at: now - 5_000, refusal }, between)).toBe(false);
});
