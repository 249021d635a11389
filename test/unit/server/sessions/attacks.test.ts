import { RateLimiterMemory } from "rate-limiter-flexible";
import { allowOrigins, limitHandshakes } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { connected, listenForEnd, next, refused, serverSockets } from "../../../support/real-server.js";
import { handshake } from "../handshake.js";
import { type SessionServer, serverSide, startSessions } from "./fixture.js";

const APP = "https://app.example.com";
const TRANSPORTS = ["websocket", "polling"] as const;

test.each(TRANSPORTS)(
  "F34 a page of another origin is refused over %s with the user's cookie, before the store is asked",
  async (transport) => {
    const server = await startSessions();
    // After shareSession, as the order of the calls does not matter.
    allowOrigins(server.io, [APP], { logger: {} });
    const browser = server.browser();
    await browser.post("/login?user=alice");
    const { reads } = server.store;
    const cookie = browser.cookie ?? "";
    for (const origin of ["https://evil.example.com", "null"]) {
      expect((await handshake(server.url, transport, { cookie, origin })).status).toBe(403);
    }
    expect(server.store.reads).toBe(reads);
    expect((await handshake(server.url, transport, { cookie, origin: APP })).status).toBeLessThan(300);
    expect(server.store.reads).toBe(reads + 1);
  },
);

test("of 1,000 handshakes a limiter of 50 refuses 950 before the store is asked", async () => {
  const server = await startSessions();
  limitHandshakes(server.io, new RateLimiterMemory({ points: 50, duration: 3_600 }), { logger: {} });
  const browser = server.browser();
  await browser.post("/login?user=alice");
  const { reads } = server.store;
  const counts = new Map<number, number>();
  for (let batch = 0; batch < 20; batch += 1) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        handshake(server.url, index % 2 === 0 ? "polling" : "websocket", { cookie: browser.cookie ?? "" }),
      ),
    );
    for (const { status } of answers) {
      const kind = status < 300 ? 200 : status;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
  }
  expect(counts).toEqual(
    new Map([
      [200, 50],
      [429, 950],
    ]),
  );
  expect(server.store.reads - reads).toBe(50);
});

describe("F1 with connection state recovery, after a dropped transport", () => {
  /** Alice connects, hears something, and is cut off; resolves with what she could resume by. */
  async function dropped(server: SessionServer) {
    const browser = server.browser();
    await browser.post("/login?user=alice");
    server.io.once("connection", (socket) => socket.join("alices"));
    const { client, socket } = await browser.connect();
    const heard = next(socket, "news");
    server.io.to("alices").emit("news", 1);
    await heard;
    const resumed = { pid: Reflect.get(socket, "_pid"), offset: Reflect.get(socket, "_lastOffset") };
    expect(resumed).toEqual({ pid: expect.any(String), offset: expect.any(String) });
    client.manager.engine.close();
    await expect.poll(() => server.links.size).toBe(0);
    server.io.to("alices").emit("news", "missed by alice");
    return { browser, resumed };
  }
  const recovery = { server: { connectionStateRecovery: {} } };

  test.each(["/regenerate?user=bob", "/login?user=bob"])(
    "a user who signs in by %s gets none of the packets, rooms and data of the user before",
    async (path) => {
      const server = await startSessions(recovery);
      const { browser, resumed } = await dropped(server);
      await browser.post(path);
      const client = browser.client();
      const bob = client.join("/", resumed);
      const heard: unknown[] = [];
      bob.onAny((...args) => heard.push(args));
      await connected(bob);
      const control = client.join("/rotor", {});
      await next(control, "ready");
      await control.emitWithAck("sync");
      expect(heard).toEqual([]);
      expect(bob.recovered).toBe(false);
      const side = serverSide(server.io, bob);
      expect(side.data).toEqual({ identity: "bob" });
      expect([...side.rooms]).toEqual([side.id]);
    },
  );

  test("the same user gets what was missed, also with a new session", async () => {
    const server = await startSessions(recovery);
    const { browser, resumed } = await dropped(server);
    await browser.post("/regenerate?user=alice");
    const alice = browser.client().join("/", resumed);
    expect(await next(alice, "news")).toBe("missed by alice");
    await connected(alice);
    expect(serverSide(server.io, alice).recovered).toBe(true);
  });

  test("nobody gets anything without a session", async () => {
    const server = await startSessions(recovery);
    const { resumed } = await dropped(server);
    expect(await refused(server.browser().client().join("/", resumed))).toMatchObject({
      error: "session_required",
    });
    expect(serverSockets(server.io)).toEqual([]);
  });
});

test("F29 a sign-out reaches a connection that is still being admitted by the application", async () => {
  const server = await startSessions({
    before: (io) => io.use((_, go) => void setTimeout(go, 150)),
  });
  const browser = server.browser();
  await browser.post("/login?user=alice");
  const client = browser.client();
  const control = client.join("/rotor", {});
  await next(control, "ready");
  const socket = client.join("/", {});
  const end = listenForEnd(client, control, [socket]);
  await browser.post("/logout");
  expect((await end)[0]).toMatchObject({ error: "session_ended" });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(serverSockets(server.io)).toEqual([]);
});
