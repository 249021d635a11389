// Server processes: a task each to listen, to measure, and to send.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import type { Edition } from "./edition.js";
import { number, type Tasks } from "./worker.js";

let io: Server | undefined;

/** Who a token of the bench stands for. Its signature is not looked at: what a check costs is measured elsewhere. */
export function subjectOf(token: unknown): string {
  const [, claims = ""] = String(token).split(".");
  const { sub }: { sub: string } = JSON.parse(Buffer.from(claims, "base64url").toString());
  return sub;
}

/** Lets in who has a token: with the server half of an edition, or by a middleware. */
async function protect(server: Server, edition: Edition | undefined): Promise<void> {
  if (edition === undefined) {
    server.use((socket, next) => {
      socket.data.user = subjectOf(socket.handshake.auth["token"]);
      next();
    });
    return;
  }
  const { authenticateToken } = await edition.server();
  authenticateToken(server, {
    verify: async (token) => ({ subject: subjectOf(token), data: {} }),
    identityKey: "the key of the bench's servers",
    maxReauthenticationsPerMinute: Number.POSITIVE_INFINITY,
    logger: {},
  });
}

export const tasks: Tasks = {
  /** Begins to listen; answers with the port. */
  async listen({ pingInterval }, edition) {
    const http = createServer();
    io = new Server(http, {
      serveClient: false,
      maxHttpBufferSize: 1e8,
      ...(pingInterval !== undefined && { pingInterval: Number(pingInterval) }),
    });
    await protect(io, edition);
    io.on("connection", (socket) => {
      let noted = 0;
      socket.on("note", () => {
        noted += 1;
      });
      socket.on("ask", (_value, done) => done("ok"));
      socket.on("count", (done) => {
        done(noted);
        noted = 0;
      });
      socket.on("send", (count, value, done) => {
        for (let index = 0; index < count; index += 1) socket.emit("news", index, value);
        done();
      });
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const { port } = http.address() as AddressInfo;
    return { port };
  },
  /** Waits until so many sockets are connected. */
  async untilConnected(given) {
    const count = number(given, "count");
    while (io?.of("/").sockets.size !== count) await new Promise((resolve) => setTimeout(resolve, 5));
    return {};
  },
};

/** This file, for a worker. */
export const SERVER = import.meta.url;
