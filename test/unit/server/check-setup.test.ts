import { createServer } from "node:http";
import { Server, type ServerOptions } from "socket.io";
import { allowOrigins, authenticateToken, checkSetup } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { signIn, startServer, tokenOf } from "../../support/real-server.js";

const app = "https://app.example.com";
const cors = { origin: app, credentials: true };

const codes = (options: Partial<ServerOptions>, then: (io: Server) => void = () => {}): string[] => {
  const io = new Server(createServer(), options);
  then(io);
  return checkSetup(io).map(({ code }) => code);
};
const guard = (io: Server): void => allowOrigins(io, [app]);

describe("checkSetup", () => {
  test.each<[code: string, options: Partial<ServerOptions>, then: ((io: Server) => void) | undefined]>([
    ["recovery_skips_middlewares", { connectionStateRecovery: {} }, undefined],
    ["wildcard_origin", { cors: { credentials: true } }, guard],
    ["wildcard_origin", { cors: { origin: "*", credentials: true } }, guard],
    ["wildcard_origin", { cors: { origin: true, credentials: true } }, guard],
    ["origin_unchecked", { cors }, undefined],
    ["origin_unchecked", { cookie: true }, undefined],
    ["cookie_without_credentials", { cookie: true, cors: { origin: app } }, guard],
    ["empty_namespaces_stay", {}, (io) => io.of(/^\/room-/)],
    [
      "connect_timeout_short",
      { connectTimeout: 4_000 },
      (io) => authenticateToken(io, { verify: async () => ({ subject: "alice" }), logger: {} }),
    ],
  ])("finds %s in %j", (code, options, then) => {
    expect(codes(options, then)).toEqual([code]);
  });

  test("says what, why, and the line to change", () => {
    const io = new Server({ connectionStateRecovery: {} });
    expect(checkSetup(io)).toEqual([
      {
        code: "recovery_skips_middlewares",
        what: expect.stringMatching(/\.$/),
        why: expect.stringMatching(/\.$/),
        fix: expect.stringContaining("skipMiddlewares: false"),
      },
    ]);
  });

  test("finds nothing in a server that is set up well", () => {
    expect(codes({})).toEqual([]);
    const options = {
      cors,
      cookie: true,
      cleanupEmptyChildNamespaces: true,
      connectionStateRecovery: { skipMiddlewares: false },
    };
    const found = codes(options, (io) => {
      guard(io);
      io.of(/^\/room-/);
      authenticateToken(io, { verify: async () => ({ subject: "alice" }), logger: {} });
    });
    expect(found).toEqual([]);
  });
});

describe("authenticateToken warns", () => {
  const warnings = (lines: readonly string[]): string[] => lines.filter((line) => line.includes("Change: "));

  test("at the start, one line for each problem that nothing which comes later can mend", async () => {
    const server = await startServer({
      server: { cors: { origin: "*", credentials: true }, connectionStateRecovery: {} },
    });
    expect(warnings(server.lines)).toHaveLength(2);
    expect(checkSetup(server.io).map(({ code }) => code)).not.toContain("recovery_skips_middlewares");
  });

  test("at the first connection, once, of what was still missing then", async () => {
    const server = await startServer({ server: { cors }, before: (io) => io.of(/^\/room-/) });
    expect(warnings(server.lines)).toEqual([]);
    for (let round = 0; round < 2; round += 1) await signIn(server.client(), tokenOf("alice"));
    expect(warnings(server.lines)).toHaveLength(2);
  });

  test("of nothing where it was done in another order", async () => {
    const server = await startServer({ server: { cors } });
    allowOrigins(server.io, [app], { allowMissing: true, logger: {} });
    await signIn(server.client(), tokenOf("alice"));
    expect(warnings(server.lines)).toEqual([]);
  });
});
