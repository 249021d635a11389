import { createServer } from "node:http";
import { createRequire } from "node:module";
import { Server as CurrentServer, type ServerOptions } from "socket.io";
import { Manager as CurrentManager, type ManagerOptions } from "socket.io-client";
import { createConnection, memoryStorage } from "socket-rotor";
import { allowOrigins, authenticateToken, limitHandshakes, revoke } from "socket-rotor/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { listen } from "../../support/listen.js";
import { connected, listenForEnd, refused, signIn, tokenOf, userOf } from "../../support/real-server.js";
import { createWebTransport } from "./webtransport-session.js";

const require = createRequire(new URL("../../ecosystem/oldest-peers/package.json", import.meta.url));
const oldest: typeof import("socket.io") = require("socket.io");
const last47: typeof import("socket.io") = require("socket.io-4.7.5");
const oldestClient: typeof import("socket.io-client") = require("socket.io-client");

async function start(
  Server: typeof CurrentServer,
  {
    Manager = CurrentManager,
    before,
    ...options
  }: Partial<ServerOptions> & {
    Manager?: typeof CurrentManager;
    before?: (io: CurrentServer) => void;
  } = {},
) {
  const http = createServer();
  const io = new Server(http, { serveClient: false, ...options });
  before?.(io);
  const verified: string[] = [];
  const lines: string[] = [];
  const add = (line: string): void => void lines.push(line);
  let lifetime = Number.POSITIVE_INFINITY;
  authenticateToken(io, {
    logger: { debug: add, info: add, warn: add },
    verify: async (token) => {
      verified.push(token);
      return { subject: userOf(token), expiresAt: Date.now() + lifetime };
    },
  });
  const url = await listen(http);
  onTestFinished(() => void io.close());
  return {
    io,
    url,
    verified,
    lines,
    expireIn(milliseconds: number) {
      lifetime = milliseconds;
    },
    client(more: Partial<ManagerOptions> = {}) {
      const manager = new Manager(url, {
        reconnection: false,
        autoConnect: false,
        transports: ["websocket"],
        ...more,
      });
      onTestFinished(() => manager._close());
      return {
        manager,
        join: (namespace: string, auth: Record<string, unknown>) =>
          manager.socket(namespace, { auth }).connect(),
      };
    },
  };
}

describe.each([
  ["4.7.0", oldest.Server, oldestClient.Manager],
  ["4.7.0 and the newest client", oldest.Server, CurrentManager],
  ["4.7.5", last47.Server, CurrentManager],
] as const)("on socket.io %s", (_, Server, Manager) => {
  test("F53 nobody gets in without a token, also when the application has taken all listeners off", async () => {
    const server = await start(Server, {
      Manager,
      cleanupEmptyChildNamespaces: true,
      before: (io) => io.of(/^\/room-/),
    });
    const { control } = await signIn(server.client(), tokenOf("alice"), ["/", "/room-1"]);
    const namespaces = [...server.io._nsps.values()];
    const sockets = namespaces.flatMap((namespace) => [...namespace.sockets.values()]);
    for (const emitter of [server.io, ...namespaces, ...sockets]) emitter.removeAllListeners();
    server.io.of("/later");
    for (const name of ["/", "/room-1", "/room-2", "/later"]) {
      expect(await refused(server.client().join(name, {}))).toMatchObject({ error: "invalid_token" });
      await connected(server.client().join(name, { token: tokenOf("bob") }));
    }
    const answer = await control.emitWithAck("reauthenticate", { auth: { token: tokenOf("alice") } });
    expect(answer).toMatchObject({ ok: true });
    expect(await control.emitWithAck("sync")).toBeUndefined();
  });

  test.each(["a revocation", "the end of a token"])(
    "%s says goodbye, and ends the connection",
    async (what) => {
      const server = await start(Server, { Manager });
      if (what !== "a revocation") server.expireIn(1_000);
      const client = server.client();
      const { control, sockets } = await signIn(client, tokenOf("alice"));
      const end = listenForEnd(client, control, sockets);
      if (what === "a revocation") await revoke(server.io, { subject: "alice" });
      expect((await end)[0]).toMatchObject({ error: "invalid_token" });
    },
  );

  test("a connection takes another token in place", async () => {
    const server = await start(Server, {
      before: (io) => io.on("connection", (socket) => socket.on("hello", (answer) => answer())),
    });
    const storage = memoryStorage(tokenOf("alice"));
    const connection = createConnection({ url: server.url, storage, identify: userOf, logger: {} });
    onTestFinished(() => connection.dispose());
    await expect.poll(() => server.io.of("/rotor").sockets.size).toBe(1);
    await connection.socket.emitWithAck("hello");
    const [before] = [...server.io.sockets.sockets.keys()];
    await connection.login(tokenOf("alice"));
    await expect.poll(() => server.verified.length).toBe(2);
    expect([...server.io.sockets.sockets.keys()]).toEqual([before]);
  });
});

describe.each([
  ["4.7.0", oldest.Server, false],
  ["4.7.5", last47.Server, true],
  ["of today", CurrentServer, true],
] as const)("F57 a WebTransport session on socket.io %s", (version, Server, isFramed) => {
  async function begin(
    io: CurrentServer,
    connect: (namespace: string) => string,
  ): Promise<{ answers: readonly string[]; isClosed: boolean }> {
    const client = createWebTransport(isFramed);
    const { engine } = io;
    const done: Promise<void> = Reflect.apply(Reflect.get(engine, "onWebTransportSession"), engine, [
      client.session,
    ]);
    if (!client.isClosed) await client.send("0");
    await done;
    for (const name of ["/", "/chat", "/room-1"]) {
      if (!client.isClosed) await client.send(connect(name));
    }
    const answers = (): string[] => client.packets.filter((packet) => packet.startsWith("4"));
    const isOver = (): boolean => client.isClosed || answers().length === 3;
    await expect.poll(isOver, { timeout: 5_000 }).toBe(true);
    return { answers: answers(), isClosed: client.isClosed };
  }

  const settings = { transports: ["polling", "websocket", "webtransport"] as const };
  const named = (name: string): string => (name === "/" ? "" : `${name},`);
  const connect = (name: string): string => `40${named(name)}${JSON.stringify({ token: "alice.1" })}`;
  const recover = (name: string): string =>
    `40${named(name)}${JSON.stringify({ token: "alice.1", pid: "pid", offset: "offset" })}`;

  const limiter = { consume: async () => {} };
  const GUARDS: readonly (readonly [name: string, guard: (io: CurrentServer) => void])[] = [
    ["allowOrigins", (io) => allowOrigins(io, () => true, { allowMissing: true, logger: {} })],
    ["limitHandshakes", (io) => limitHandshakes(io, limiter, { logger: {} })],
  ];

  const CASES = GUARDS.flatMap(([name, guard]) =>
    (["before", "after"] as const).flatMap((time) => [
      [name, time, "a CONNECT", guard, connect] as const,
      [name, time, "a recovery", guard, recover] as const,
    ]),
  );

  test.each(CASES)(
    "is let in nowhere beside %s, called %s authenticateToken, by %s",
    async (_name, time, _kind, guard, connectPacket) => {
      const server = await start(Server, {
        transports: [...settings.transports],
        connectionStateRecovery: {},
        cleanupEmptyChildNamespaces: true,
        before(io) {
          io.of("/chat");
          io.of(/^\/room-/);
          if (time === "before") guard(io);
        },
      });
      if (time === "after") guard(server.io);
      const { answers, isClosed } = await begin(server.io, connectPacket);
      expect(isClosed).toBe(version === "of today");
      expect(answers.filter((packet) => !packet.startsWith("44"))).toEqual([]);
      for (const answer of answers) expect(answer).toContain("temporarily_unavailable");
      expect(server.verified).toEqual([]);
      expect(server.io._nsps.has("/room-1")).toBe(false);
      // Those that come the usual way are let in.
      await connected(server.client().join("/room-1", { token: tokenOf("alice") }));
    },
  );

  // Socket.IO 4.7.0 itself throws there.
  if (version === "4.7.0") return;
  test("is let in with a token where neither is called", async () => {
    const server = await start(Server, {
      transports: [...settings.transports],
      before(io) {
        io.of("/chat");
        io.of(/^\/room-/);
      },
    });
    const { answers } = await begin(server.io, connect);
    expect(answers.every((packet) => /^40(\/[\w-]+,)?\{"sid"/.test(packet))).toBe(true);
    expect(server.verified).toEqual(["alice.1"]);
  });
});

test("F57 a connection that was begun before allowOrigins was called is let in nowhere after it", async () => {
  const server = await start(CurrentServer, { before: (io) => io.of("/chat") });
  const client = server.client();
  await signIn(client, tokenOf("alice"));
  allowOrigins(server.io, () => true, { allowMissing: true, logger: {} });
  expect(await refused(client.join("/chat", { token: tokenOf("alice") }))).toMatchObject({
    error: "temporarily_unavailable",
  });
  await connected(server.client().join("/chat", { token: tokenOf("alice") }));
});
