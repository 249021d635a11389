import type { RequestHandler } from "express";
import type { SessionData } from "express-session";
import { type SessionOptions, sessionDeadline } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { next, refused, serverSockets } from "../../../support/real-server.js";
import { untyped } from "../../../support/untyped.js";
import { CountingStore, serverSide, startSessions } from "./fixture.js";

const OUTAGE = { error: "temporarily_unavailable" };
const TRANSPORTS = ["websocket", "polling"] as const;

describe.each(["failing", "hanging"] as const)("F32 while the store is %s", (state) => {
  test.each(TRANSPORTS)(
    "a client that connects over %s is told so in time, and is let in afterwards",
    async (transport) => {
      const server = await startSessions({ share: { storeTimeout: 1_500 } });
      const browser = server.browser();
      await browser.post("/login?user=alice");
      server.store.state = state;
      const begun = performance.now();
      expect(await refused(browser.client({ transports: [transport] }).join("/", {}))).toMatchObject(OUTAGE);
      // The one deadline, and not one for the handshake and another one for the CONNECT.
      expect(performance.now() - begun).toBeLessThan(3_000);
      server.store.recover();
      const { socket } = await browser.connect({ transports: [transport] });
      expect(serverSide(server.io, socket).data).toEqual({ identity: "alice" });
    },
  );

  test("open sockets stay, nobody is signed out, and one log line says so", async () => {
    const server = await startSessions({
      share: { storeTimeout: 500, recheckInterval: 60, touchInterval: 1 },
    });
    server.io.on("connection", (socket) => socket.on("hello", (answer) => answer()));
    const browser = server.browser();
    await browser.post("/login?user=alice");
    const { socket } = await browser.connect();
    server.store.state = state;
    const { reads } = server.store;
    await expect.poll(() => server.store.reads - reads).toBeGreaterThan(4);
    await socket.emitWithAck("hello");
    await expect(server.handle.load(serverSide(server.io, socket))).rejects.toMatchObject({ data: OUTAGE });
    await expect(server.handle.update(serverSide(server.io, socket), () => {})).rejects.toMatchObject({
      data: OUTAGE,
    });
    expect(server.lines.filter((line) => line.includes("the session store fails"))).toHaveLength(1);
    server.store.recover();
    await expect.poll(() => server.lines.filter((line) => line.includes("answers again")).length).toBe(1);
    expect(await server.handle.load(serverSide(server.io, socket))).toMatchObject({ user: "alice" });
    expect(socket.connected).toBe(true);
  });

  test("a connection that is not required to have a session is not let in as an anonymous one", async () => {
    const server = await startSessions({ share: { storeTimeout: 100, required: false } });
    const browser = server.browser();
    await browser.post("/login?user=alice");
    server.store.state = state;
    const answer = await refused(browser.client().join("/", {})).catch(() => "let in");
    expect(answer).toMatchObject(OUTAGE);
  });
});

test("a store that is not connected, of which express-session makes no session, is an outage", async () => {
  const server = await startSessions();
  const browser = server.browser();
  await browser.post("/login?user=alice");
  server.store.emit("disconnect");
  expect(await refused(browser.client().join("/", {}))).toMatchObject(OUTAGE);
  server.store.emit("connect");
  await browser.connect();
});

test("an answer of the store that comes after the deadline lets nobody in, and leaves no session behind", async () => {
  const server = await startSessions({ share: { storeTimeout: 50, required: false } });
  const browser = server.browser();
  await browser.post("/login?user=alice");
  const requests: object[] = [];
  server.io.engine.on("connection", ({ request }: { request: object }) => requests.push(request));
  server.store.state = "hanging";
  const { join } = browser.client();
  expect(await refused(join("/", {}))).toMatchObject(OUTAGE);
  server.store.recover();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(requests.map((request) => Reflect.get(request, "session"))).toEqual([undefined]);
  expect(serverSockets(server.io)).toEqual([]);
});

test("a store that fails only when the connection is on the record is asked again", async () => {
  const server = await startSessions();
  const browser = server.browser();
  await browser.post("/login?user=alice");
  const client = browser.client();
  await new Promise<void>((resolve) => client.manager.open(() => resolve()));
  server.store.state = "failing";
  const socket = client.join("/", {});
  expect(await refused(socket)).toMatchObject(OUTAGE);
  server.store.recover();
  await browser.connect();
});

describe("sessionDeadline", () => {
  const http = (middleware: RequestHandler) => sessionDeadline(middleware, 500);

  test("answers 503 with Retry-After in seconds, and the late answer of the store does no harm", async () => {
    let handled = 0;
    const server = await startSessions({
      http,
      session: { saveUninitialized: true, resave: true },
      routes: (app) =>
        app.use((_request, _response, go) => {
          handled += 1;
          go();
        }),
    });
    const browser = server.browser();
    await browser.post("/login?user=alice");
    const stored = server.store.stored(browser.id);
    server.store.state = "hanging";
    const { status, headers, body } = await browser.post("/me");
    expect([status, Number(headers.get("retry-after")) > 0]).toEqual([503, true]);
    expect(body).toMatchObject(OUTAGE);
    server.store.recover();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(handled).toBe(1);
    expect(server.store.stored(browser.id)).toEqual(stored);
    expect((await browser.post("/me")).body).toMatchObject({ user: "alice" });
  });

  test("passes on what fails, and what is in time", async () => {
    const server = await startSessions({ http });
    const browser = server.browser();
    await browser.post("/login?user=alice");
    expect((await browser.post("/me")).body).toMatchObject({ user: "alice" });
    server.store.state = "failing";
    expect((await browser.post("/me")).status).toBe(500);
  });
});

test("a function of the application's that fails lets nobody in and signs nobody out", async () => {
  let isBroken = false;
  const server = await startSessions({
    share: {
      recheckInterval: 50,
      isSignedIn: ({ user }) => {
        if (isBroken) throw new TypeError(`${user}\n    at claim (/claim.js:1:2)`);
        return user !== undefined;
      },
    },
  });
  const browser = server.browser();
  await browser.post("/login?user=alice");
  const { socket, control } = await browser.connect();
  isBroken = true;
  const { reads } = server.store;
  await expect.poll(() => server.store.reads - reads).toBeGreaterThan(2);
  expect(await refused(browser.client().join("/", {}))).toMatchObject(OUTAGE);
  expect(socket.connected).toBe(true);
  const lines = server.lines.filter((line) => line.includes('"isSignedIn" threw a TypeError'));
  expect(lines).toEqual([expect.stringMatching(/threw a TypeError at \S*outage\.test\.ts:\d+, so that/)]);
  expect(lines.join()).not.toMatch(/alice|claim/);
  isBroken = false;
  const goodbye = next(control, "goodbye");
  await browser.post("/logout");
  expect(await goodbye).toMatchObject({ error: "session_ended" });
});

/** A store that answers what is no session, as one does behind a proxy that makes something up. */
class GarbageStore extends CountingStore {
  garbage: { value: unknown } | undefined;
  /** How many more reads are answered as they should be. */
  goodReads = 0;

  override get(id: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    const { garbage } = this;
    if (garbage === undefined || this.goodReads > 0) {
      this.goodReads -= 1;
      super.get(id, callback);
      return;
    }
    this.reads += 1;
    setImmediate(() => callback(null, untyped(garbage.value)));
  }
}

const GARBAGE: readonly unknown[] = ["OK", "", 42, 0, true, false, [], {}, { cookie: null }, { cookie: "x" }];

describe.each(GARBAGE.map((value) => [JSON.stringify(value), value] as const))(
  "F59 while the store answers %s",
  (_, value) => {
    async function alice(share: SessionOptions<SessionData> = {}) {
      const store = new GarbageStore();
      const server = await startSessions({ store, share });
      const browser = server.browser();
      await browser.post("/login?user=alice");
      return { store, server, browser };
    }

    test.each([[true], [false]])(
      "to the second read of a handshake, with required %s: an outage",
      async (required) => {
        const { store, browser } = await alice({ required });
        store.garbage = { value };
        store.goodReads = 1;
        expect(await refused(browser.client().join("/", {}))).toMatchObject(OUTAGE);
        store.garbage = undefined;
        const { socket } = await browser.connect();
        expect(socket.connected).toBe(true);
      },
    );

    test("open sockets stay, and the handle says that it is an outage", async () => {
      const { store, server, browser } = await alice({ recheckInterval: 20, touchInterval: 1 });
      server.io.on("connection", (socket) => socket.on("hello", (answer) => answer()));
      const { socket } = await browser.connect();
      const before = store.stored(browser.id);
      store.garbage = { value };
      const { reads } = store;
      await socket.emitWithAck("hello");
      await expect.poll(() => store.reads - reads).toBeGreaterThan(4);
      const there = serverSide(server.io, socket);
      await expect(server.handle.load(there)).rejects.toMatchObject({ data: OUTAGE });
      await expect(
        server.handle.update(there, (data) => Object.assign(data, { count: 1 })),
      ).rejects.toMatchObject({ data: OUTAGE });
      expect(server.lines.filter((line) => line.includes("the session store fails"))).toHaveLength(1);
      // The read just before a write, too.
      store.goodReads = 1;
      await server.handle.update(there, (data) => Object.assign(data, { count: 2 })).catch(() => {});
      expect(store.stored(browser.id)?.["user"]).toBe(before?.["user"]);
      store.garbage = undefined;
      expect(await server.handle.load(there)).toMatchObject({ user: "alice" });
      expect(socket.connected).toBe(true);
    });
  },
);
