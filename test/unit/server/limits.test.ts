import { createServer } from "node:http";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { Server } from "socket.io";
import { allowOrigins, type HandshakeLimiter, limitHandshakes } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { remoteAddress } from "../../../src/server/limit-handshakes.js";
import { connected, signIn, startServer, tokenOf } from "../../support/real-server.js";
import { thrown } from "../../support/rejection.js";
import { untyped } from "../../support/untyped.js";
import { handshake } from "./handshake.js";

const app = "https://app.example.com";
const silent = { logger: {} };
const transports = ["polling", "websocket"] as const;

describe.each(transports)("a limit of 50 handshakes over %s", (transport) => {
  test("refuses 950 of 1,000, before any token is verified", async () => {
    const limiter = new RateLimiterMemory({ points: 50, duration: 60 });
    const server = await startServer({ before: (io) => limitHandshakes(io, limiter, silent) });
    const statuses = new Map<number, number>();
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          const { status, headers } = await handshake(server.url, transport);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if (status === 429) expect(Number(headers["retry-after"])).toBeGreaterThan(0);
        }),
      );
    }
    expect([...statuses.values()]).toEqual([50, 950]);
    expect([...statuses.keys()][1]).toBe(429);
    expect(server.verified).toEqual([]);
  }, 30_000);
});

test("a handshake is counted once, whatever requests belong to it", async () => {
  let taken = 0;
  const limiter = {
    consume: async () => {
      taken += 1;
    },
  };
  const server = await startServer({ before: (io) => limitHandshakes(io, limiter, silent) });
  const { control } = await signIn(server.client({ transports: ["polling", "websocket"] }), tokenOf("alice"));
  for (let round = 0; round < 5; round += 1) await control.emitWithAck("sync");
  expect(taken).toBe(1);
  await handshake(server.url, "polling", {}, "&sid=");
  expect(taken).toBe(2);
});

describe.each(transports)("a limiter that cannot tell, over %s,", (transport) => {
  const LIMITERS: [name: string, consume: () => Promise<unknown>][] = [
    ["rejects with an Error", () => Promise.reject(new Error("Redis is down"))],
    [
      "throws",
      () => {
        throw new Error("Redis is down");
      },
    ],
    ["does not answer", () => new Promise(() => {})],
  ];
  test.each(LIMITERS)("as it %s, lets nobody in: 503 with Retry-After", async (_, consume) => {
    const server = await startServer({
      before: (io) => limitHandshakes(io, { consume }, { timeout: 30, ...silent }),
    });
    const { status, headers, body } = await handshake(server.url, transport);
    expect(status).toBe(503);
    expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    expect(JSON.parse(body)).toMatchObject({ error: "temporarily_unavailable" });
    expect(server.io.engine.clientsCount).toBe(0);
  });
});

describe("the order", () => {
  test.each([["origin first"], ["limit first"]])(
    "%s: origin, CORS, limit, and then the application's",
    async (first) => {
      const seen: string[] = [];
      const limiter: HandshakeLimiter = {
        consume: (key) => {
          seen.push("limit");
          return key === "x" ? Promise.resolve() : Promise.reject({ msBeforeNext: 1 });
        },
      };
      const server = await startServer({
        server: { cors: { origin: app } },
        before: (io) => {
          io.engine.use((_request: unknown, _response: unknown, next: () => void) => {
            seen.push("application");
            next();
          });
          const limit = () =>
            limitHandshakes(io, limiter, { key: ({ headers }) => String(headers["x-key"]), ...silent });
          if (first === "limit first") limit();
          allowOrigins(io, [app], silent);
          if (first === "origin first") limit();
        },
      });
      await handshake(server.url, "polling", { origin: "https://evil.com" });
      expect(seen).toEqual([]);
      const { status, headers } = await handshake(server.url, "polling", { origin: app });
      expect(seen).toEqual(["limit"]);
      // Without these a page could not read the status.
      expect([status, headers["access-control-allow-origin"]]).toEqual([429, app]);
      await handshake(server.url, "polling", { origin: app, "x-key": "x" });
      expect(seen).toEqual(["limit", "limit", "application"]);
    },
  );
});

describe("what is counted", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8::6", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    [undefined, "unknown"],
  ])("of %s is %s", (address, key) => {
    expect(remoteAddress({ headers: {}, socket: { remoteAddress: address } })).toBe(key);
  });

  test("is the remote address by default, and what key says behind a proxy", async () => {
    const keys: string[] = [];
    const limiter = { consume: async (key: string) => keys.push(key) };
    const direct = await startServer({ before: (io) => limitHandshakes(io, limiter, silent) });
    await connected(direct.client().join("/", { token: tokenOf("alice") }));
    const behind = await startServer({
      before: (io) =>
        limitHandshakes(io, limiter, { key: ({ headers }) => String(headers["x-forwarded-for"]), ...silent }),
    });
    await handshake(behind.url, "polling", { "x-forwarded-for": "203.0.113.7" });
    expect(keys).toEqual(["127.0.0.1", "203.0.113.7"]);
  });
});

test("a mistake in the call is an error", () => {
  const attached = () => new Server(createServer());
  const limiter = { consume: async () => {} };
  thrown(() => limitHandshakes(attached(), untyped({})), "ERR_INVALID_OPTION");
  thrown(() => limitHandshakes(attached(), untyped(undefined)), "ERR_INVALID_OPTION");
  for (const options of [{ key: "ip" }, { timeout: 0 }, { keys: () => "" }, { logger: 7 }]) {
    thrown(() => limitHandshakes(attached(), limiter, untyped(options)), "ERR_INVALID_OPTION");
  }
  thrown(() => limitHandshakes(new Server(), limiter), "ERR_SERVER_SETUP");
  const io = attached();
  limitHandshakes(io, limiter);
  thrown(() => limitHandshakes(io, limiter), "ERR_SERVER_SETUP");
});

describe("F65 the time to wait that the limiter tells", () => {
  test.each([
    ["a day, where it is more", 3e10, 86_400],
    ["rounded up", 1_500, 2],
    ["one second, where it is below 0, which means never", -1, 1],
    ["one second, where it is no number", Number.NaN, 1],
    ["one second, where it has no end", Number.POSITIVE_INFINITY, 1],
    ["one second, where it is a text", "5", 1],
    ["one second, where there is none", undefined, 1],
  ])("is told as %s", async (_, msBeforeNext, seconds) => {
    const lines: string[] = [];
    const consume = () => Promise.reject({ msBeforeNext });
    const server = await startServer({
      before: (io) => limitHandshakes(io, { consume }, { logger: { warn: (line) => lines.push(line) } }),
    });
    for (let times = 0; times < 2; times += 1) {
      const { status, headers, body } = await handshake(server.url, "polling");
      expect([status, headers["retry-after"]]).toEqual([429, String(seconds)]);
      expect(JSON.parse(body).retryAfter).toBeLessThanOrEqual(86_400_000);
    }
    const isWrong = msBeforeNext !== undefined && !Number.isFinite(msBeforeNext);
    expect(lines).toEqual(isWrong ? [expect.stringMatching(/msBeforeNext.*milliseconds/)] : []);
  });
});
