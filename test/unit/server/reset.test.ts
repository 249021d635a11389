import { connect } from "node:net";
import { Server } from "socket.io";
import { allowOrigins, limitHandshakes } from "socket-rotor/server";
import { expect, onTestFinished, test } from "vitest";

const UPGRADE =
  "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nOrigin: https://elsewhere.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

const logger = {};

test.each([
  {
    what: "a limiter that is still counting",
    guard: (io: Server, isReset: Promise<void>) =>
      limitHandshakes(io, { consume: () => isReset }, { logger }),
  },
  {
    what: "a limiter that refuses afterwards",
    guard: (io: Server, isReset: Promise<void>) =>
      limitHandshakes(
        io,
        { consume: () => isReset.then(() => Promise.reject({ msBeforeNext: 1 })) },
        { logger },
      ),
  },
  {
    what: "an origin that is refused",
    guard: (io: Server) => allowOrigins(io, ["https://app.example.com"], { logger }),
  },
])("a websocket that is reset during $what does not end the process", async ({ guard }) => {
  const io = new Server(0, { serveClient: false });
  onTestFinished(() => io.close());
  let reset = (): void => {};
  const isReset = new Promise<void>((resolve) => {
    reset = resolve;
  });
  guard(io, isReset);
  const { httpServer } = io;
  const address = httpServer.address();
  if (typeof address !== "object" || address === null) throw new Error("The server does not listen.");
  const errors: unknown[] = [];
  const onError = (error: unknown): void => {
    errors.push(error);
  };
  process.on("uncaughtException", onError);
  onTestFinished(() => {
    process.off("uncaughtException", onError);
  });
  const asked = new Promise<void>((resolve) => httpServer.on("upgrade", () => resolve()));
  const closed = new Promise<void>((resolve) => {
    httpServer.on("connection", (socket) => socket.on("close", () => resolve()));
  });
  const client = connect(address.port);
  client.on("error", () => {});
  client.write(UPGRADE);
  await asked;
  client.resetAndDestroy();
  await closed;
  reset();
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors).toEqual([]);
});
