// A server by hand, or one with the server half, in a process of its own. Prints its address, and at each line of its
// input the bytes of heap that are in use.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import express from "express";
import session from "express-session";
import { Server } from "socket.io";
import { authenticateToken, shareSession, TokenError } from "../../../src/server/index.js";
import { heapInUse } from "../../bench/harness/measure.js";

const [side = "", credential = ""] = process.argv.slice(2);

const isGood = (token: unknown): boolean => typeof token === "string" && token.startsWith("good");

const app = express();
const middleware = session({ secret: "keyboard cat", resave: false, saveUninitialized: false });
app.use(middleware);
app.post("/login", (request, response) => {
  Object.assign(request.session, { user: "alice" });
  response.json({});
});
const http = createServer(app);
const io = new Server(http, { serveClient: false });
const identityKey = "a key of the tests alone";
if (side === "half" && credential === "token") {
  authenticateToken(io, {
    identityKey,
    logger: {},
    verify: async (token) => {
      if (!isGood(token)) throw new TokenError("invalid_token");
      return { subject: "alice", tokenId: token, expiresAt: Date.now() + 3_600_000 };
    },
  });
} else if (side === "half") shareSession(io, middleware, { identityKey, logger: {} });
else if (credential === "token") {
  io.use((socket, next) => {
    next(isGood(socket.handshake.auth["token"]) ? undefined : new Error("unauthorized"));
  });
} else io.engine.use(middleware);

http.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
});
for await (const _ of createInterface(process.stdin)) console.log(await heapInUse());
process.exit();
