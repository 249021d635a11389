import { randomUUID } from "node:crypto";
import { createConnection, memoryStorage } from "socket-rotor";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createApi } from "../../docs/recipes/another-origin/server.js";
import { listen } from "../support/listen.js";
import { handshake } from "../unit/server/handshake.js";

const site = "https://app.example.com";
const users = new Map([["ada", "a password"]]);

async function start() {
  const api = createApi({
    site,
    sessionSecret: randomUUID(),
    identityKey: randomUUID(),
    isSecure: false,
    userOf: async (name, password) =>
      typeof name === "string" && password !== undefined && users.get(name) === password ? name : undefined,
  });
  const url = await listen(api.http);
  onTestFinished(async () => {
    api.http.closeAllConnections();
    await api.io.close();
  });
  const post = (path: string, { origin = site, cookie = "", body = {} }) =>
    fetch(url + path, {
      method: "POST",
      headers: { origin, cookie, "content-type": "application/json", connection: "close" },
      body: JSON.stringify(body),
    });
  const signIn = async (name: string, password: string) => {
    const response = await post("/sign-in", { body: { name, password } });
    return { response, cookie: response.headers.getSetCookie()[0]?.split(";")[0] ?? "" };
  };
  return { ...api, url, post, signIn };
}

/** A browser's page of an origin, as far as its handshakes go. */
function connect(url: string, origin: string, cookie: string) {
  const connection = createConnection({
    url,
    storage: memoryStorage(cookie),
    auth: () => ({}),
    extraHeaders: (cookie) => ({ cookie, origin }),
    reconnectionDelay: 10,
    logger: {},
  });
  onTestFinished(() => connection.dispose());
  return connection;
}

describe("docs/recipes/another-origin", () => {
  test("signs in over HTTP, with CORS for the page, and connects; the sign-out ends the connection", async () => {
    const { url, post, signIn, io } = await start();
    const preflight = await fetch(`${url}/sign-in`, { method: "OPTIONS", headers: { origin: site } });
    expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([
      204,
      "content-type",
    ]);
    expect((await signIn("ada", "another")).response.status).toBe(401);
    const { response, cookie } = await signIn("ada", "a password");
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe(site);
    expect(response.headers.get("access-control-allow-credentials")).toBe("true");
    const connection = connect(url, site, cookie);
    expect(await connection.socket.emitWithAck("whoami")).toBe("ada");
    const ended = new Promise<void>((resolve) => {
      connection.subscribe(({ status }) => void (status === "loggedOut" && resolve()));
    });
    expect((await post("/sign-out", { cookie })).status).toBe(204);
    await ended;
    expect(connection.getSnapshot().error?.reason).toBe("session_ended");
    expect(io.sockets.sockets.size).toBe(0);
  });

  test.each(["polling", "websocket"] as const)(
    "F34 refuses a page that is not its own, over HTTP and %s, and says so once in the log",
    async (transport) => {
      const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
      onTestFinished(() => warn.mockRestore());
      const { url, post, signIn, io } = await start();
      const { cookie } = await signIn("ada", "a password");
      const origin = "https://other.example.com";
      expect((await post("/sign-out", { cookie, origin })).status).toBe(403);
      for (let times = 0; times < 3; times += 1) {
        expect((await handshake(url, transport, { cookie, origin })).status).toBe(403);
      }
      expect(io.engine.clientsCount).toBe(0);
      const told = warn.mock.calls.map(([line]) => String(line)).filter((line) => line.includes(origin));
      expect(told).toHaveLength(1);
      // The user is still signed in.
      expect(await connect(url, site, cookie).socket.emitWithAck("whoami")).toBe("ada");
    },
  );
});
