import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { EngineConnection } from "../../../src/server/socket-io-types.js";
import { serverSockets, signIn, startServer, tokenOf, userOf } from "../../support/real-server.js";

const identityKey = "a key that all nodes share";
const aliceHash = createHmac("sha256", identityKey).update("alice").digest("base64url");

describe("ready", () => {
  test("tells the version, the lifetime and the identity", async () => {
    const server = await startServer({
      identityKey,
      verify: async () => ({ subject: "alice", expiresAt: Date.now() + 60_000 }),
    });
    const { ready } = await signIn(server.client(), tokenOf("alice"));
    expect(ready).toEqual({
      version: 1,
      reauthenticate: true,
      expiresIn: expect.any(Number),
      identity: aliceHash,
    });
    const { expiresIn } = ready as { expiresIn: number };
    expect(expiresIn).toBeGreaterThan(50_000);
    expect(expiresIn).toBeLessThanOrEqual(60_000);
  });

  test("has no lifetime where the token has none", async () => {
    for (const expiresAt of [undefined, Number.POSITIVE_INFINITY]) {
      const answer = expiresAt === undefined ? { subject: "alice" } : { subject: "alice", expiresAt };
      const server = await startServer({ verify: async () => answer });
      const { ready } = await signIn(server.client(), tokenOf("alice"));
      expect(ready).not.toHaveProperty("expiresIn");
    }
  });

  test("is the same identity for each token of a user, another for each user, and another under each key", async () => {
    const server = await startServer({ identityKey });
    const identities: unknown[] = [];
    for (const user of ["alice", "alice", "bob"]) {
      const { ready } = await signIn(server.client(), tokenOf(user));
      identities.push((ready as { identity: string }).identity);
    }
    expect(identities[0]).toBe(aliceHash);
    expect(identities[1]).toBe(aliceHash);
    expect(identities[2]).not.toBe(aliceHash);
    const other = await startServer();
    const { ready } = await signIn(other.client(), tokenOf("alice"));
    expect(ready).not.toHaveProperty("identity", aliceHash);
  });

  test("comes over polling too", async () => {
    const server = await startServer();
    const { ready } = await signIn(server.client({ transports: ["polling"] }), tokenOf("alice"));
    expect(ready).toMatchObject({ version: 1 });
  });

  test("comes with no namespace but the control namespace", async () => {
    const server = await startServer();
    const { ready } = await signIn(server.client(), tokenOf("alice"), []);
    expect(ready).toMatchObject({ version: 1 });
  });
});

describe("sync", () => {
  test.each([["websocket"], ["polling"]] as const)(
    "over %s proves that what was written before was read",
    async (transport) => {
      const server = await startServer();
      const read: unknown[] = [];
      for (const namespace of ["/", "/chat"]) {
        server.io.of(namespace).on("connection", (socket) => socket.on("note", (note) => read.push(note)));
      }
      const { control, sockets } = await signIn(
        server.client({ transports: [transport] }),
        tokenOf("alice"),
        ["/", "/chat"],
      );
      const written = Array.from({ length: 100 }, (_, number) => number);
      for (const number of written) sockets[number % 2]?.emit("note", number);
      sockets[0]?.emit("note", Buffer.alloc(100_000));
      await control.emitWithAck("sync");
      expect(read.slice(0, 100)).toEqual(written);
      expect(read).toHaveLength(101);
    },
  );

  test("is answered while a re-authentication is under way", async () => {
    const server = await startServer({
      verify: (token) =>
        server.verified.length > 1 ? new Promise(() => {}) : Promise.resolve({ subject: userOf(token) }),
    });
    const { control } = await signIn(server.client(), tokenOf("alice"));
    control.emit("reauthenticate", { auth: { token: tokenOf("alice") } }, () => {});
    await control.emitWithAck("sync");
  });
});

describe("goodbye", () => {
  test.each([["websocket"], ["polling"]] as const)(
    "over %s comes before the disconnection of every namespace, the connection with it",
    async (transport) => {
      const server = await startServer();
      server.io.of("/chat");
      const client = server.client({ transports: [transport] });
      const { control, sockets } = await signIn(client, tokenOf("alice"), ["/", "/chat"]);
      const heard: unknown[] = [];
      control.on("goodbye", (refusal) => heard.push(refusal));
      for (const socket of [control, ...sockets]) socket.on("disconnect", (reason) => heard.push(reason));
      const closed = new Promise<void>((resolve) => client.manager.once("close", () => resolve()));
      const [socket] = serverSockets(server.io);
      const link = socket && server.links.of(socket.conn);
      if (!link) expect.fail("there is no link");
      link.disconnectWithReason({
        error: "invalid_token",
        error_description: "It was revoked.",
        retryAfter: 5,
      });
      await closed;
      expect(heard).toEqual([
        { error: "invalid_token", error_description: "It was revoked.", retryAfter: 5 },
        "io server disconnect",
        "io server disconnect",
        "io server disconnect",
      ]);
      await expect.poll(() => server.links.size).toBe(0);
    },
  );

  test("closes a link that has no socket yet", async () => {
    const server = await startServer({ verify: () => new Promise(() => {}) });
    let conn: EngineConnection | undefined;
    server.io.engine.on("connection", (opened: EngineConnection) => {
      conn = opened;
    });
    const client = server.client();
    client.join("/", { token: tokenOf("alice") });
    await expect.poll(() => server.links.size).toBe(1);
    const link = conn && server.links.of(conn);
    if (!link) expect.fail("there is no link");
    const closed = new Promise<void>((resolve) => client.manager.once("close", () => resolve()));
    link.disconnectWithReason({ error: "temporarily_unavailable" });
    await closed;
    await expect.poll(() => server.links.size).toBe(0);
  });
});
