import { allowOrigins } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { startServer } from "../../../support/real-server.js";
import { handshake } from "../handshake.js";
import { startSessions } from "../sessions/fixture.js";

const APP = "https://app.example.com";
const SECRET = "https://app.example.com\u0000.evil.example";

const TRICKS: readonly (readonly [name: string, headers: Record<string, string>])[] = [
  ["the opaque origin", { origin: "null" }],
  ["the opaque origin in capitals", { origin: "NULL" }],
  ["no text", { origin: "" }],
  ["the app as a user", { origin: `${APP}@evil.example` }],
  ["the app as a subdomain", { origin: `${APP}.evil.example` }],
  ["the app as the end of a name", { origin: "https://evilapp.example.com" }],
  ["a sibling", { origin: "https://evil.example.com" }],
  ["the parent", { origin: "https://example.com" }],
  ["a child", { origin: "https://x.app.example.com" }],
  ["another scheme", { origin: "http://app.example.com" }],
  ["a scheme of an extension", { origin: "chrome-extension://app.example.com" }],
  ["another port", { origin: `${APP}:444` }],
  ["the default port written out", { origin: `${APP}:443` }],
  ["capitals", { origin: "HTTPS://APP.EXAMPLE.COM" }],
  ["a slash at the end", { origin: `${APP}/` }],
  ["a path", { origin: `${APP}/chat` }],
  ["a query", { origin: `${APP}?x` }],
  ["a fragment", { origin: `https://evil.example#${APP}` }],
  ["a backslash", { origin: `https://evil.example\\@app.example.com` }],
  ["a dot at the end of the host", { origin: `${APP}.` }],
  ["a look-alike in punycode", { origin: "https://xn--pp-7lc.example.com" }],
  ["two origins with a space", { origin: `${APP} https://evil.example` }],
  ["two origins with a comma", { origin: `${APP}, https://evil.example` }],
  ["a wildcard", { origin: "*" }],
  ["a list in JSON", { origin: `["${APP}"]` }],
  ["a file", { origin: "file://" }],
  ["the app in Referer alone", { referer: `${APP}/` }],
  ["the app in X-Forwarded-Origin", { origin: "https://evil.example", "x-forwarded-origin": APP }],
  ["the app in Host", { origin: "https://evil.example", host: "app.example.com" }],
  ["the app in Sec-WebSocket-Origin", { "sec-websocket-origin": APP }],
  [
    "a foreign origin that calls itself the same",
    { origin: "https://evil.example", "sec-fetch-site": "same-origin" },
  ],
  ["two sites, one the same", { "sec-fetch-site": "same-origin, cross-site" }],
  ["a site in capitals", { "sec-fetch-site": "SAME-ORIGIN" }],
  ["nothing at all", {}],
];

describe.each(["polling", "websocket"] as const)("over %s an Origin that is", (transport) => {
  test.each(TRICKS)("%s is refused before anything is asked", async (_, headers) => {
    const server = await startServer({ before: (io) => allowOrigins(io, [APP], { logger: {} }) });
    expect((await handshake(server.url, transport, headers)).status).toBe(403);
    expect([server.io.engine.clientsCount, server.verified.length]).toEqual([0, 0]);
  });

  test("bytes that no header may hold never arrives", async () => {
    const server = await startServer({ before: (io) => allowOrigins(io, [APP], { logger: {} }) });
    await expect(handshake(server.url, transport, { origin: SECRET })).rejects.toThrow();
    expect(server.io.engine.clientsCount).toBe(0);
  });
});

describe("a sid that is", () => {
  const SIDS: readonly (readonly [name: string, query: string])[] = [
    ["nobody's", "&sid=AAAAAAAAAAAAAAAAAAAA"],
    ["a prototype", "&sid=__proto__"],
    ["a method", "&sid=constructor"],
    ["another method", "&sid=hasOwnProperty"],
    ["two", "&sid=x&sid=y"],
    ["a path", "&sid=../../x"],
    ["a null byte", "&sid=%00"],
    ["a megabyte's beginning", `&sid=${"x".repeat(8_000)}`],
    ["broken percent signs", "&sid=%E0%A4%A"],
  ];

  test.each(SIDS)("%s begins no connection and reads no session", async (_, query) => {
    const server = await startSessions();
    const browser = server.browser();
    await browser.post("/login?user=alice");
    const { reads } = server.store;
    for (const transport of ["polling", "websocket"] as const) {
      const { status } = await handshake(server.url, transport, { cookie: browser.cookie ?? "" }, query);
      expect(status).toBe(400);
    }
    expect([server.io.engine.clientsCount, server.store.reads - reads]).toEqual([0, 0]);
  });

  test.each(["&sid=", "&sid", "&sid=&sid="])(
    "empty (%s) is a handshake, and is checked like one",
    async (query) => {
      const server = await startSessions();
      allowOrigins(server.io, [APP], { logger: {} });
      const cross = await handshake(server.url, "polling", { origin: "https://evil.example" }, query);
      expect(cross.status).toBe(403);
      expect(server.io.engine.clientsCount).toBe(0);
    },
  );
});
