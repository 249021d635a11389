import { promisify } from "node:util";
import expressSession, { type Session } from "express-session";
import { beforeEach, describe, expect, test } from "vitest";
import { listenForEnd, serverSockets } from "../../../support/real-server.js";
import { untyped } from "../../../support/untyped.js";
import { type SessionServer, type Settings, serverSide, startSessions } from "./fixture.js";

const READ_ONLY = expect.objectContaining({ name: "ConnectionError", code: "ERR_SESSION_READ_ONLY" });

async function alice(settings: Settings = {}) {
  const server = await startSessions(settings);
  const browser = server.browser();
  await browser.post("/login?user=alice");
  const connected = await browser.connect();
  return { server, browser, side: serverSide(server.io, connected.socket), ...connected };
}

/** The session of a socket's request, as express-session has made it. */
function sessionOf(side: { request: object }): Session & { user?: string } {
  return Reflect.get(side.request, "session");
}

const save = (session: Session): Promise<void> => promisify(session.save.bind(session))();

describe("F30 the session of a socket's request", () => {
  test("cannot be saved over what HTTP has changed since: the callback is told what to do instead", async () => {
    const { server, browser, side } = await alice();
    await browser.post("/set?role=admin");
    const { writes } = server.store;
    await expect(save(sessionOf(side))).rejects.toEqual(READ_ONLY);
    await expect(save(sessionOf(side))).rejects.toThrow("update(socket");
    expect(server.store.writes).toBe(writes);
    expect(server.store.stored(browser.id)).toMatchObject({ user: "alice", role: "admin" });
  });

  test("does not sign a user in again who has signed out by a save", async () => {
    const { server, browser, side, client, control, sockets } = await alice({
      routes: (app) =>
        app.post("/forget", (request, response) => {
          delete request.session.user;
          response.json({});
        }),
    });
    const session = sessionOf(side);
    const end = listenForEnd(client, control, sockets);
    await browser.post("/forget");
    await end;
    await expect(save(session)).rejects.toEqual(READ_ONLY);
    expect(server.store.stored(browser.id)).not.toHaveProperty("user");
  });

  test("is as read-only where the application makes another session middleware with the same store later", async () => {
    const server = await startSessions({ share: { required: false } });
    const { store } = server;
    expressSession({ secret: "another", resave: false, saveUninitialized: false, store });
    const { socket } = await server.browser().connect();
    await expect(save(sessionOf(serverSide(server.io, socket)))).rejects.toEqual(READ_ONLY);
    expect(store.size).toBe(0);
  });

  test("does not make another user's session what it was", async () => {
    const { server, browser, side } = await alice();
    const session = sessionOf(side);
    await browser.post("/login?user=bob");
    const { socket } = await browser.connect();
    await expect(save(session)).rejects.toEqual(READ_ONLY);
    expect(server.store.stored(browser.id)).toMatchObject({ user: "bob" });
    expect(socket.connected).toBe(true);
  });

  test("without a callback is not thrown, as express-session throws nothing, and is told in the log once", async () => {
    const { server, side } = await alice();
    expect(sessionOf(side).save()).toBe(sessionOf(side));
    sessionOf(side).save();
    const lines = server.lines.filter((line) => line.includes("was not saved"));
    expect(lines).toEqual([expect.stringContaining("update(socket")]);
  });

  test("cannot be saved after a reload or a load, or at the handshake, or as a guest's", async () => {
    const early: Session[] = [];
    const { server, side } = await alice({
      share: { required: false },
      before: (io) =>
        io.engine.use((request: object, _response: unknown, next: () => void) => {
          early.push(sessionOf({ request }));
          next();
        }),
    });
    const reloading = sessionOf(side);
    await promisify(reloading.reload.bind(reloading))();
    expect(sessionOf(side)).not.toBe(reloading);
    await expect(save(sessionOf(side))).rejects.toEqual(READ_ONLY);
    await server.handle.load(side);
    await expect(save(sessionOf(side))).rejects.toEqual(READ_ONLY);
    const { socket } = await server.browser().connect();
    await expect(save(sessionOf(serverSide(server.io, socket)))).rejects.toEqual(READ_ONLY);
    expect(early).toHaveLength(2);
    for (const session of early) await expect(save(session)).rejects.toEqual(READ_ONLY);
  });

  test("can be reloaded, touched and destroyed, and is changed by update", async () => {
    const { server, browser, side, client, control, sockets } = await alice();
    await browser.post("/set?role=admin");
    const session = sessionOf(side);
    await promisify(session.reload.bind(session))();
    expect(sessionOf(side)).toMatchObject({ user: "alice", role: "admin" });
    expect(sessionOf(side).touch()).toBe(sessionOf(side));
    await server.handle.update(side, (data) => void Object.assign(data, { count: 1 }));
    expect(server.store.stored(browser.id)).toMatchObject({ role: "admin", count: 1 });
    const end = listenForEnd(client, control, sockets);
    const current = sessionOf(side);
    await promisify(current.destroy.bind(current))();
    expect((await end)[0]).toMatchObject({ error: "session_ended" });
    expect(server.store.size).toBe(0);
  });
});

describe("what is no socket, and what is no change,", () => {
  let server: SessionServer;
  beforeEach(async () => {
    ({ server } = await alice());
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["a socket of another node", { id: "a", handshake: {}, rooms: new Set(), data: {} }],
    ["a connection that is not there", { conn: {} }],
    ["a connection of another server", { conn: { readyState: "open" } }],
  ])("%s, is an error that names what is expected", async (_, socket) => {
    const error = { code: "ERR_INVALID_OPTION" };
    await expect(server.handle.load(untyped(socket))).rejects.toMatchObject({
      ...error,
      message: expect.stringContaining("load takes a socket"),
    });
    await expect(server.handle.update(untyped(socket), () => {})).rejects.toMatchObject({
      ...error,
      message: expect.stringContaining("update takes a socket"),
    });
  });

  test("no function is an error that says so", async () => {
    const [side] = serverSockets(server.io);
    if (side === undefined) expect.fail("there is a socket");
    await expect(server.handle.update(side, untyped(undefined))).rejects.toMatchObject({
      code: "ERR_INVALID_OPTION",
      message: expect.stringContaining("update takes a function"),
    });
  });
});
