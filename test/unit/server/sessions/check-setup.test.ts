import { createServer } from "node:http";
import type express from "express";
import session, { MemoryStore, type SessionOptions } from "express-session";
import { Server, type ServerOptions } from "socket.io";
import {
  allowOrigins,
  checkSetup,
  type SessionOptions as ShareOptions,
  shareSession,
} from "socket-rotor/server";
import { afterEach, describe, expect, test, vi } from "vitest";
import { untyped } from "../../../support/untyped.js";
import { createBus } from "../cluster.js";
import { startSessions } from "./fixture.js";

const app = "https://app.example.com";
const identityKey = "0123456789abcdef";
const cookie = { secure: true, sameSite: "lax" } as const;

/** Not known as the one that express-session warns of. */
class OtherStore extends MemoryStore {}

interface Case {
  session?: Partial<SessionOptions>;
  server?: Partial<ServerOptions>;
  environment?: string;
  share?: ShareOptions;
  change?: (io: Server, middleware: express.RequestHandler) => void;
}

function codes(given: Case): string[] {
  vi.stubEnv("NODE_ENV", given.environment ?? "test");
  const plain = { secret: "s", resave: false, saveUninitialized: false, store: new OtherStore() };
  const middleware = session({ ...plain, ...given.session });
  const io = new Server(createServer(), given.server);
  allowOrigins(io, [app], { logger: {} });
  shareSession(io, middleware, { identityKey, logger: {}, ...given.share });
  given.change?.(io, middleware);
  return checkSetup(io).map(({ code }) => code);
}

afterEach(() => vi.unstubAllEnvs());

describe("checkSetup with shareSession", () => {
  test.each<[code: string, Case]>([
    ["session_without_credentials", { server: { cors: { origin: app } } }],
    ["session_resaved", { session: { resave: true } }],
    ["session_uninitialized", { session: { saveUninitialized: true } }],
    ["session_middleware_twice", { change: (io, middleware) => io.engine.use(middleware) }],
    ["session_middleware_twice", { change: (io, middleware) => io.use(untyped(middleware)) }],
    ["session_middleware_twice", { change: (io, middleware) => io.of("/chat").use(untyped(middleware)) }],
    ["session_cookie_open", { environment: "production" }],
    [
      "session_cookie_open",
      { environment: "production", session: { cookie: { ...cookie, httpOnly: false } } },
    ],
    ["session_cookie_open", { environment: "production", session: { cookie: { secure: true } } }],
    ["session_cookie_refused", { session: { cookie: { sameSite: "none" } } }],
    ["session_touched_late", { session: { cookie: { maxAge: 60_000 } } }],
    ["session_touched_late", { session: { cookie: { maxAge: 3_000 } }, share: { touchInterval: 3_001 } }],
    ["session_store_in_memory", { environment: "production", session: { cookie, store: new MemoryStore() } }],
    [
      "session_store_in_memory",
      { session: { store: new MemoryStore() }, server: { adapter: createBus().adapter } },
    ],
  ])("finds %s, number %#, and nothing else", (code, given) => {
    expect(codes(given)).toEqual([code]);
  });

  test.each<[Case]>([
    [{}],
    [{ session: { store: new MemoryStore() } }],
    [{ environment: "production", session: { cookie } }],
    [{ server: { cors: { origin: app, credentials: true } } }],
    [{ session: { cookie: { sameSite: "none", secure: true } } }],
    [{ session: { cookie: { sameSite: "none", secure: "auto" } } }],
    [{ session: { cookie: { maxAge: 60_001 } } }],
    [{ session: { cookie: { maxAge: 3_000 } }, share: { touchInterval: 2_999 } }],
    [
      {
        change: (io, middleware) =>
          io.engine.use((...args: Parameters<typeof middleware>) => middleware(...args)),
      },
    ],
  ])("finds nothing in a set-up that is good, number %#", (given) => {
    expect(codes(given)).toEqual([]);
  });

  test("finds that origins are not checked", () => {
    const io = new Server(createServer());
    shareSession(io, session({ secret: "s", resave: false, saveUninitialized: false }), {
      identityKey,
      logger: {},
    });
    expect(checkSetup(io).map(({ code }) => code)).toEqual(["origin_unchecked"]);
  });
});

describe("a secure cookie behind a proxy", () => {
  const post = (url: string) =>
    fetch(`${url}/login?user=alice`, { method: "POST", headers: { "x-forwarded-proto": "https" } });

  test("that Express does not trust is told with the first request, and the line to change", async () => {
    const server = await startSessions({ session: { cookie } });
    expect((await post(server.url)).headers.getSetCookie()).toEqual([]);
    expect(server.lines.join("\n")).toContain('app.set("trust proxy", 1)');
    expect(checkSetup(server.io).map(({ code }) => code)).toContain("session_proxy_untrusted");
  });

  test.each(["Express", "express-session"])("that %s trusts is none", async (who) => {
    const server = await startSessions({
      session: { cookie, ...(who !== "Express" && { proxy: true }) },
      ...(who === "Express" && { app: (app: express.Express) => app.set("trust proxy", true) }),
    });
    expect((await post(server.url)).headers.getSetCookie()).toHaveLength(1);
    expect(checkSetup(server.io).map(({ code }) => code)).not.toContain("session_proxy_untrusted");
  });
});
