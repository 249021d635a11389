import { EventEmitter } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import { connect, createServer as createHttp2Server, type IncomingHttpHeaders } from "node:http2";
import { Server } from "socket.io";
import { Manager } from "socket.io-client";
import { allowOrigins, authenticateToken, limitHandshakes } from "socket-rotor/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { listen } from "../../support/listen.js";
import { connected, refused, userOf } from "../../support/real-server.js";
import { thrown } from "../../support/rejection.js";
import { untyped } from "../../support/untyped.js";
import { handshake } from "./handshake.js";

const app = "https://app.example.com";
const evil = "https://evil.example.com";
const transports = ["polling", "websocket"] as const;
const LET_IN = { polling: 200, websocket: 101 };

/** An HTTP server that listens, ends with the test, and can be attached to. */
async function startHttp(): Promise<{ http: HttpServer; url: string }> {
  const http = createServer();
  const url = await listen(http);
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  return { http, url };
}

/** Counts, and has none left when it is over. */
function createLimiter() {
  const limiter = {
    taken: 0,
    isOver: false,
    consume(): Promise<unknown> {
      limiter.taken += 1;
      return limiter.isOver ? Promise.reject({ msBeforeNext: 2_000 }) : Promise.resolve();
    },
  };
  return limiter;
}

function guard(io: Server, lines: string[] = []): ReturnType<typeof createLimiter> {
  const limiter = createLimiter();
  const logger = { warn: (line: string) => void lines.push(line) };
  allowOrigins(io, [app], { logger });
  limitHandshakes(io, limiter, { logger });
  return limiter;
}

describe.each(transports)("F34 over %s", (transport) => {
  test("an HTTP server that is attached later is guarded like the first, in the same order", async () => {
    const [first, second] = [await startHttp(), await startHttp()];
    const io = new Server(first.http, { cors: { origin: app } });
    onTestFinished(() => io.close());
    const limiter = guard(io);
    io.attach(second.http);
    for (const { url } of [first, second]) {
      limiter.taken = 0;
      limiter.isOver = false;
      expect((await handshake(url, transport, { origin: evil })).status).toBe(403);
      expect(limiter.taken).toBe(0);
      expect((await handshake(url, transport, { origin: app })).status).toBe(LET_IN[transport]);
      expect(limiter.taken).toBe(1);
      limiter.isOver = true;
      const { status, headers } = await handshake(url, transport, { origin: app });
      expect([status, headers["retry-after"]]).toEqual([429, "2"]);
      // Without these a page could not read the status.
      if (transport === "polling") expect(headers["access-control-allow-origin"]).toBe(app);
    }
  });

  test("so is one that is attached after io.close()", async () => {
    const [first, second] = [await startHttp(), await startHttp()];
    const io = new Server(first.http);
    guard(io);
    await io.close();
    io.attach(second.http);
    onTestFinished(() => io.close());
    expect((await handshake(second.url, transport, { origin: evil })).status).toBe(403);
    expect((await handshake(second.url, transport, { origin: app })).status).toBe(LET_IN[transport]);
  });

  test("what is called after two were attached guards the first too, where the first was guarded before", async () => {
    const [first, second] = [await startHttp(), await startHttp()];
    const io = new Server(first.http);
    onTestFinished(() => io.close());
    allowOrigins(io, [app], { logger: {} });
    io.attach(second.http);
    const limiter = createLimiter();
    limiter.isOver = true;
    limitHandshakes(io, limiter, { logger: {} });
    for (const { url } of [first, second]) {
      expect((await handshake(url, transport, { origin: evil })).status).toBe(403);
      expect((await handshake(url, transport, { origin: app })).status).toBe(429);
    }
  });

  test("nobody gets in by one that was attached before the last, which nothing can guard any more", async () => {
    const [first, second] = [await startHttp(), await startHttp()];
    const io = new Server();
    io.attach(first.http);
    io.attach(second.http);
    onTestFinished(() => io.close());
    const lines: string[] = [];
    guard(io, lines);
    authenticateToken(io, { verify: async (token) => ({ subject: userOf(token) }), logger: {} });
    const join = (url: string) => {
      const manager = new Manager(url, {
        reconnection: false,
        transports: [transport],
        extraHeaders: { origin: app },
      });
      onTestFinished(() => manager._close());
      return manager.socket("/", { auth: { token: "alice" } });
    };
    for (let time = 0; time < 2; time += 1) {
      expect(await refused(join(first.url))).toMatchObject({ error: "temporarily_unavailable" });
    }
    await connected(join(second.url));
    expect(lines).toEqual([expect.stringContaining("attached before")]);
  });
});

test("an engine whose requests cannot be guarded is an error when it is bound", async () => {
  const io = new Server((await startHttp()).http);
  onTestFinished(() => io.close());
  guard(io);
  thrown(() => io.bind(untyped(new EventEmitter())), "ERR_SERVER_SETUP");
});

test("over HTTP/2 a refusal is a status, as over HTTP/1", async () => {
  const http = createHttp2Server();
  const io = new Server(http);
  const limiter = guard(io);
  const session = connect(await listen(http));
  onTestFinished(async () => {
    session.close();
    await io.close();
  });
  const ask = (origin: string) =>
    new Promise<{ head: IncomingHttpHeaders; body: string }>((resolve, reject) => {
      const stream = session.request({ ":path": "/socket.io/?EIO=4&transport=polling", origin });
      let head: IncomingHttpHeaders = {};
      let body = "";
      stream.on("response", (headers) => {
        head = headers;
      });
      stream.on("data", (chunk) => {
        body += chunk;
      });
      stream.on("end", () => resolve({ head, body }));
      stream.on("error", reject);
    });
  expect((await ask(app)).head[":status"]).toBe(200);
  const foreign = await ask(evil);
  expect(foreign.head[":status"]).toBe(403);
  expect(JSON.parse(foreign.body)).toMatchObject({ error: "access_denied" });
  limiter.isOver = true;
  expect((await ask(app)).head).toMatchObject({ ":status": 429, "retry-after": "2" });
  limiter.consume = () => Promise.reject(new Error("Redis is down"));
  expect((await ask(app)).head).toMatchObject({ ":status": 503, "retry-after": "5" });
});
