import { describe, expect, onTestFinished, test, vi } from "vitest";
import { deferred, next } from "../../../support/real-server.js";
import { type Settings, serverSide, sessionOf, startSessions } from "./fixture.js";

async function alice(settings: Settings = {}) {
  const server = await startSessions(settings);
  const browser = server.browser();
  await browser.post("/login?user=alice");
  const connected = await browser.connect();
  return { server, browser, side: serverSide(server.io, connected.socket), ...connected };
}

describe("F30 load", () => {
  test("shows the next event what was changed over HTTP, and so does request.session from then on", async () => {
    const { server, browser, socket, side } = await alice();
    side.on("role", async (answer) => answer((await server.handle.load(side)).role));
    await browser.post("/set?role=admin");
    expect(sessionOf(side).role).toBeUndefined();
    expect(await socket.emitWithAck("role")).toBe("admin");
    expect(sessionOf(side)).toMatchObject({ role: "admin", id: browser.id });
    await browser.post("/set?role=guest");
    expect(await socket.emitWithAck("role")).toBe("guest");
  });

  test("rejects with session_ended where the session is gone, and ends the connection", async () => {
    const { server, browser, control, side } = await alice();
    const goodbye = next(control, "goodbye");
    server.store.lose(browser.id);
    const error = { error: "session_ended" };
    await expect(server.handle.load(side)).rejects.toMatchObject({ name: "TokenError", data: error });
    expect(await goodbye).toMatchObject(error);
    await expect(server.handle.load(side)).rejects.toMatchObject({ data: error });
    await expect(server.handle.update(side, () => {})).rejects.toMatchObject({ data: error });
  });
});

describe("F30 update", () => {
  test("of one session come one after the other, and none is lost", async () => {
    const { server, browser, side } = await alice();
    const other = await browser.connect();
    const sides = [side, serverSide(server.io, other.socket)];
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        server.handle.update(sides[index % 2] ?? side, async (session) => {
          const { count = 0 } = session;
          await new Promise((resolve) => setImmediate(resolve));
          session.count = count + 1;
        }),
      ),
    );
    expect(server.store.stored(browser.id)).toMatchObject({ user: "alice", count: 50 });
  });

  test("writes what it has changed over what was stored meanwhile over HTTP", async () => {
    const { server, browser, side } = await alice();
    const [begun, gate] = [deferred<void>(), deferred<void>()];
    const update = server.handle.update(side, async (session) => {
      session.count = 1;
      session.role = session.role ?? "none";
      begun.resolve();
      await gate.promise;
    });
    await begun.promise;
    await browser.post("/set?theme=dark");
    gate.resolve();
    expect(await update).toMatchObject({ user: "alice", theme: "dark", count: 1, role: "none" });
    expect(server.store.stored(browser.id)).toMatchObject({ theme: "dark", count: 1, role: "none" });
  });

  test("takes out what it has deleted, writes nothing where nothing changed, and leaves the cookie's options", async () => {
    const { server, browser, side } = await alice({ session: { cookie: { maxAge: 60_000 } } });
    await browser.post("/set?role=admin");
    const { writes } = server.store;
    const { cookie: before } = server.store.stored(browser.id) ?? {};
    expect(before).toMatchObject({ originalMaxAge: expect.any(Number), path: "/", httpOnly: true });
    await server.handle.update(side, () => {});
    expect(server.store.writes).toBe(writes);
    // A busy machine, on which time passes between any two looks at the clock.
    let time = Date.now();
    const clock = vi.spyOn(Date, "now").mockImplementation(() => (time += 8));
    onTestFinished(() => clock.mockRestore());
    await server.handle.update(side, (session) => {
      delete session.role;
    });
    clock.mockRestore();
    const stored = server.store.stored(browser.id);
    const later = Object.assign({}, before, { expires: expect.any(String) });
    expect(stored).toEqual({ user: "alice", cookie: later });
    expect((await browser.post("/me")).body).toMatchObject({ user: "alice" });
  });

  test("writes nothing where the change throws, and the next one goes on", async () => {
    const { server, browser, side } = await alice();
    const broken = server.handle.update(side, (session) => {
      session.count = 1;
      throw new Error("no");
    });
    await expect(broken).rejects.toThrow("no");
    expect(
      await server.handle.update(side, (session) => void Object.assign(session, { role: "admin" })),
    ).toMatchObject({
      role: "admin",
    });
    expect(server.store.stored(browser.id)).not.toHaveProperty("count");
  });

  test("holds the lock that it is given", async () => {
    const held: string[] = [];
    const { server, browser, side } = await alice({
      share: {
        async lock(id, run) {
          held.push(`+${id}`);
          try {
            return await run();
          } finally {
            held.push(`-${id}`);
          }
        },
      },
    });
    await server.handle.update(side, (session) => void Object.assign(session, { count: 1 }));
    expect(held).toEqual([`+${browser.id}`, `-${browser.id}`]);
  });

  test("of another user's or a signed-out session ends the connections as a request over HTTP would", async () => {
    const { server, control, side } = await alice();
    const goodbye = next(control, "goodbye");
    const update = server.handle.update(side, (session) => {
      delete session.user;
    });
    await expect(update).rejects.toMatchObject({ data: { error: "session_ended" } });
    expect(await goodbye).toMatchObject({ error: "session_ended" });
  });

  test("that the store is too slow for writes nothing late", async () => {
    const { server, browser, side } = await alice({ share: { storeTimeout: 500 } });
    const update = server.handle.update(side, (session) => {
      session.count = 1;
      server.store.state = "hanging";
    });
    await expect(update).rejects.toMatchObject({ data: { error: "temporarily_unavailable" } });
    server.store.recover();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.store.stored(browser.id)).not.toHaveProperty("count");
  });
});
