import { createServer } from "node:http";
import { Server } from "socket.io";

/** A real server that takes any token, answers `echo`, and nothing else. */
export async function startServer(): Promise<{ url: string; close(): Promise<void> }> {
  const http = createServer();
  const io = new Server(http, { serveClient: false });
  io.use((socket, next) => {
    next(typeof socket.handshake.auth["token"] === "string" ? undefined : new Error("no token"));
  });
  io.on("connection", (socket) => {
    socket.on("echo", (value, done) => done(value));
  });
  io.of("/other");
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  if (typeof address !== "object" || address === null) throw new Error("the server does not listen");
  return { url: `http://127.0.0.1:${address.port}`, close: () => io.close() };
}
