import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type ServerOptions } from "socket.io";
import { io, type Socket } from "socket.io-client";
import { afterEach, describe, expect, test } from "vitest";

/** What README says of plain Socket.IO, shown on plain Socket.IO. */

interface Fixture {
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
async function start(options: Partial<ServerOptions> = {}): Promise<Fixture> {
  http = createServer();
  server = new Server(http, options);
  const fixture = { user: "alice", received: [] as string[], asked: [] as string[] };
  server.use((socket, next) => {
    const { token } = socket.handshake.auth as { token: string };
    fixture.asked.push(token);
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
    socket.onAny((event: string) => fixture.received.push(`${event} as ${user}`));
  });
  await new Promise<void>((resolve) => http?.listen(0, resolve));
  const { port } = http.address() as AddressInfo;
  client = io(`http://localhost:${port}`, {
    auth: (send) => send({ token: fixture.user }),
    forceNew: true,
  });
  await connected(client);
  return Object.assign(fixture, { socket: client });
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

async function signIn(fixture: Fixture, user: string): Promise<void> {
  fixture.user = user;
  fixture.socket.disconnect();
  const done = connected(fixture.socket);
  fixture.socket.connect();
  await done;
}

describe("the same job by hand", () => {
  test("what Alice emitted while offline is sent as Bob", async () => {
    const fixture = await start();
    await drop(fixture.socket);
    fixture.socket.emit("private");
    await signIn(fixture, "bob");
    await fixture.socket.emitWithAck("whoami");
    expect(fixture.received).toContain("private as bob");
  });

  test("with state recovery on, Bob gets Alice's session and rooms, and the middleware is not asked", async () => {
    const fixture = await start({ connectionStateRecovery: {} });
    // The client can only recover once it has an offset, which comes with the first event.
    const event = new Promise((resolve) => fixture.socket.once("news", resolve));
    server?.emit("news");
    await event;
    await drop(fixture.socket);
    await signIn(fixture, "bob");
    const answer = await new Promise((resolve) => {
      fixture.socket.emit("whoami", (user: string, rooms: string[]) => resolve([user, rooms]));
    });
    expect(answer).toEqual(["alice", ["room of alice"]]);
    expect(fixture.asked).toEqual(["alice"]);
  });

  test("emitWithAck can stay pending for ever", async () => {
    const fixture = await start();
    await drop(fixture.socket);
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    fixture.socket.emitWithAck("whoami").then(settle, settle);
    fixture.socket.disconnect(); // signed out
    await new Promise<void>((resolve) => http?.close(() => resolve()));
    expect(isSettled).toBe(false);
  });
});
