import { describe, expect, test } from "vitest";
import {
  type Client,
  connected,
  deferred,
  next,
  preConnect,
  refused,
  serverSockets,
  startServer,
  tokenOf,
  userOf,
} from "../../support/real-server.js";

/** Writes CONNECT packets as they come, which no well-behaved client would. */
async function connectOften(client: Client, count: number, tokens: string[], namespace = ""): Promise<void> {
  const { manager } = client;
  if (manager._readyState !== "open") {
    await new Promise<void>((resolve, reject) =>
      manager.open((error) => (error ? reject(error) : resolve())),
    );
  }
  for (let number = 0; number < count; number += 1) {
    const token = tokens[number % tokens.length];
    manager.engine.write(`0${namespace}${JSON.stringify({ token })}`);
  }
}

describe("of 100 CONNECTs on one connection while the first is being verified", () => {
  test.each([["websocket"], ["polling"]] as const)(
    "over %s one makes a socket, and one token is verified",
    async (transport) => {
      const gate = deferred<void>();
      let made = 0;
      let running = 0;
      let most = 0;
      const server = await startServer({
        before: (io) => {
          io.use((_, go) => {
            made += 1;
            go();
          });
        },
        verify: async (token) => {
          running += 1;
          most = Math.max(most, running);
          await gate.promise;
          running -= 1;
          return { subject: userOf(token) };
        },
      });
      const client = server.client({ transports: [transport] });
      const answers: unknown[] = [];
      client.manager.on("packet", ({ type }) => answers.push(type));
      await connectOften(client, 100, [tokenOf("alice"), tokenOf("alice"), tokenOf("bob")]);
      await expect.poll(() => ignored(server.lines)).toBe(99);
      expect(preConnect(server.io)).toBe(1);
      gate.resolve();
      await expect.poll(() => answers).toEqual([0]);
      expect(serverSockets(server.io)).toHaveLength(1);
      expect([server.verified.length, most, made]).toEqual([1, 1, 1]);
    },
  );

  test("also while it is the application that decides", async () => {
    const gate = deferred<void>();
    const server = await startServer({
      before: (io) => io.use((_, go) => void gate.promise.then(() => go())),
    });
    const client = server.client();
    await connectOften(client, 100, [tokenOf("alice")]);
    await expect.poll(() => ignored(server.lines)).toBe(99);
    gate.resolve();
    await expect.poll(() => serverSockets(server.io).length).toBe(1);
  });

  test("also in a namespace of a pattern where somebody else is refused meanwhile", async () => {
    const gate = deferred<void>();
    const server = await startServer({
      server: { cleanupEmptyChildNamespaces: true },
      before: (io) => io.of(/^\/room-/),
      verify: async (token) => {
        if (userOf(token) === "nobody") throw new Error("no");
        await gate.promise;
        return { subject: userOf(token) };
      },
    });
    const client = server.client();
    await connectOften(client, 1, [tokenOf("alice")], "/room-1,");
    await expect.poll(() => server.verified.length).toBe(1);
    // No socket is connected there, but one is on the way.
    await refused(server.client().join("/room-1", { token: tokenOf("nobody") }));
    expect(server.io._nsps.has("/room-1")).toBe(true);
    await connectOften(client, 1, [tokenOf("alice")], "/room-1,");
    await expect.poll(() => ignored(server.lines)).toBe(1);
    gate.resolve();
    await expect.poll(() => serverSockets(server.io).length).toBe(1);
  });

  test("also in a namespace of a pattern that the application takes away, and that is made anew", async () => {
    const gate = deferred<void>();
    const server = await startServer({
      server: { cleanupEmptyChildNamespaces: true },
      before: (io) => io.of(/^\/room-/),
      verify: async (token) => {
        await gate.promise;
        return { subject: userOf(token) };
      },
    });
    const client = server.client();
    await connectOften(client, 1, [tokenOf("alice")], "/room-1,");
    await expect.poll(() => server.verified.length).toBe(1);
    server.io._nsps.delete("/room-1");
    await connectOften(client, 1, [tokenOf("alice")], "/room-1,");
    await expect.poll(() => ignored(server.lines)).toBe(1);
    expect(server.io._nsps.has("/room-1")).toBe(false);
  });
});

test("a CONNECT to a namespace that is joined closes the connection", async () => {
  const server = await startServer();
  const client = server.client();
  const token = tokenOf("alice");
  const socket = await connected(client.join("/", { token }));
  client.manager.engine.write(`0${JSON.stringify({ token })}`);
  expect(await next(socket, "disconnect")).toMatch(/^(transport close|io server disconnect)$/);
  expect(serverSockets(server.io)).toEqual([]);
});

test("a namespace can be joined again after it was left, and after a refusal", async () => {
  const server = await startServer({
    before: (io) =>
      io.of("/moody").use((_, go) => {
        moods += 1;
        go(moods === 1 ? new Error("not now") : undefined);
      }),
  });
  let moods = 0;
  const client = server.client();
  const token = tokenOf("alice");
  // Without another namespace the client would close the connection after the refusal.
  await connected(client.join("/", { token }));
  const moody = client.join("/moody", { token });
  await refused(moody);
  await connected(moody.connect());
  moody.disconnect();
  await expect.poll(() => serverSockets(server.io).length).toBe(1);
  await connected(moody.connect());
  expect(server.verified).toEqual([token]);
});

function ignored(lines: readonly string[]): number {
  return lines.filter((line) => line.includes("was ignored")).length;
}
