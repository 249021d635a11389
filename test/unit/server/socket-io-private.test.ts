import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createAdapter } from "@socket.io/redis-adapter";
import { Server as NewestServer } from "socket.io";
import { Manager } from "socket.io-client";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  channelOf,
  connectionsOf,
  connectTimeoutOf,
  createCleanUpHook,
  engineMiddlewares,
  engineServerOf,
  everyNamespace,
  forgetRecovery,
  hasCors,
  hasNamespaces,
  hasPatterns,
  httpServerOf,
  isAwaited,
  makeApart,
  middlewaresOf,
  namespacesOf,
  optionOf,
  putNamespace,
  queryOf,
  removeNobody,
  replaceServerSideEmit,
  requestPathOf,
  useFirst,
  wrapAdd,
  wrapRemove,
  writeRefusal,
  writeTo,
} from "../../../src/server/socket-io-private.js";
import { filesIn, read } from "../../docs/documents.js";
import { listen } from "../../support/listen.js";
import { connected, deferred, next, refused } from "../../support/real-server.js";

const require = createRequire(new URL("../../ecosystem/oldest-peers/package.json", import.meta.url));
const oldest: typeof import("socket.io") = require("socket.io");
const last47: typeof import("socket.io") = require("socket.io-4.7.5");

/** A server with a pattern of namespaces, whose children have one middleware. */
async function start(Server: typeof NewestServer) {
  const http = createServer();
  const io = new Server(http, {
    serveClient: false,
    cors: { origin: "https://app.example.com" },
    path: "/live",
    connectTimeout: 12_345,
    cleanupEmptyChildNamespaces: true,
    connectionStateRecovery: {},
  });
  io.of(/^\/room-/).use((_, go) => go());
  const url = await listen(http);
  onTestFinished(() => void io.close());
  const manager = new Manager(url, { path: "/live", reconnection: false, transports: ["websocket"] });
  onTestFinished(() => manager._close());
  return { http, io, join: (name: string) => manager.socket(name) };
}

describe.each([
  ["4.7.0, the oldest", oldest.Server, false],
  ["4.7.5", last47.Server, false],
  ["of today, the newest", NewestServer, true],
] as const)("what is private of socket.io %s is as the server half takes it", (_, Server, isNewest) => {
  test("of the server", async () => {
    const { http, io } = await start(Server);
    expect([hasNamespaces(io), hasNamespaces({}), hasNamespaces(undefined)]).toEqual([true, false, false]);
    expect(namespacesOf(io).get("/")).toBe(io.of("/"));
    const visited: string[] = [];
    everyNamespace(io, ({ name }) => visited.push(name));
    const later = io.of("/later");
    expect(visited).toEqual(["/", "/later"]);
    io._nsps.delete("/later");
    putNamespace(io, later);
    expect(io.of("/later")).toBe(later);
    expect(hasPatterns(io)).toBe(true);
    expect(middlewaresOf(io.of("/room-1"))).toHaveLength(1);
    expect(middlewaresOf(makeApart(io, "/room-2"))).toEqual([]);
    expect(middlewaresOf(io.of("/room-3"))).toHaveLength(1);
    expect(optionOf(io, "cleanupEmptyChildNamespaces")).toBe(true);
    expect([connectTimeoutOf(io), requestPathOf(io)]).toEqual([12_345, "/live/"]);
    expect(httpServerOf(io)).toBe(http);
  });

  test("of the Engine.IO server, its connections and its requests", async () => {
    const { io, join } = await start(Server);
    const requests: unknown[] = [];
    expect(hasCors(io.engine)).toBe(true);
    // Right after the one for CORS.
    engineMiddlewares(io.engine)?.splice(1, 0, (request: unknown, __: unknown, go: () => void) => {
      requests.push(queryOf(request));
      go();
    });
    await connected(join("/"));
    expect(requests).toEqual([expect.objectContaining({ EIO: "4" })]);
    const [conn, ...others] = connectionsOf(io);
    expect(others).toEqual([]);
    expect(conn && engineServerOf(conn)).toBe(io.engine);
  });

  test("of a namespace, on the way in", async () => {
    const { io, join } = await start(Server);
    const order: string[] = [];
    const gate = deferred<void>();
    io.use(async (__, go) => {
      order.push("the application's");
      await gate.promise;
      go();
    });
    useFirst(io.of("/"), (__, go) => {
      order.push("ours");
      go();
    });
    wrapAdd(io.of("/"), (add) => async (...args) => {
      order.push("a CONNECT");
      await add(...args);
    });
    const joined = connected(join("/"));
    await expect.poll(() => order).toEqual(["a CONNECT", "ours", "the application's"]);
    expect(isAwaited(io.of("/"))).toBe(isNewest);
    gate.resolve();
    await joined;
    expect(isAwaited(io.of("/"))).toBe(false);
  });

  test("of a namespace that is cleaned up", async () => {
    const { io, join } = await start(Server);
    const [room, free] = [io.of("/room-1"), io.of("/room-2")];
    const order: string[] = [];
    expect(
      wrapRemove(room, (forget, cleanUp) => (socket) => {
        forget(socket);
        order.push(`forgotten: ${room.sockets.size}`);
        cleanUp(socket);
        order.push(`cleaned up: ${!io._nsps.has("/room-1")}`);
      }),
    ).toBe(true);
    expect(wrapRemove(io.of("/"), (forget) => forget)).toBe(false);
    const client = await connected(join("/room-1"));
    client.disconnect();
    await expect.poll(() => order).toEqual(["forgotten: 0", "cleaned up: true"]);
    removeNobody(io.of("/"));
    removeNobody(free);
    expect([io._nsps.has("/"), io._nsps.has("/room-2")]).toEqual([true, false]);
  });

  test("of a socket, and of what makes one", async () => {
    const { io, join } = await start(Server);
    const order: string[] = [];
    const follow = createCleanUpHook(({ connected: isConnected }) => order.push(`left: ${isConnected}`));
    io.use((socket, go) => {
      follow(socket);
      go();
    });
    io.on("connection", (socket) => {
      expect(Reflect.get(socket, "pid")).toBeTypeOf("string");
      forgetRecovery(socket);
      expect(Reflect.get(socket, "pid")).toBe(undefined);
      writeTo(socket, "hello", { by: "packet" });
      socket.on("disconnect", () => order.push("disconnect"));
    });
    const chat = io.of("/chat");
    wrapAdd(chat, () => async (client) => writeRefusal(client, chat, { message: "No.", data: { code: 1 } }));
    const client = join("/");
    const hello = next(client, "hello");
    expect(await hello).toEqual({ by: "packet" });
    expect(await refused(join("/chat"))).toEqual({ code: 1 });
    client.disconnect();
    await expect.poll(() => order).toEqual(["left: true", "disconnect"]);
    expect(io.of("/").sockets.size).toBe(0);
  });

  test("of what goes between nodes", async () => {
    const { io } = await start(Server);
    const heard: unknown[] = [];
    replaceServerSideEmit(io.of("/"), (packet) => heard.push(packet));
    io.of("/")._onServerSideEmit(["connect"]);
    expect(heard).toEqual([["connect"]]);
    const done = async (): Promise<void> => {};
    const client = {
      pSubscribe: done,
      pUnsubscribe: done,
      subscribe: done,
      unsubscribe: done,
      on() {},
      off() {},
    };
    io.adapter(createAdapter(client, client, { key: "programs" }));
    expect(channelOf(io.of("/"))).toEqual([client, "programs#/#"]);
  });
});

test("nothing else of the server half names what is private of Socket.IO", () => {
  const source = read("src/server/socket-io-private.ts");
  const docs = source.match(/\/\*\*[\s\S]*?\*\//g) ?? [];
  const members = new Set(
    docs.flatMap((doc) => /^\/\*\*\s+(?:\* )?`(\w+)`(?: and `(\w+)`)?/.exec(doc)?.slice(1) ?? []),
  );
  members.delete("");
  expect(members.size).toBeGreaterThanOrEqual(20);
  const isPrivate = (name: string): boolean => name.startsWith("_") || members.has(name);
  const others = filesIn("src/server", ".ts").filter((file) => !/socket-io-(private|types)/.test(file));
  const named = others.flatMap((file) => {
    const code = read(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    const names = [
      ...code.matchAll(
        /Reflect\.\w+\([^,()]+, "(\w+)"|property\([^"]*, "(\w+)"|\.(_[a-z]\w+)|"(_[a-z]\w+)"/g,
      ),
    ];
    return names
      .flatMap((match) => match.slice(1).filter((name) => name && isPrivate(name)))
      .map((name) => `${file}: ${name}`);
  });
  expect(named).toEqual([]);
});
