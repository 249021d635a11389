import { createServer } from "node:http";
import { Server } from "socket.io";
import { type AllowOriginsOptions, allowOrigins } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { connected, startServer, tokenOf } from "../../support/real-server.js";
import { thrown } from "../../support/rejection.js";
import { untyped } from "../../support/untyped.js";
import { handshake } from "./handshake.js";

const app = "https://app.example.com";
const transports = ["polling", "websocket"] as const;

type Origins = Parameters<typeof allowOrigins>[1];

function startGuarded(origins: Origins = [app], options: AllowOriginsOptions = {}, cors = false) {
  return startServer({
    server: cors ? { cors: { origin: app, credentials: true } } : {},
    before: (io) => allowOrigins(io, origins, { logger: {}, ...options }),
  });
}

describe.each(transports)("F34 over %s", (transport) => {
  test("a page of another origin is refused, although cors does not say so", async () => {
    for (const cors of [false, true]) {
      const server = await startGuarded([app], {}, cors);
      for (const origin of [
        "https://evil.example.com",
        "https://evil.com",
        `${app}.evil.com`,
        `${app}:444`,
        "null",
      ]) {
        const { status, body } = await handshake(server.url, transport, { origin });
        expect(status).toBe(403);
        expect(JSON.parse(body)).toMatchObject({ error: "access_denied" });
      }
      expect(server.io.engine.clientsCount).toBe(0);
    }
  });

  test("a page of a listed origin is let in", async () => {
    const server = await startGuarded(["http://localhost:5173", app, "capacitor://localhost"]);
    for (const origin of [app, "http://localhost:5173", "capacitor://localhost"]) {
      expect((await handshake(server.url, transport, { origin })).status).toBe(
        transport === "polling" ? 200 : 101,
      );
    }
    const client = server.client({ transports: [transport], extraHeaders: { origin: app } });
    await connected(client.join("/", { token: tokenOf("alice") }));
  });

  test("a function decides, sees no opaque origin, and refuses where it throws or is not sure", async () => {
    const seen: string[] = [];
    const server = await startGuarded((origin) => {
      seen.push(origin);
      if (origin.includes("throw")) throw new Error("no idea");
      return untyped<boolean>(origin.endsWith(".example.com") ? true : "maybe");
    });
    const statuses: number[] = [];
    for (const origin of [app, "https://throw.example.com", "https://evil.com", "null"]) {
      statuses.push((await handshake(server.url, transport, { origin })).status);
    }
    expect(statuses.slice(1)).toEqual([403, 403, 403]);
    expect(statuses[0]).toBeLessThan(300);
    expect(seen).not.toContain("null");
  });

  test("a request without an origin is refused, unless it is of its own origin or they are allowed", async () => {
    const strict = await startGuarded();
    expect((await handshake(strict.url, transport)).status).toBe(403);
    const own = await handshake(strict.url, transport, { "sec-fetch-site": "same-origin" });
    expect(own.status).toBeLessThan(300);
    const open = await startGuarded([app], { allowMissing: true });
    expect((await handshake(open.url, transport)).status).toBeLessThan(300);
    // A page of another site that asks without CORS.
    for (const site of ["cross-site", "same-site"]) {
      expect((await handshake(open.url, transport, { "sec-fetch-site": site })).status).toBe(403);
    }
  });
});

test("F34 a request with an open connection's sid is refused too", async () => {
  const server = await startGuarded();
  const { body } = await handshake(server.url, "polling", { origin: app });
  const { sid } = JSON.parse(body.slice(1));
  const { status } = await handshake(server.url, "polling", { origin: "https://evil.com" }, `&sid=${sid}`);
  expect(status).toBe(403);
});

test("it runs before what the application has added to the engine", async () => {
  let asked = 0;
  const server = await startServer({
    before: (io) => {
      io.engine.use((_request: unknown, _response: unknown, next: () => void) => {
        asked += 1;
        next();
      });
      allowOrigins(io, [app], { logger: {} });
    },
  });
  await handshake(server.url, "polling", { origin: "https://evil.com" });
  expect(asked).toBe(0);
});

describe("a mistake in the call is an error", () => {
  const attached = () => new Server(createServer());
  test.each<[Origins | unknown]>([
    [[]],
    [undefined],
    [app],
    [["*"]],
    [["null"]],
    [["app.example.com"]],
    [[`${app}/`]],
    [["https://APP.example.com"]],
    [["https://app.example.com:443"]],
    [["https://*.example.com"]],
    [["file:///"]],
    [[7]],
  ])("%j", (origins) => {
    thrown(() => allowOrigins(attached(), untyped<Origins>(origins)), "ERR_INVALID_OPTION");
  });

  test.each<[what: string, origin: unknown, said: RegExp]>([
    ["a regular expression", /a/, /a regular expression is no origin.*\(origin\) => /],
    ["an object", { origin: app }, /an object is no origin/],
    ["a number", 7, /a number is no origin/],
    ["nothing", undefined, /undefined is no origin/],
    ["a URL", new URL(app), /an object is no origin/],
    ["a path", `${app}/chat`, /"https:\/\/app\.example\.com\/chat" is no origin/],
  ])("%s in the list is named by what it is", (_, origin, said) => {
    const list = untyped<Origins>([app, origin]);
    const { message } = thrown(() => allowOrigins(attached(), list), "ERR_INVALID_OPTION");
    expect(message).toMatch(said);
  });

  test("a wrong option, a server that is not attached, and a second call", () => {
    thrown(() => allowOrigins(attached(), [app], untyped({ allowMising: true })), "ERR_INVALID_OPTION");
    thrown(() => allowOrigins(attached(), [app], untyped({ allowMissing: "yes" })), "ERR_INVALID_OPTION");
    expect(thrown(() => allowOrigins(new Server(), [app]), "ERR_SERVER_SETUP").message).toContain("attach");
    const io = attached();
    allowOrigins(io, [app]);
    thrown(() => allowOrigins(io, [app]), "ERR_SERVER_SETUP");
  });
});

describe("F33 an origin that is refused", () => {
  async function lines(origins: readonly string[], allowed?: Origins): Promise<string[]> {
    const warnings: string[] = [];
    const logger = { warn: (line: string) => warnings.push(line) };
    const server = await startGuarded(allowed, { logger });
    for (const origin of origins) await handshake(server.url, "polling", { origin });
    return warnings;
  }

  test("is told once, by name, with the line to change", async () => {
    const local = "http://localhost:5173";
    const warnings = await lines([local, local, app]);
    expect(warnings).toEqual([
      expect.stringMatching(/"http:\/\/localhost:5173" are refused.*add it to the origins of allowOrigins/),
    ]);
    expect(await lines([local], () => false)).toHaveLength(1);
  });

  test("is told of the opaque one too, which cannot be listed", async () => {
    expect(await lines(["null"])).toEqual([expect.stringContaining("sandboxed frames")]);
  });

  test("is told of the first five, however many there are, and at what length it is", async () => {
    const many = Array.from({ length: 20 }, (_, index) => `https://${index}.example.com`);
    const warnings = await lines(many);
    expect(warnings).toHaveLength(5);
    expect(warnings[4]).toContain("Further origins are not named.");
    const [long] = await lines([`https://${"a".repeat(5_000)}.example.com`]);
    expect(long?.length).toBeLessThan(500);
  });

  test("is told with nothing in it that a terminal would act on", async () => {
    const [line] = await lines(["https://evil.example.com/\u009b31m\tx\u00e9"]);
    expect(line).toContain('"https://evil.example.com/?31m?x?"');
  });

  test("is told too where cors alone keeps a browser from reading the answers", async () => {
    const warnings: string[] = [];
    const logger = { warn: (line: string) => warnings.push(line) };
    const other = "https://other.example.com";
    const guard = (io: Server) => allowOrigins(io, [app, other], { logger });
    const cors = { origin: [app], credentials: true };
    const server = await startServer({ server: { cors }, before: guard });
    const ask = (origin: string, site: string, transport: "polling" | "websocket" = "polling") =>
      handshake(server.url, transport, { origin, "sec-fetch-site": site });
    await ask(app, "same-site");
    await ask(other, "same-origin");
    await ask(other, "same-site", "websocket");
    expect(warnings).toEqual([]);
    for (const site of ["same-site", "cross-site"]) expect((await ask(other, site)).status).toBe(200);
    expect(warnings).toEqual([
      expect.stringMatching(/"https:\/\/other\.example\.com" poll.*cors: \{ origin: \["https:\/\/other/),
    ]);
    const open = await startServer({ server: { cors: { origin: "*" } }, before: guard });
    await handshake(open.url, "polling", { origin: other, "sec-fetch-site": "cross-site" });
    const closed = await startServer({ before: guard });
    await handshake(closed.url, "polling", { origin: app, "sec-fetch-site": "cross-site" });
    expect(warnings).toEqual([expect.anything(), expect.stringContaining(`"${app}" poll`)]);
  });
});
