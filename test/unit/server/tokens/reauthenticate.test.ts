import { describe, expect, test } from "vitest";
import {
  connected,
  deferred,
  listenForEnd,
  serverSockets,
  signIn,
  startServer,
  tokenOf,
  userOf,
} from "../../../support/real-server.js";
import { collectUncaught } from "../../../support/uncaught.js";

const auth = (token: string) => ({ auth: { token } });

describe("reauthenticate", () => {
  test("answers with the new lifetime, and changes every socket of the link without a new connection", async () => {
    const server = await startServer({
      before: (io) => io.of("/chat"),
      verify: async (token) => ({
        subject: userOf(token),
        expiresAt: Date.now() + server.verified.length * 60_000,
        data: { order: server.verified.length },
      }),
    });
    const { control, sockets } = await signIn(server.client(), tokenOf("alice"), ["/", "/chat"]);
    const ids = sockets.map(({ id }) => id);
    const kept = serverSockets(server.io).map(({ data }) => data);
    const answer = await control.emitWithAck("reauthenticate", auth(tokenOf("alice")));
    expect(answer).toEqual({ ok: true, expiresIn: expect.any(Number) });
    expect(answer.expiresIn).toBeGreaterThan(110_000);
    expect(sockets.map(({ id }) => id)).toEqual(ids);
    expect(serverSockets(server.io).map(({ data }) => data)).toEqual([
      { identity: "alice", order: 2 },
      { identity: "alice", order: 2 },
    ]);
    // Code that holds on to `socket.data` sees the change.
    expect(kept.map(({ order }) => order)).toEqual([2, 2]);
  });

  test("takes away what only the old token gave, and leaves what the application put there", async () => {
    const server = await startServer({
      verify: async () => ({ subject: "alice", data: server.verified.length === 1 ? { admin: true } : {} }),
    });
    server.io.on("connection", (socket) => {
      socket.data.nickname = "al";
    });
    const { control } = await signIn(server.client(), tokenOf("alice"));
    await control.emitWithAck("reauthenticate", auth(tokenOf("alice")));
    expect(serverSockets(server.io).map(({ data }) => data)).toEqual([{ identity: "alice", nickname: "al" }]);
  });

  test("for another user is answered with identity_mismatch, and the old identity stays", async () => {
    const server = await startServer({
      verify: async (token) => ({ subject: userOf(token), data: { of: userOf(token) } }),
    });
    const { control, sockets } = await signIn(server.client(), tokenOf("alice"));
    expect(await control.emitWithAck("reauthenticate", auth(tokenOf("bob")))).toEqual({
      ok: false,
      error: "identity_mismatch",
      error_description: expect.any(String),
    });
    expect(serverSockets(server.io).map(({ data }) => data)).toEqual([{ identity: "alice", of: "alice" }]);
    expect(sockets[0]?.connected).toBe(true);
  });

  test("changes all sockets or none", async () => {
    const server = await startServer({
      before: (io) => {
        io.of("/frozen").on("connection", (socket) => Object.freeze(socket.data));
        io.of("/chat");
      },
      verify: async () => ({ subject: "alice", data: { order: server.verified.length } }),
    });
    const { control } = await signIn(server.client(), tokenOf("alice"), ["/", "/frozen", "/chat"]);
    expect(await control.emitWithAck("reauthenticate", auth(tokenOf("alice")))).toMatchObject({
      ok: false,
      error: "temporarily_unavailable",
    });
    expect(serverSockets(server.io).map(({ data }) => data.order)).toEqual([1, 1, 1]);
  });

  test("reaches a socket whose namespace is still deciding", async () => {
    const admitted = deferred<void>();
    const held = deferred<void>();
    const server = await startServer({
      before: (io) =>
        io.of("/slow").use((_, next) => {
          admitted.resolve();
          void held.promise.then(() => next());
        }),
      verify: async () => ({ subject: "alice", data: server.verified.length === 1 ? { admin: true } : {} }),
    });
    const client = server.client();
    const token = tokenOf("alice");
    const { control } = await signIn(client, token);
    const slow = connected(client.join("/slow", { token }));
    await admitted.promise;
    await control.emitWithAck("reauthenticate", auth(tokenOf("alice")));
    held.resolve();
    await slow;
    expect(serverSockets(server.io).map(({ data }) => data)).toEqual([
      { identity: "alice" },
      { identity: "alice" },
    ]);
  });

  test("ends a connection with a socket that cannot take the new token, and not the process", async () => {
    const admitted = deferred<void>();
    const held = deferred<void>();
    const server = await startServer({
      before: (io) =>
        io.of("/slow").use((socket, next) => {
          Object.freeze(socket.data);
          admitted.resolve();
          void held.promise.then(() => next());
        }),
    });
    const client = server.client();
    const token = tokenOf("alice");
    const { control, sockets } = await signIn(client, token);
    const slow = client.join("/slow", { token });
    await admitted.promise;
    expect(await control.emitWithAck("reauthenticate", auth(tokenOf("alice")))).toEqual({ ok: true });
    const uncaught = await collectUncaught(async () => {
      const end = listenForEnd(client, control, [...sockets, slow]);
      held.resolve();
      expect(await end).toEqual([
        expect.objectContaining({ error: "temporarily_unavailable" }),
        ...Array.from({ length: 3 }, () => "io server disconnect"),
      ]);
      await expect.poll(() => server.links.size).toBe(0);
    });
    expect(uncaught).toEqual([]);
    expect(serverSockets(server.io)).toEqual([]);
    expect(server.lines.filter((line) => line.includes("socket.data"))).toHaveLength(1);
  });

  test("lets a namespace that is joined later take the new token without verifying it again", async () => {
    const server = await startServer({ before: (io) => io.of("/late") });
    const client = server.client();
    const { control } = await signIn(client, tokenOf("alice"));
    const token = tokenOf("alice");
    await control.emitWithAck("reauthenticate", auth(token));
    await connected(client.join("/late", { token }));
    expect(server.verified).toHaveLength(2);
  });

  test("in a storm is verified one after the other, answered in order, and ends with the last", async () => {
    let running = 0;
    let most = 0;
    const server = await startServer({
      maxReauthenticationsPerMinute: 50,
      verify: async (token) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
        running -= 1;
        return { subject: userOf(token), data: { token: token.length, order: server.verified.length } };
      },
    });
    const { control } = await signIn(server.client(), tokenOf("alice"));
    const answered: number[] = [];
    const tokens = Array.from({ length: 50 }, () => tokenOf("alice"));
    await Promise.all(
      tokens.map(async (token, number) => {
        expect(await control.emitWithAck("reauthenticate", auth(token))).toEqual({ ok: true });
        answered.push(number);
      }),
    );
    expect(most).toBe(1);
    expect(answered).toEqual(tokens.map((_, number) => number));
    expect(server.verified.slice(1)).toEqual(tokens);
    expect(serverSockets(server.io)[0]?.data.order).toBe(51);
  });

  test("past the limit is refused at once, with the time to wait", async () => {
    const server = await startServer({ maxReauthenticationsPerMinute: 3 });
    const { control, sockets } = await signIn(server.client(), tokenOf("alice"));
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => control.emitWithAck("reauthenticate", auth(tokenOf("alice")))),
    );
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, false, false]);
    expect(answers[4]).toMatchObject({ error: "temporarily_unavailable", retryAfter: expect.any(Number) });
    expect(answers[4].retryAfter).toBeGreaterThan(50_000);
    expect(answers[4].retryAfter).toBeLessThanOrEqual(60_000);
    expect(server.verified).toHaveLength(4);
    expect(sockets[0]?.connected).toBe(true);
    expect(server.lines.filter((line) => line.includes("maxReauthenticationsPerMinute"))).toHaveLength(1);
  });

  test("that hangs holds the next one up for verifyTimeout only", async () => {
    const server = await startServer({
      verifyTimeout: 20,
      verify: (token) =>
        server.verified.length === 2 ? new Promise(() => {}) : Promise.resolve({ subject: userOf(token) }),
    });
    const { control } = await signIn(server.client(), tokenOf("alice"));
    const answers = await Promise.all(
      [1, 2].map(() => control.emitWithAck("reauthenticate", auth(tokenOf("alice")))),
    );
    expect(answers).toMatchObject([{ ok: false, error: "temporarily_unavailable" }, { ok: true }]);
  });

  test("whose client leaves meanwhile leaves nothing behind", async () => {
    const answer = deferred<{ subject: string }>();
    const server = await startServer({
      verify: (token) =>
        server.verified.length === 2 ? answer.promise : Promise.resolve({ subject: userOf(token) }),
    });
    const client = server.client();
    const { control } = await signIn(client, tokenOf("alice"));
    for (let count = 0; count < 3; count += 1) {
      control.emit("reauthenticate", auth(tokenOf("alice")), () => {});
    }
    await expect.poll(() => server.verified.length).toBe(2);
    client.manager._close();
    await expect.poll(() => server.links.size).toBe(0);
    answer.resolve({ subject: "alice" });
    // Those that waited are not verified for nobody.
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.verified).toHaveLength(2);
    expect(serverSockets(server.io)).toEqual([]);
  });
});
