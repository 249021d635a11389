import { createServer } from "node:http";
import session from "express-session";
import { Server } from "socket.io";
import { Adapter } from "socket.io-adapter";
import { authenticateToken, checkSetup, revoke, shareSession } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { keyOfSession } from "../../../src/server/sessions/session-records.js";
import { connected, refused, signIn, startServer } from "../../support/real-server.js";
import { collectUncaught } from "../../support/uncaught.js";
import { untyped } from "../../support/untyped.js";
import { createBus } from "./cluster.js";
import { startSessions } from "./sessions/fixture.js";
import { issue, verify } from "./tokens/dated-tokens.js";
import { answerTo } from "./tokens/revocation-fixture.js";

const refusal = { error: "invalid_token" };

interface Hears {
  _onServerSideEmit(packet: unknown[]): void;
}

/** A node, and a hand that says to it what any peer on the broker could. */
async function startNode() {
  const server = await startServer({ verify });
  const control = server.io.of("/rotor");
  return { ...server, say: (...packet: unknown[]) => untyped<Hears>(control)._onServerSideEmit(packet) };
}

describe("F66 what a peer says", () => {
  test("of a revocation in the future, by a wrong clock or a forger, locks nobody out", async () => {
    const { say, client } = await startNode();
    say("revoke", { subject: "alice", at: 9e15, refusal });
    expect(await refused(client().join("/", { token: issue("alice", Date.now() - 1_000) }))).toMatchObject(
      refusal,
    );
    expect(await answerTo(client().join("/", { token: issue("alice", Date.now() + 1) }))).toBe("let in");
  });

  test("twice, late, or out of order, ends no newer sign-in and takes nothing back", async () => {
    const { say, client } = await startNode();
    const now = Date.now();
    const { control } = await signIn(client(), issue("alice", now - 1_000));
    for (const at of [now - 60_000, now - 2_000, now - 30_000, now - 2_000]) {
      say("revoke", { subject: "alice", at, refusal });
    }
    await control.emitWithAck("sync");
    expect(await refused(client().join("/", { token: issue("alice", now - 2_000) }))).toMatchObject(refusal);
    await connected(client().join("/", { token: issue("alice", now - 1_999) }));
  });

  const FORGED: readonly (readonly [name: string, ...packet: unknown[]])[] = [
    ["a connection without a socket", "connect", null],
    ["a connection by its other name", "connection", undefined],
    ["an error", "error", new Error("forged")],
    ["a disconnection", "disconnecting", null],
    ["an event of another version", "revoke-all", { at: 1 }],
    ["no event", undefined],
    ["an event that is an object", { event: "revoke" }, {}],
    ["a prototype for an event", "__proto__", {}],
    ["a method for an event", "constructor", {}],
    ["an acknowledgement that is none", "revoke", { subject: "x", at: 1, refusal }, "done"],
    ["no message", "revoke"],
    ["a message that is a list", "revoke", [{ subject: "alice", at: 9e15, refusal }]],
    ["a time that is a text", "revoke", { subject: "alice", at: "9e15", refusal }],
    ["a time below zero", "revoke", { subject: "alice", at: -1, refusal }],
    ["a time without an end", "revoke", { subject: "alice", at: Number.POSITIVE_INFINITY, refusal }],
    ["a subject that is a list", "revoke", { subject: ["alice"], at: 9e15, refusal }],
    ["an empty subject", "revoke", { subject: "", at: 9e15, refusal }],
    ["an empty token id", "revoke", { tokenId: "", at: 9e15, refusal }],
    ["no reason", "revoke", { subject: "alice", at: 9e15 }],
    ["a code that there is not", "revoke", { subject: "alice", at: 9e15, refusal: { error: "toString" } }],
    ["a session without tokens of sessions", "session", { key: "x", refusal, isDestroyed: true }],
  ];

  test.each(FORGED)("that is forged: %s, ends nothing and nobody", async (_, ...packet) => {
    const { io, say, client } = await startNode();
    // As a tool that watches every namespace does.
    for (const event of ["connect", "connection"] as const) {
      io.of("/rotor").on(event, (socket) => void socket.id.length);
    }
    const { control } = await signIn(client(), issue("alice"));
    const uncaught = await collectUncaught(async () => {
      // By itself, as an adapter does it: what is thrown there, nobody catches.
      setImmediate(() => say(...packet));
      await control.emitWithAck("sync");
    });
    expect(uncaught).toEqual([]);
    await connected(client().join("/", { token: issue("alice") }));
  });

  test("of a session's change, 2,000 times, is a read or two of the store", async () => {
    const bus = createBus();
    const server = await startSessions({ server: { adapter: bus.adapter } });
    const browser = server.browser();
    await browser.post("/login?user=alice");
    const { control } = await browser.connect();
    // Traffic reads it too, once a minute.
    await control.emitWithAck("sync");
    await expect.poll(() => server.store.touches).toBe(1);
    const { reads } = server.store;
    for (let count = 0; count < 2_000; count += 1) {
      server.io
        .of("/rotor")
        ._onServerSideEmit(["session", { key: keyOfSession(browser.id), isChanged: true }]);
    }
    await expect.poll(() => server.store.reads).toBeGreaterThan(reads);
    await control.emitWithAck("sync");
    expect(server.store.reads - reads).toBeLessThanOrEqual(2);
  });
});

describe("F60 two servers on one broker, one for tokens and one for sessions", () => {
  const SHARED = "adapter_channel_shared";

  test("each says so when it hears what only the other knows", async () => {
    const bus = createBus();
    const server = { adapter: bus.adapter };
    const tokens = await startServer({ verify, server });
    const sessions = await startSessions({ server });
    await expect.poll(() => tokens.io.of("/rotor").adapter.serverCount()).toBe(2);
    expect([tokens.io, sessions.io].flatMap(checkSetup).map(({ code }) => code)).not.toContain(SHARED);
    const told = revoke(tokens.io, { subject: "alice" });
    await expect
      .poll(() => sessions.lines.join())
      .toContain("Another Socket.IO server publishes where this one does");
    const [problem] = checkSetup(sessions.io).filter(({ code }) => code === SHARED);
    expect(problem?.fix).toContain("key:");
    expect(await told).toBe(false);
    expect(tokens.lines.join()).toContain("needs a key or a channel prefix of its own");
  }, 15_000);

  /** A server whose adapter says, as those for Redis do, by which client and under which name it publishes. */
  function startPublishing(pubClient: object, key: string): Server {
    const io = new Server(createServer());
    io.adapter(
      class extends Adapter {
        readonly pubClient = pubClient;
        readonly channel = `${key}#${this.nsp.name}#`;
      },
    );
    return io;
  }
  const forTokens = (io: Server): void => authenticateToken(io, { verify, logger: {} });
  const forSessions = (io: Server): void => {
    shareSession(io, session({ secret: "keyboard cat", resave: false, saveUninitialized: false }), {
      logger: {},
    });
  };

  test.each([
    ["one client and one key", "socket.io", {}, forSessions, true],
    ["a key each", "programs", {}, forSessions, false],
    ["two of a kind", "socket.io", {}, forTokens, false],
  ] as const)(
    "in one process, with %s, checkSetup knows before any message",
    (_, key, client, other, isShared) => {
      const [one, two] = [startPublishing(client, "socket.io"), startPublishing(client, key)];
      forTokens(one);
      other(two);
      for (const io of [one, two]) {
        expect(checkSetup(io).some(({ code }) => code === SHARED)).toBe(isShared);
      }
    },
  );
});
