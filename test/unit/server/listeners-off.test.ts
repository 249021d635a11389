import type { EventEmitter } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import { Server } from "socket.io";
import { Manager } from "socket.io-client";
import { allowOrigins, revoke } from "socket-rotor/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { addressOf, listen } from "../../support/listen.js";
import {
  connected,
  listenForEnd,
  next,
  type RealServer,
  refused,
  serverSockets,
  signIn,
  startServer,
  tokenOf,
  userOf,
} from "../../support/real-server.js";
import { createBus } from "./cluster.js";
import { serverSide, startSessions } from "./sessions/fixture.js";

/** Every way of an application to take listeners off an emitter. */
const WAYS: readonly (readonly [name: string, takeOff: (emitter: EventEmitter) => void])[] = [
  ["removeAllListeners()", (emitter) => emitter.removeAllListeners()],
  [
    "removeAllListeners(event)",
    (emitter) => {
      for (const event of emitter.eventNames()) emitter.removeAllListeners(event);
    },
  ],
  ["off(event, listener)", (emitter) => takeOffEach(emitter, "off")],
  ["removeListener(event, listener)", (emitter) => takeOffEach(emitter, "removeListener")],
];

function takeOffEach(emitter: EventEmitter, method: "off" | "removeListener"): void {
  for (const event of emitter.eventNames()) {
    for (const listener of emitter.rawListeners(event)) {
      emitter[method](event, listener as (...args: unknown[]) => void);
    }
  }
}

/** What an application can reach, without the connection: Socket.IO itself hears by listeners of that. */
function emittersOf(io: Server): EventEmitter[] {
  const namespaces = [...io._nsps.values()];
  const parents: Map<unknown, EventEmitter> = Reflect.get(io, "parentNsps");
  const sockets = namespaces.flatMap((namespace) => [...namespace.sockets.values()]);
  return [io, ...parents.values(), ...namespaces, ...sockets, ...namespaces.map((one) => one.adapter)];
}

async function listening(): Promise<HttpServer> {
  const http = createServer();
  await listen(http);
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  return http;
}

const auth = (token: string) => ({ auth: { token } });

describe.each(WAYS)("F53 after %s on everything", (_, takeOff) => {
  const takeAllOff = ({ io }: Pick<RealServer, "io">): void => {
    for (const emitter of emittersOf(io)) takeOff(emitter);
  };

  test("nobody gets in without a token, in existing and in later namespaces", async () => {
    const server = await startServer({
      before(io) {
        io.of("/chat");
        io.of(/^\/room-/);
        io.of((name, __, answer) => answer(null, name.startsWith("/any-")));
      },
    });
    await signIn(server.client(), tokenOf("alice"), ["/", "/chat", "/room-1", "/any-1"]);
    takeAllOff(server);
    server.io.of("/later");
    server.io.of(/^\/hall-/);
    for (const name of ["/", "/chat", "/room-1", "/room-2", "/any-1", "/any-2", "/later", "/hall-1"]) {
      const stranger = server.client().join(name, {});
      expect([name, await refused(stranger).catch(() => "let in")]).toEqual([
        name,
        expect.objectContaining({ error: "invalid_token" }),
      ]);
      const { sockets } = await signIn(server.client(), tokenOf("bob"), [name]);
      expect(sockets[0]?.connected).toBe(true);
    }
    expect(await refused(server.client().join("/rotor", {}))).toMatchObject({ error: "invalid_token" });
  });

  test("the end of a token is told, before and after, and ends the whole connection", async () => {
    const server = await startServer({
      before: (io) => io.of("/chat"),
      verify: async (token) => ({ subject: userOf(token), expiresAt: Date.now() + 1_000 }),
    });
    const ends = async (): Promise<unknown[]> => {
      const client = server.client();
      const { control, sockets } = await signIn(client, tokenOf("alice"), ["/", "/chat"]);
      takeAllOff(server);
      return listenForEnd(client, control, sockets);
    };
    for (const heard of [await ends(), await ends()]) {
      expect(heard[0]).toMatchObject({ error: "invalid_token", error_description: "The token has expired." });
      expect(heard.slice(1)).toEqual(Array.from({ length: 3 }, () => "io server disconnect"));
    }
    await expect.poll(() => server.links.size).toBe(0);
  });

  test("another token is taken in place by every socket, and the barrier answers", async () => {
    const server = await startServer({
      before: (io) => io.of("/chat"),
      verify: async (token) => ({ subject: userOf(token), data: { token: token.length } }),
    });
    const { control } = await signIn(server.client(), "alice.1", ["/", "/chat"]);
    takeAllOff(server);
    expect(await control.emitWithAck("reauthenticate", auth("alice.1234"))).toEqual({ ok: true });
    expect(await control.emitWithAck("sync")).toBeUndefined();
    expect(serverSockets(server.io).map(({ data }) => data.token)).toEqual([10, 10]);
    const { control: later } = await signIn(server.client(), "alice.12", ["/", "/chat"]);
    expect(await later.emitWithAck("reauthenticate", auth("alice.12345"))).toEqual({ ok: true });
    const told = serverSockets(server.io).map(({ data }) => data.token);
    expect(told.sort()).toEqual([10, 10, 11, 11]);
  });

  test("a revocation on another node ends the connection, and is remembered", async () => {
    const bus = createBus();
    const [here, there] = [
      await startServer({ server: { adapter: bus.adapter } }),
      await startServer({ server: { adapter: bus.adapter } }),
    ];
    const client = here.client();
    const token = tokenOf("alice");
    const { control, sockets } = await signIn(client, token);
    takeAllOff(here);
    const end = listenForEnd(client, control, sockets);
    await revoke(there.io, { subject: "alice" });
    expect((await end)[0]).toMatchObject({ error: "invalid_token" });
    expect(await refused(here.client().join("/", { token }))).toMatchObject({ error: "invalid_token" });
  });

  test("a session that is destroyed ends its connections, on other nodes too", async () => {
    const bus = createBus();
    const one = await startSessions({ server: { adapter: bus.adapter } });
    const two = await startSessions({ server: { adapter: bus.adapter }, store: one.store });
    const browser = one.browser();
    await browser.post("/login?user=alice");
    const here = await browser.connect();
    const other = two.browser();
    other.cookie = browser.cookie;
    const there = await other.connect();
    for (const { io } of [one, two]) takeAllOff({ io });
    takeOff(Reflect.get(one.io, "httpServer"));
    const ends = [here, there].map(({ client, control, sockets }) => listenForEnd(client, control, sockets));
    await one.handle.end(browser.id);
    for (const heard of await Promise.all(ends)) expect(heard[0]).toMatchObject({ error: "session_ended" });
  });

  test("an HTTP server that was attached too early lets nobody in", async () => {
    const [early, last] = [await listening(), await listening()];
    const io = new Server(early);
    io.attach(last);
    onTestFinished(() => io.close());
    allowOrigins(io, () => true, { allowMissing: true, logger: {} });
    takeAllOff({ io });
    io.of("/later");
    for (const [server, expected] of [
      [early, "temporarily_unavailable"],
      [last, "let in"],
    ] as const) {
      const manager = new Manager(addressOf(server), { reconnection: false, transports: ["websocket"] });
      onTestFinished(() => manager._close());
      for (const name of ["/", "/later"]) {
        const outcome = await connected(manager.socket(name)).then(
          () => "let in",
          (error) => error.data.error,
        );
        expect(outcome).toBe(expected);
      }
    }
  });
});

describe.each(WAYS)("F53 after %s on the connection itself", (_, takeOff) => {
  test("it still ends with its token, and is forgotten", async () => {
    const server = await startServer({
      verify: async (token) => ({ subject: userOf(token), expiresAt: Date.now() + 1_000 }),
    });
    const client = server.client();
    const { control, sockets } = await signIn(client, tokenOf("alice"));
    const end = listenForEnd(client, control, sockets);
    for (const link of server.links) takeOff(link.conn as unknown as EventEmitter);
    expect((await end)[0]).toMatchObject({ error_description: "The token has expired." });
    await expect.poll(() => server.links.size).toBe(0);
  });

  test("a client that leaves by itself is forgotten", async () => {
    const server = await startServer();
    const client = server.client();
    await signIn(client, tokenOf("alice"));
    for (const link of server.links) takeOff(link.conn as unknown as EventEmitter);
    client.manager._close();
    await expect.poll(() => server.links.size).toBe(0);
  });

  test("what a client sends keeps its session from expiring", async () => {
    const server = await startSessions({ share: { touchInterval: 1 } });
    const browser = server.browser();
    await browser.post("/login?user=alice");
    const { socket } = await browser.connect();
    const { conn } = serverSide(server.io, socket);
    takeOff(conn);
    const { touches } = server.store;
    socket.emit("hello");
    await expect.poll(() => server.store.touches).toBeGreaterThan(touches);
  });
});

test("F53 a socket that leaves a namespace is not kept, whatever listeners were taken off it", async () => {
  const server = await startServer({
    before: (io) => io.on("connection", (socket) => socket.removeAllListeners()),
  });
  const client = server.client();
  const { control } = await signIn(client, tokenOf("alice"), []);
  for (let round = 0; round < 5; round += 1) {
    const socket = await connected(client.join("/", { token: tokenOf("alice") }));
    socket.disconnect();
    await control.emitWithAck("sync");
  }
  const [link] = server.links;
  expect([...(link?.sockets ?? [])].map(({ nsp }) => nsp.name)).toEqual(["/rotor"]);
});

test("F53 what a client says in the control namespace is heard by no listener of the application's", async () => {
  const server = await startServer();
  const heard: unknown[] = [];
  server.io.of("/rotor").on("connection", (socket) => {
    for (const event of ["reauthenticate", "sync", "hello"]) socket.on(event, () => heard.push(event));
  });
  const { control } = await signIn(server.client(), tokenOf("alice"));
  control.emit("hello");
  await control.emitWithAck("reauthenticate", auth(tokenOf("alice")));
  await control.emitWithAck("sync");
  control.emit("sync");
  const end = next(control, "disconnect");
  server.io.disconnectSockets(true);
  await end;
  expect(heard).toEqual([]);
});
