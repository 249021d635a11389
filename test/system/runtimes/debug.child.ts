// Talks to servers by token and by session, over each transport, and prints what has to stay secret. What the packages
// print of it on stderr is judged by the test, which chooses them with DEBUG.
import { createServer } from "node:http";
import express from "express";
import expressSession from "express-session";
import { Server } from "socket.io";
import { createConnection, memoryStorage } from "../../../src/index.js";
import { allowOrigins, authenticateToken, shareSession } from "../../../src/server/index.js";

const SECRETS = {
  first: "alice.first-access-token-of-hers",
  second: "alice.second-access-token-of-hers",
  session: "the-id-of-a-session-that-signs-alice-in",
};
const TRANSPORTS = [["polling"], ["websocket"], ["polling", "websocket"]];

async function listen(io: Server, http: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  if (typeof address !== "object" || address === null) throw new Error("the server does not listen");
  io.on("connection", (socket) => void socket.on("echo", (value, done) => done(value)));
  io.of("/other");
  return `http://127.0.0.1:${address.port}`;
}

const byToken = createServer();
const tokenServer = new Server(byToken);
authenticateToken(tokenServer, { logger: {}, verify: async () => ({ subject: "alice" }) });
const tokenUrl = await listen(tokenServer, byToken);
for (const transports of TRANSPORTS) {
  const connection = createConnection({
    url: tokenUrl,
    storage: memoryStorage(SECRETS.first),
    identify: () => "alice",
    extraHeaders: (token) => ({ authorization: `Bearer ${token}` }),
    socketOptions: { transports },
    logger: {},
  });
  connection.of("/other");
  await connection.whenConnected();
  await connection.login(SECRETS.second); // on the same link
  await connection.whenConnected();
  await connection.socket.emitWithAck("echo", "Hello");
  connection.dispose();
}
await tokenServer.close();

const app = express();
const bySession = createServer(app);
const sessionServer = new Server(bySession);
const session = expressSession({
  secret: "the secret under which cookies are signed",
  genid: () => SECRETS.session,
  resave: false,
  saveUninitialized: true,
});
app.use(session).get("/sign-in", (_, response) => void response.send("Hello"));
allowOrigins(sessionServer, ["https://app.example.com"], { allowMissing: true });
shareSession(sessionServer, session, { logger: {}, identify: () => "alice" });
const sessionUrl = await listen(sessionServer, bySession);
const response = await fetch(`${sessionUrl}/sign-in`);
await response.arrayBuffer();
const cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
for (const transports of TRANSPORTS) {
  const connection = createConnection({
    url: sessionUrl,
    storage: memoryStorage(cookie),
    auth: () => ({}),
    extraHeaders: (cookie) => ({ cookie }),
    identify: () => "alice",
    socketOptions: { transports },
    logger: {},
  });
  await connection.whenConnected();
  await connection.socket.emitWithAck("echo", "Hello");
  connection.dispose();
}
await sessionServer.close();
console.log(JSON.stringify(Object.values(SECRETS)));
