import { describe, expect, test } from "vitest";
import {
  connected,
  deferred,
  preConnect,
  refused,
  serverSockets,
  signIn,
  startServer,
  tokenOf,
  userOf,
} from "../../../support/real-server.js";
import { collectUncaught } from "../../../support/uncaught.js";

describe("one verification a link and token", () => {
  test("serves all namespaces that are joined at once", async () => {
    const gate = deferred<void>();
    const server = await startServer({
      before: (io) => io.of(/^\/room-/),
      verify: async (token) => {
        await gate.promise;
        return { subject: userOf(token), data: { role: "reader" } };
      },
    });
    const token = tokenOf("alice");
    const joining = signIn(server.client(), token, ["/", "/room-1", "/room-2"]);
    await expect.poll(() => server.verified.length).toBe(1);
    gate.resolve();
    await joining;
    expect(server.verified).toEqual([token]);
    expect(serverSockets(server.io).map(({ data }) => data)).toEqual(
      Array.from({ length: 3 }, () => ({ identity: "alice", role: "reader" })),
    );
  });

  test("serves a namespace that is joined later", async () => {
    const server = await startServer({ before: (io) => io.of("/late") });
    const client = server.client();
    const token = tokenOf("alice");
    await signIn(client, token);
    await connected(client.join("/late", { token }));
    expect(server.verified).toEqual([token]);
  });

  test("is not shared by two connections", async () => {
    const server = await startServer();
    const token = tokenOf("alice");
    await Promise.all([signIn(server.client(), token), signIn(server.client(), token)]);
    expect(server.verified).toEqual([token, token]);
  });

  test("refuses all namespaces that are joined at once", async () => {
    const server = await startServer({ verify: () => Promise.reject(new Error("no")) });
    const client = server.client();
    const token = tokenOf("alice");
    await Promise.all(["/", "/rotor"].map((namespace) => refused(client.join(namespace, { token }))));
    expect(server.verified).toEqual([token]);
  });

  test("is made again after an outage, on the same link", async () => {
    const server = await startServer({
      before: (io) => io.of("/chat"),
      verify: async (token) => {
        if (server.verified.length === 2) throw Object.assign(new Error("down"), { code: "ECONNREFUSED" });
        return { subject: userOf(token) };
      },
    });
    const client = server.client();
    await signIn(client, tokenOf("alice"));
    const token = tokenOf("alice");
    const chat = client.join("/chat", { token });
    expect(await refused(chat)).toMatchObject({ error: "temporarily_unavailable" });
    await connected(chat.connect());
    expect(server.verified.slice(1)).toEqual([token, token]);
  });

  test("is not made again on the same link for a token that was refused", async () => {
    const server = await startServer({
      before: (io) => io.of("/chat"),
      verify: async (token) => {
        if (server.verified.length > 1) throw new Error("no");
        return { subject: userOf(token) };
      },
    });
    const client = server.client();
    await signIn(client, tokenOf("alice"));
    const chat = client.join("/chat", { token: tokenOf("alice") });
    await refused(chat);
    expect(await refused(chat.connect())).toMatchObject({ error: "invalid_token" });
    expect(server.verified).toHaveLength(2);
  });
});

describe("a link carries one identity", () => {
  test("so that another user's token is refused on it, whichever namespace it is for", async () => {
    const server = await startServer({ before: (io) => io.of("/chat") });
    const client = server.client();
    await signIn(client, tokenOf("alice"));
    expect(await refused(client.join("/chat", { token: tokenOf("bob") }))).toMatchObject({
      error: "identity_mismatch",
    });
    expect(serverSockets(server.io).map(({ data }) => data.identity)).toEqual(["alice"]);
  });

  test("the one that came first, however long verifying it takes", async () => {
    const alice = deferred<{ subject: string }>();
    const server = await startServer({
      before: (io) => io.of("/chat"),
      verify: async (token) => (userOf(token) === "alice" ? alice.promise : { subject: "bob" }),
    });
    const client = server.client();
    const first = connected(client.join("/", { token: tokenOf("alice") }));
    const second = refused(client.join("/chat", { token: tokenOf("bob") }));
    await expect.poll(() => server.verified.length).toBe(1);
    alice.resolve({ subject: "alice" });
    await first;
    expect(await second).toMatchObject({ error: "identity_mismatch" });
  });

  test("and one credential: a CONNECT with another token of the same user changes nothing", async () => {
    const server = await startServer({
      before: (io) => io.of("/chat"),
      verify: async (token) => ({ subject: userOf(token), data: { order: server.verified.length } }),
    });
    const client = server.client();
    await signIn(client, tokenOf("alice"));
    await connected(client.join("/chat", { token: tokenOf("alice") }));
    expect(serverSockets(server.io).map(({ data }) => data.order)).toEqual([1, 1]);
  });

  test("presenting token after token by CONNECT meets the limit", async () => {
    const server = await startServer({ maxReauthenticationsPerMinute: 2, before: (io) => io.of(/^\/n\d+$/) });
    const client = server.client();
    await signIn(client, tokenOf("alice"));
    await connected(client.join("/n1", { token: tokenOf("alice") }));
    await connected(client.join("/n2", { token: tokenOf("alice") }));
    expect(await refused(client.join("/n3", { token: tokenOf("alice") }))).toEqual({
      error: "temporarily_unavailable",
      error_description: expect.any(String),
      retryAfter: expect.any(Number),
    });
    expect(server.verified).toHaveLength(3);
  });
});

describe("verifying that does not end", () => {
  test("is given up after verifyTimeout", async () => {
    const server = await startServer({ verifyTimeout: 20, verify: () => new Promise(() => {}) });
    expect(await refused(server.client().join("/", { token: tokenOf("alice") }))).toMatchObject({
      error: "temporarily_unavailable",
    });
  });

  test("and a late answer or a late error of it changes nothing", async () => {
    const late = deferred<{ subject: string }>();
    const lateError = deferred<{ subject: string }>();
    const server = await startServer({
      verifyTimeout: 20,
      verify: () => (server.verified.length === 1 ? late.promise : lateError.promise),
    });
    const uncaught = await collectUncaught(async () => {
      await refused(server.client().join("/", { token: tokenOf("alice") }));
      await refused(server.client().join("/", { token: tokenOf("alice") }));
      late.resolve({ subject: "alice" });
      lateError.reject(new Error("late"));
    });
    expect(uncaught).toEqual([]);
    expect(serverSockets(server.io)).toEqual([]);
  });

  test.each([["websocket"], ["polling"]] as const)(
    "leaves nothing behind when the client leaves in the middle of it, over %s",
    async (transport) => {
      const answer = deferred<{ subject: string }>();
      const server = await startServer({ verify: () => answer.promise });
      const uncaught = await collectUncaught(async () => {
        const client = server.client({ transports: [transport] });
        client.join("/", { token: tokenOf("alice") });
        client.join("/rotor", { token: tokenOf("alice") });
        await expect.poll(() => server.verified.length).toBe(1);
        expect(server.links.size).toBe(1);
        client.manager._close();
        await expect.poll(() => server.links.size).toBe(0);
        await expect.poll(() => preConnect(server.io)).toBe(0);
        answer.resolve({ subject: "alice" });
      });
      expect(uncaught).toEqual([]);
      expect(serverSockets(server.io)).toEqual([]);
      expect(server.links.size).toBe(0);
    },
  );
});
