// Server processes that check who connects: by hand, or with an edition's server half.
import { createHmac, createPublicKey } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import session, { Cookie, MemoryStore } from "express-session";
import { jwtVerify } from "jose";
import { Server } from "socket.io";
import type { Edition, ServerHalf } from "../harness/edition.js";
import { cpuOf, heapInUse, range, settle, timeOf } from "../harness/measure.js";
import { number, type Tasks, text } from "../harness/worker.js";

export const ISSUER = "https://auth.example";
export const AUDIENCE = "https://api.example";
export const ALGORITHM = "ES256";
const SECRET = "the secret of the bench's sessions";
const IDENTITY_KEY = "the key of the bench's servers";
const PING_INTERVAL = 5_000;

declare module "express-session" {
  interface SessionData {
    user?: string;
  }
}

let io: Server | undefined;
let half: ServerHalf | undefined;

/** The cookie of a session. */
export function sessionCookieOf(id: string): string {
  const signature = createHmac("sha256", SECRET).update(id).digest("base64").replace(/=+$/, "");
  return `connect.sid=${encodeURIComponent(`s:${id}.${signature}`)}`;
}

/** The sessions that there are, by number. */
export const sessionIdOf = (index: number): string => `the-session-${index}`;

function checkTokens(server: Server, publicKey: string): void {
  const key = createPublicKey(publicKey);
  const expected = { issuer: ISSUER, audience: AUDIENCE, algorithms: [ALGORITHM] };
  if (half) {
    const verify = half.joseVerifier({ key, ...expected });
    half.authenticateToken(server, { verify, identityKey: IDENTITY_KEY, logger: {} });
    return;
  }
  server.use(async (socket, next) => {
    try {
      const { payload } = await jwtVerify(socket.handshake.auth["token"], key, expected);
      socket.data.user = payload.sub;
      void socket.join(`user:${payload.sub}`);
      next();
    } catch {
      next(new Error("unauthorized"));
    }
  });
}

function checkSessions(server: Server, count: number): void {
  const store = new MemoryStore();
  for (const index of range(count))
    store.set(sessionIdOf(index), { cookie: new Cookie(), user: `user-${index}` });
  const middleware = session({ secret: SECRET, resave: false, saveUninitialized: false, store });
  if (half) {
    half.shareSession<{ user?: string }>(server, middleware, {
      isSignedIn: ({ user }) => user !== undefined,
      identify: ({ user }) => user,
      identityKey: IDENTITY_KEY,
      logger: {},
    });
    return;
  }
  server.engine.use(middleware);
}

function opened(): Server {
  if (io === undefined) throw new Error("The server does not listen yet.");
  return io;
}

export const tasks: Tasks = {
  /** Begins to listen; answers with the port. With a public key it asks for tokens, else for one of so many sessions. */
  async listen(given, edition: Edition | undefined) {
    half = await edition?.server();
    const http = createServer();
    io = new Server(http, { serveClient: false, pingInterval: PING_INTERVAL });
    if (given["publicKey"] === undefined) checkSessions(io, number(given, "sessions"));
    else checkTokens(io, text(given, "publicKey"));
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const { port } = http.address() as AddressInfo;
    return { port };
  },
  /** Milliseconds of CPU since the process began. */
  cpu() {
    const { user, system } = process.cpuUsage();
    return { cpu: (user + system) / 1_000 };
  },
  async heap() {
    return { heap: await heapInUse() };
  },
  /** Milliseconds of CPU a second while nothing happens but pings. */
  async idle(given) {
    const time = number(given, "time");
    return { idle: (await cpuOf(() => settle(time))) / (time / 1_000) };
  },
  /** Ends the connections of a user. CPU, and the time until they are found and told, and until none is left. */
  async revoke(given) {
    const [server, subject] = [opened(), text(given, "subject")];
    const before = server.of("/").sockets.size;
    let [found, time] = [0, 0];
    const cpu = await cpuOf(async () => {
      time = await timeOf(async () => {
        const begun = performance.now();
        // Its own part is done when it returns; then it waits for other nodes.
        const told = half
          ? half.revoke(server, { subject })
          : server.in(`user:${subject}`).disconnectSockets(true);
        found = performance.now() - begun;
        await told;
        while (server.of("/").sockets.size === before) await new Promise((resolve) => setImmediate(resolve));
      });
    });
    return { cpu, found, time };
  },
};

export const CHECKED = import.meta.url;
