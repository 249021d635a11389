import { describe, expect, test } from "vitest";
import { connected, listenForEnd, next, refused, serverSockets } from "../../../support/real-server.js";
import { handshake } from "../handshake.js";
import { serverSide, sessionOf, startSessions } from "./fixture.js";

const TRANSPORTS: [string, ("polling" | "websocket")[]][] = [
  ["polling", ["polling"]],
  ["websocket", ["websocket"]],
  ["an upgrade", ["polling", "websocket"]],
];

describe("a session that began over HTTP", () => {
  test.each(TRANSPORTS)("is seen over %s, with the same id and data", async (_, transports) => {
    const server = await startSessions();
    const browser = server.browser();
    await browser.post("/login?user=alice");
    const { client, socket, ready } = await browser.connect({ transports });
    await expect.poll(() => client.manager.engine.transport.name).toBe(transports.at(-1));
    expect(ready).toEqual({ version: 1, reauthenticate: false, identity: expect.any(String) });
    const side = serverSide(server.io, socket);
    expect(sessionOf(side)).toMatchObject({ id: browser.id, user: "alice" });
    expect(Reflect.get(side.request, "sessionID")).toBe(browser.id);
    expect(side.data).toEqual({ identity: "alice" });
    expect(await server.handle.load(side)).toMatchObject({ user: "alice" });
  });

  test.each(TRANSPORTS)(
    "is required over %s, with an error that a client can read",
    async (_, transports) => {
      const server = await startSessions();
      const { join } = server.browser().client({ transports });
      expect(await refused(join("/", {}))).toMatchObject({ error: "session_required" });
      expect(serverSockets(server.io)).toEqual([]);
    },
  );

  test("in which nobody is signed in is refused, and not asked about again", async () => {
    const server = await startSessions();
    const browser = server.browser();
    await browser.post("/set?role=guest");
    const { join } = browser.client();
    server.io.of("/chat");
    expect(await refused(join("/", {}))).toMatchObject({ error: "session_required" });
  });

  test("is not required where it need not be, and nobody in particular has an identity too", async () => {
    const server = await startSessions({ share: { required: false } });
    const { socket, ready } = await server.browser().connect();
    const other = await server.browser().connect();
    expect(ready).toEqual(other.ready);
    expect(serverSide(server.io, socket).data).toEqual({});
    await expect(server.handle.load(serverSide(server.io, socket))).rejects.toMatchObject({
      data: { error: "session_required" },
    });
    const alice = server.browser();
    await alice.post("/login?user=alice");
    expect((await alice.connect()).ready).not.toEqual(ready);
  });

  test("is known again by the user whom identify names, and without identify by itself", async () => {
    for (const identify of [({ user }: { user?: string }) => user, () => undefined]) {
      const server = await startSessions({ share: { identify } });
      const [one, two] = [server.browser(), server.browser()];
      await one.post("/login?user=alice");
      await two.post("/login?user=alice");
      const readys = [(await one.connect()).ready, (await two.connect()).ready, (await one.connect()).ready];
      expect(new Set(readys.map((ready) => JSON.stringify(ready))).size).toBe(
        identify({ user: "alice" }) ? 1 : 2,
      );
    }
  });
});

test("a handshake with an empty sid and without a cookie is refused, and the process lives", async () => {
  const server = await startSessions();
  for (const transport of ["polling", "websocket"] as const) {
    const { status } = await handshake(server.url, transport, {}, "&sid=");
    expect([101, 200, 400]).toContain(status);
  }
  // As engine.io does it, the connection begins; nobody gets a socket of it.
  const { join } = server.browser().client({ query: { sid: "" } });
  expect(await refused(join("/", {}))).toMatchObject({ error: "session_required" });
  expect(serverSockets(server.io)).toEqual([]);
  const browser = server.browser();
  await browser.post("/login?user=alice");
  await browser.connect();
});

test("50 acknowledged events over polling read and touch the session once at most", async () => {
  const server = await startSessions();
  server.io.on("connection", (socket) => socket.on("count", (answer) => answer()));
  const browser = server.browser();
  await browser.post("/login?user=alice");
  const { socket } = await browser.connect({ transports: ["polling"] });
  const before = { reads: server.store.reads, touches: server.store.touches };
  for (let count = 0; count < 50; count += 1) await socket.emitWithAck("count");
  expect(server.store.reads - before.reads).toBeLessThanOrEqual(1);
  expect(server.store.touches - before.touches).toBeLessThanOrEqual(1);
  expect(server.store.touches).toBe(1);
});

test.each(["websocket", "polling"] as const)(
  "first contact over %s gets no cookie of a session that nobody has stored",
  async (transport) => {
    const server = await startSessions({
      session: { saveUninitialized: true },
      share: { required: false, isSignedIn: () => true },
    });
    const { status, headers } = await handshake(server.url, transport);
    expect(status).toBeLessThan(300);
    expect(headers["set-cookie"]).toBeUndefined();
    expect(server.store.size).toBe(0);
  },
);

test("of 100 CONNECTs on one connection at most one makes a socket, and the store is read once for them", async () => {
  const server = await startSessions();
  const browser = server.browser();
  await browser.post("/login?user=alice");
  const { manager } = browser.client();
  await new Promise<void>((resolve) => manager.open(() => resolve()));
  const { reads } = server.store;
  const answer = new Promise((resolve) => manager.once("packet", resolve));
  for (let count = 0; count < 100; count += 1) manager.engine.write("0{}");
  await answer;
  await expect
    .poll(() => server.lines.filter((line) => line.includes("was ignored")).length)
    .toBeGreaterThan(0);
  expect(serverSockets(server.io).length).toBeLessThanOrEqual(1);
  expect(server.store.reads - reads).toBe(1);
});

test("several namespaces of one connection share one read of the store", async () => {
  const server = await startSessions();
  for (const name of ["/a", "/b", "/c"]) server.io.of(name);
  const browser = server.browser();
  await browser.post("/login?user=alice");
  const { reads } = server.store;
  await browser.connect({}, ["/", "/a", "/b", "/c"]);
  // One of the handshake, and one when the connection was on the record.
  expect(server.store.reads - reads).toBe(2);
});

describe("the session's cookie", () => {
  test("is taken out of what fetchSockets() would send to other nodes, and other cookies are not", async () => {
    const server = await startSessions();
    const browser = server.browser();
    await browser.post("/login?user=alice");
    browser.cookie = `theme=dark; ${browser.cookie}; lang=en`;
    const { socket } = await browser.connect();
    const { handshake: shown, request } = serverSide(server.io, socket);
    expect(shown.headers.cookie).toBe("theme=dark; lang=en");
    expect(request.headers.cookie).toBe(browser.cookie);
  });

  test("and its id are in no log line and in no room", async () => {
    const server = await startSessions();
    const browser = server.browser();
    await browser.post("/login?user=alice");
    const { client, control, socket } = await browser.connect();
    const { data, rooms } = serverSide(server.io, socket);
    const ended = listenForEnd(client, control, [socket]);
    await browser.post("/logout");
    const all = JSON.stringify([server.lines, data, [...rooms], await ended]);
    expect(all).not.toContain(browser.id);
    expect(all).not.toContain("alice.");
  });
});

test("a client that comes back after a refusal is let in once it has signed in", async () => {
  const server = await startSessions();
  const browser = server.browser();
  await refused(browser.client().join("/", {}));
  await browser.post("/login?user=alice");
  const socket = await connected(browser.client().join("/", {}));
  socket.disconnect();
  expect(await next(browser.client().join("/rotor", {}), "ready")).toMatchObject({ version: 1 });
});
