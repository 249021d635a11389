import { createServer } from "node:http";
import session from "express-session";
import { Server } from "socket.io";
import { authenticateToken, drain, revoke, type SessionOptions, shareSession } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { connected, next, refused, serverSockets, tokenOf, userOf } from "../../../support/real-server.js";
import { rejection, thrown } from "../../../support/rejection.js";
import { CountingStore, serverSide, startSessions } from "./fixture.js";

const verify = async (token: string) => ({ subject: userOf(token), data: { scope: "all" } });

describe.each(["tokens first", "sessions first"])("with tokens and sessions, %s", (order) => {
  const start = () => {
    const before = (io: Server): void => authenticateToken(io, { verify, logger: {} });
    return startSessions(order === "tokens first" ? { before } : {}).then((server) => {
      if (order !== "tokens first") before(server.io);
      return server;
    });
  };

  test("a connection needs both, and the token says who it is", async () => {
    const server = await start();
    const browser = server.browser();
    const token = tokenOf("alice");
    expect(await refused(browser.client().join("/", { token }))).toMatchObject({ error: "session_required" });
    await browser.post("/login?user=alice");
    expect(await refused(browser.client().join("/", {}))).toMatchObject({ error: "invalid_token" });
    const client = browser.client();
    const socket = await connected(client.join("/", { token }));
    const control = client.join("/rotor", { token });
    expect(await next(control, "ready")).toMatchObject({ reauthenticate: true });
    const side = serverSide(server.io, socket);
    expect([side.data, side.handshake.auth]).toEqual([{ identity: "alice", scope: "all" }, {}]);
    expect(await server.handle.load(side)).toMatchObject({ user: "alice" });
    expect(await control.emitWithAck("reauthenticate", { auth: { token: tokenOf("alice") } })).toEqual({
      ok: true,
    });
  });

  test("a token of another user than the session's is refused, in every namespace and on each attempt", async () => {
    const server = await start();
    server.io.of("/chat");
    const browser = server.browser();
    await browser.post("/login?user=alice");
    const client = browser.client();
    const token = tokenOf("bob");
    for (const namespace of ["/", "/chat", "/rotor", "/"]) {
      expect(await refused(client.join(namespace, { token }))).toEqual({
        error: "invalid_token",
        error_description: "The token and the session are of two users.",
      });
    }
    expect(serverSockets(server.io)).toEqual([]);
  });

  test("either ends the connection", async () => {
    const server = await start();
    for (const end of ["session", "token"]) {
      const browser = server.browser();
      await browser.post("/login?user=alice");
      const client = browser.client();
      const token = tokenOf("alice");
      await connected(client.join("/", { token }));
      const control = client.join("/rotor", { token });
      await next(control, "ready");
      const goodbye = next(control, "goodbye");
      if (end === "session") await browser.post("/logout");
      else await revoke(server.io, { subject: "alice" });
      expect(await goodbye).toMatchObject({ error: end === "session" ? "session_ended" : "invalid_token" });
      await expect.poll(() => serverSockets(server.io)).toEqual([]);
    }
  });
});

test("with tokens, and without identify to compare users by, a warning says so once", async () => {
  const warnings: string[] = [];
  const logger = { warn: (line: string) => warnings.push(line) };
  const server = await startSessions({
    before: (io) => authenticateToken(io, { verify, logger }),
    share: { identify: undefined },
  });
  const browser = server.browser();
  await browser.post("/login?user=alice");
  for (const user of ["bob", "alice"]) await connected(browser.client().join("/", { token: tokenOf(user) }));
  const told = warnings.filter((line) => line.includes('has no "identify"'));
  expect(told).toHaveLength(1);
});

describe("without tokens", () => {
  test("revoke is an error that says what to do instead", async () => {
    const { io } = await startSessions();
    expect((await rejection(revoke(io, { subject: "alice" }), "ERR_SERVER_SETUP")).message).toContain(
      "destroy",
    );
  });

  test("a token is not asked for, and a re-authentication is answered", async () => {
    const server = await startSessions();
    const browser = server.browser();
    await browser.post("/login?user=alice");
    const { control } = await browser.connect();
    expect(await control.emitWithAck("reauthenticate", { auth: { token: "x" } })).toMatchObject({
      ok: false,
      error: "invalid_request",
    });
    await control.emitWithAck("sync");
  });

  test("drain sends everybody away, and the store is not asked for those who come", async () => {
    const server = await startSessions();
    const browser = server.browser();
    await browser.post("/login?user=alice");
    const { control } = await browser.connect();
    const goodbye = next(control, "goodbye");
    await drain(server.io, { within: 0 });
    expect(await goodbye).toMatchObject({ error: "temporarily_unavailable", retryAfter: 0 });
    const { reads } = server.store;
    expect(await refused(browser.client().join("/", {}))).toMatchObject({ error: "temporarily_unavailable" });
    expect(server.store.reads).toBe(reads);
  });
});

test("two identity keys are an error, and one of them is for both", () => {
  const middleware = session({ secret: "s", resave: false, saveUninitialized: false });
  const [one, two] = ["a".repeat(16), "b".repeat(16)];
  const start = (share: SessionOptions): Server => {
    const io = new Server(createServer());
    authenticateToken(io, { verify, identityKey: one, logger: {} });
    shareSession(io, middleware, { logger: {}, ...share });
    return io;
  };
  start({});
  start({ identityKey: one });
  expect(thrown(() => start({ identityKey: two }), "ERR_SERVER_SETUP").message).toContain("identityKey");
});

test("two servers that share a store both hear of a sign-out", async () => {
  const store = new CountingStore();
  const one = await startSessions({ store });
  const two = await startSessions({ store });
  const browser = one.browser();
  await browser.post("/login?user=alice");
  const there = two.browser();
  there.cookie = browser.cookie;
  const connections = [await browser.connect(), await there.connect()];
  const goodbyes = connections.map(({ control }) => next(control, "goodbye"));
  await there.post("/logout");
  for (const goodbye of await Promise.all(goodbyes))
    expect(goodbye).toMatchObject({ error: "session_ended" });
});
