import { createServer } from "node:http";
import { Server, type Socket as ServerSocket } from "socket.io";
import { Socket } from "socket.io-client";
import { type ConnectionOptions, createConnection, memoryStorage, type StorageAdapter } from "socket-rotor";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { listen } from "../support/listen.js";
import { connectTo, until } from "./fixture/client";
import { Refusal } from "./fixture/rules";
import { startServer, type TestServer } from "./fixture/server";

const MEGABYTE = "lorem ipsum ".repeat(83_334);

/** A server that recovers states, a connection to it, and what it has heard. */
async function recovering() {
  const server = await startServer({
    options: { connectionStateRecovery: {}, maxHttpBufferSize: 100_000 },
    namespaces: ["/", "/chat"],
  });
  const storage = memoryStorage(await server.tokens.issue("ada"));
  const connection = connectTo(server, { storage });
  const heard: unknown[] = [];
  connection.socket.on("news", (number: unknown) => heard.push(number));
  const hears = (number: unknown): Promise<void> =>
    vi.waitFor(() => expect(heard).toContain(number), { timeout: 10_000, interval: 5 });
  /** What each CONNECT has brought. */
  const offers: { pid: unknown; offset: unknown }[] = [];
  server.rules.connection = ({ nsp, handshake }) => {
    const { pid, offset } = handshake.auth;
    if (nsp.name === "/chat" || nsp.name === "/") offers.push({ pid, offset });
  };
  await connection.whenConnected();
  server.io.emit("news", 1);
  await hears(1);
  return { server, connection, storage, heard, hears, offers };
}

/** Drops the link, and resolves with whether the next one was recovered. */
function dropped({ server, connection }: Awaited<ReturnType<typeof recovering>>): Promise<boolean> {
  const again = new Promise<boolean>((resolve) =>
    connection.socket.once("connect", () => resolve(connection.socket.recovered)),
  );
  server.drop();
  return again;
}

describe("F63 an offset", () => {
  test.each([
    ["a megabyte", MEGABYTE],
    ["129 characters", "x".repeat(129)],
    ["two words", "hello there"],
    ["an empty text", ""],
    ["a text beyond ASCII", "grüße"],
    ["JSON", '{"a": 1}'],
  ])("is not what a volatile event ends in: %s", async (_, text) => {
    const at = await recovering();
    const relayed = new Promise((resolve) => at.connection.socket.once("relay", resolve));
    at.server.io.volatile.emit("relay", text);
    await relayed;
    expect(await dropped(at)).toBe(true);
    at.server.io.emit("news", 2);
    await at.hears(2);
    expect(at.heard).toEqual([1, 2]);
    expect(String(at.offers.at(-1)?.offset).length).toBeLessThan(129);
  });

  test("is not offered, whatever a volatile event ends in, when it is longer than an id", async () => {
    const at = await recovering();
    const relayed = new Promise((resolve) => at.connection.socket.once("relay", resolve));
    at.server.io.volatile.emit("relay", MEGABYTE);
    await relayed;
    at.server.drop();
    await at.server.log.count("connected", 2);
    await until(at.connection, ({ status }) => status === "connected");
    expect(at.offers).toHaveLength(2);
    expect(at.connection.socket.recovered).toBe(true);
  });

  test("is taken as the servers make them", async () => {
    const at = await recovering();
    // Of an adapter in memory, over Redis streams, over MongoDB; shorter than what the canary looks for.
    for (const offset of ["P1a2_-c.1", "170000000-0", "65f1a2b3c4d"]) {
      const relayed = new Promise((resolve) => at.connection.socket.once("relay", resolve));
      at.server.io.volatile.emit("relay", offset);
      await relayed;
      await dropped(at);
      expect(at.offers.at(-1)?.offset).toBe(offset);
    }
  });

  test("is not offered where a namespace is joined again on the same link", async () => {
    const at = await recovering();
    const chat = at.connection.of("/chat");
    await new Promise<void>((resolve) => chat.once("connect", resolve));
    const relayed = new Promise((resolve) => chat.once("relay", resolve));
    at.server.io.of("/chat").emit("relay", MEGABYTE);
    await relayed;
    chat.disconnect();
    const again = new Promise<void>((resolve) => chat.once("connect", resolve));
    chat.connect();
    await again;
    expect(at.offers.at(-1)).toEqual({ pid: undefined, offset: undefined });
    expect(at.connection.getSnapshot().attempt).toBe(0);
    expect(at.connection.socket.connected).toBe(true);
  });
});

describe("F63 an offer", () => {
  const pids = (server: TestServer): (string | undefined)[] =>
    server.log.all("handshake").map(({ pid }) => pid);

  /** One that is to be made to a server which has been away, and knows nothing of it. */
  async function lost() {
    const { server, connection } = await recovering();
    server.rules.request = () => 503;
    server.drop();
    await until(connection, ({ attempt }) => attempt >= 2);
    await server.stop();
    await server.start();
    await until(connection, ({ attempt }) => attempt >= 4);
    return { server, connection };
  }

  test("that has failed once is not made again", async () => {
    const { server, connection } = await lost();
    let refusals = 0;
    server.rules.handshake = () => {
      refusals += 1;
      if (refusals <= 2) throw new Refusal({ error: "temporarily_unavailable" });
    };
    server.rules.request = () => undefined;
    await until(connection, ({ status }) => status === "connected");
    expect(pids(server)).toEqual([undefined, expect.any(String), undefined, undefined]);
  });

  test("that reached no server is made by the next link", async () => {
    const { server, connection } = await lost();
    server.rules.request = () => undefined;
    await until(connection, ({ status }) => status === "connected");
    expect(pids(server)).toEqual([undefined, expect.any(String)]);
  });

  test("is not made with an id that is too long", async () => {
    const { server, connection, storage } = await recovering();
    server.io.use((socket, next) => {
      Reflect.set(socket, "pid", "0123456789".repeat(100_000));
      next();
    });
    storage.write(await server.tokens.issue("ada"));
    await server.log.count("handshake", 2);
    await until(connection, ({ status }) => status === "connected");
    server.drop();
    await server.log.count("handshake", 3);
    await until(connection, ({ status }) => status === "connected");
    expect(pids(server)).toEqual([undefined, undefined, undefined]);
  });
});

/** A server of its own, without any check. */
async function bareServer(follow: (io: Server) => void): Promise<string> {
  const http = createServer();
  const io = new Server(http);
  follow(io);
  const url = await listen(http);
  onTestFinished(async () => {
    http.closeAllConnections();
    await io.close();
  });
  return url;
}

function connectionTo(url: string, given: Partial<ConnectionOptions> = {}) {
  const connection = createConnection({
    url,
    storage: memoryStorage("token"),
    logger: {},
    reconnectionDelay: 1,
    reconnectionDelayMax: 20,
    socketOptions: { transports: ["websocket"] },
    ...given,
  });
  onTestFinished(() => connection.dispose());
  return connection;
}

/** Sends thirty megabytes, whether the socket is connected or not. */
function flood(socket: ServerSocket, event = "flood"): void {
  for (let times = 0; times < 30; times += 1) socket.emit(event, MEGABYTE);
}

/** An asynchronous storage that, from its signal on, answers when it is told to. */
function slowStorage(token: string) {
  let isSlow = false;
  let onMaybeChanged = (): void => {};
  let answers: (() => void)[] = [];
  const adapter: StorageAdapter = {
    read: () => new Promise((resolve) => (isSlow ? answers.push(() => resolve(token)) : resolve(token))),
    subscribe(callback) {
      onMaybeChanged = callback;
      return () => {};
    },
  };
  return {
    adapter,
    signal() {
      isSlow = true;
      onMaybeChanged();
    },
    answer() {
      isSlow = false;
      for (const each of answers) each();
      answers = [];
    },
  };
}

describe("F63 what waits is limited:", () => {
  test("events before the answer to the CONNECT end the link, which is told", async () => {
    let handshakes = 0;
    const url = await bareServer((io) =>
      io.use((socket, next) => {
        handshakes += 1;
        // The first one is never answered.
        if (handshakes === 1) flood(socket);
        else next();
      }),
    );
    const connection = connectionTo(url);
    const { error } = await until(connection, ({ attempt }) => attempt > 0);
    expect(error).toMatchObject({ code: "ERR_DISCONNECTED", message: expect.stringContaining("16 MB") });
    await connection.whenConnected();
    expect(handshakes).toBe(2);
  });

  test("a few events before the answer to the CONNECT are delivered", async () => {
    const url = await bareServer((io) =>
      io.use((socket, next) => {
        for (let number = 0; number < 3; number += 1) socket.emit("early", number, MEGABYTE);
        next();
      }),
    );
    const connection = connectionTo(url);
    const heard: number[] = [];
    connection.socket.on("early", (number: number) => heard.push(number));
    await vi.waitFor(() => expect(heard).toEqual([0, 1, 2]));
  });

  test("nothing is kept of what comes to a namespace of the library's own before it is accepted", async () => {
    const kept = new Map<string, number>();
    const onevent: unknown = Reflect.get(Socket.prototype, "onevent");
    if (typeof onevent !== "function") throw new Error("socket.io-client has changed.");
    const spy = vi
      .spyOn(Socket.prototype as unknown as { onevent(packet: object): void }, "onevent")
      .mockImplementation(function (this: Socket, packet) {
        Reflect.apply(onevent, this, [packet]);
        kept.set(String(Reflect.get(this, "nsp")), this.receiveBuffer.length);
      });
    onTestFinished(() => spy.mockRestore());
    let isSent = false;
    const url = await bareServer((io) =>
      io.of("/rotor").use((socket) => {
        flood(socket, "ready");
        isSent = true;
      }),
    );
    const connection = connectionTo(url);
    await connection.whenConnected();
    await expect.poll(() => isSent && kept.get("/rotor")).toBe(0);
    // What follows on the same link has come after it.
    expect(
      await connection.socket
        .timeout(100)
        .emitWithAck("anybody?")
        .catch(() => "no"),
    ).toBe("no");
    expect(kept.get("/rotor")).toBe(0);
  });

  test("while it is uncertain whose the connection is, and what is lost is told", async () => {
    const storage = slowStorage("token");
    let server: ServerSocket | undefined;
    const url = await bareServer((io) =>
      io.on("connection", (socket) => {
        server = socket;
      }),
    );
    const connection = connectionTo(url, { storage: storage.adapter });
    const told: string[] = [];
    connection.socket.on("disconnect", (reason) => told.push(reason));
    let heard = 0;
    connection.socket.on("flood", () => (heard += 1));
    await connection.whenConnected();
    storage.signal();
    if (server) flood(server);
    const { error } = await until(connection, ({ status }) => status !== "connected");
    expect(error).toMatchObject({ code: "ERR_DISCONNECTED", message: expect.stringContaining("16 MB") });
    expect(told).toEqual(["transport error"]);
    expect(heard).toBe(0);
    storage.answer();
    await connection.whenConnected();
    expect(heard).toBe(0);
  });

  test("what was not delivered is told by a connection that is not recovered", async () => {
    const server = await startServer({ options: { connectionStateRecovery: {} } });
    const storage = slowStorage(await server.tokens.issue("ada"));
    const connection = connectTo(server, { storage: storage.adapter });
    const heard: number[] = [];
    connection.socket.on("news", (number: number) => heard.push(number));
    await connection.whenConnected();
    server.io.emit("news", 0);
    await vi.waitFor(() => expect(heard).toEqual([0]));
    storage.signal();
    for (let number = 1; number <= 30; number += 1) server.io.emit("news", number, MEGABYTE);
    await until(connection, ({ status }) => status !== "connected");
    storage.answer();
    await connection.whenConnected();
    expect(connection.socket.recovered).toBe(false);
    server.io.emit("news", 31);
    await vi.waitFor(() => expect(heard).toEqual([0, 31]));
  });
});
