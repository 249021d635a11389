import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type ServerOptions } from "socket.io";
import { io, type Socket } from "socket.io-client";
import { afterEach, describe, expect, test } from "vitest";

/** What README says of plain Socket.IO, shown on plain Socket.IO. */

interface Bench {
  socket: Socket;
  /** Who is signed in, as far as the client knows. */
  user: string;
  /** What the server received, and under whose token. */
  received: string[];
  /** The tokens that the middleware was asked about. */
  asked: string[];
}

let http: HttpServer | undefined;
let server: Server | undefined;
let client: Socket | undefined;

afterEach(async () => {
  client?.disconnect();
  await server?.close();
});

/** A server, and a client made as in README: `auth` is a function, and a change is `disconnect()` and `connect()`. */
async function start(options: Partial<ServerOptions> = {}): Promise<Bench> {
  http = createServer();
  server = new Server(http, options);
  const bench = { user: "alice", received: [] as string[], asked: [] as string[] };
  server.use((socket, next) => {
    const { token } = socket.handshake.auth as { token: string };
    bench.asked.push(token);
    socket.data = { user: token };
    next();
  });
  server.on("connection", (socket) => {
    const { user } = socket.data as { user: string };
    if (!socket.recovered) void socket.join(`room of ${user}`);
    socket.on("whoami", (answer: (user: string, rooms: string[]) => void) => {
      answer(
        user,
        [...socket.rooms].filter((room) => room !== socket.id),
      );
    });
    socket.onAny((event: string) => bench.received.push(`${event} as ${user}`));
  });
  await new Promise<void>((resolve) => http?.listen(0, resolve));
  const { port } = http.address() as AddressInfo;
  client = io(`http://localhost:${port}`, {
    auth: (send) => send({ token: bench.user }),
    forceNew: true,
  });
  await connected(client);
  return Object.assign(bench, { socket: client });
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("connect", resolve));
}

function drop(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("disconnect", () => resolve());
    socket.io.engine.close();
  });
}

async function signIn(bench: Bench, user: string): Promise<void> {
  bench.user = user;
  bench.socket.disconnect();
  const done = connected(bench.socket);
  bench.socket.connect();
  await done;
}

describe("the same job by hand", () => {
  test("what Alice emitted while offline is sent as Bob", async () => {
    const bench = await start();
    await drop(bench.socket);
    bench.socket.emit("private");
    await signIn(bench, "bob");
    await bench.socket.emitWithAck("whoami");
    expect(bench.received).toContain("private as bob");
  });

  test("with state recovery on, Bob gets Alice's session and rooms, and the middleware is not asked", async () => {
    const bench = await start({ connectionStateRecovery: {} });
    // The client can only recover once it has an offset, which comes with the first event.
    const event = new Promise((resolve) => bench.socket.once("news", resolve));
    server?.emit("news");
    await event;
    await drop(bench.socket);
    await signIn(bench, "bob");
    const answer = await new Promise((resolve) => {
      bench.socket.emit("whoami", (user: string, rooms: string[]) => resolve([user, rooms]));
    });
    expect(answer).toEqual(["alice", ["room of alice"]]);
    expect(bench.asked).toEqual(["alice"]);
  });

  test("emitWithAck can stay pending for ever", async () => {
    const bench = await start();
    await drop(bench.socket);
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    bench.socket.emitWithAck("whoami").then(settle, settle);
    bench.socket.disconnect(); // signed out
    await new Promise<void>((resolve) => http?.close(() => resolve()));
    expect(isSettled).toBe(false);
  });
});
