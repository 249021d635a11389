import type { Express } from "express";
import { describe, expect, test } from "vitest";
import { deferred, listenForEnd, refused, serverSockets } from "../../../support/real-server.js";
import { createBus } from "../cluster.js";
import { CountingStore, type SessionServer, type Settings, serverSide, startSessions } from "./fixture.js";

const ENDED = expect.objectContaining({ error: "session_ended" });
const CHANGED = expect.objectContaining({ error: "session_changed" });

const routes = (app: Express): void => {
  app.post("/forget", (request, response) => {
    delete request.session.user;
    response.json({});
  });
  app.post("/switch-and-back", (request, response, next) => {
    request.session.user = "bob";
    request.session.save((error) => {
      if (error) return next(error);
      request.session.user = "alice";
      request.session.save(() => response.json({}));
    });
  });
};

/** Two nodes, each with a store of its own to the same sessions, and alice, who has signed in on the first. */
async function startNodes(settings: Settings = {}) {
  const bus = createBus();
  const stores = [new CountingStore(), new CountingStore()] as const;
  Reflect.set(stores[1], "sessions", stores[0].sessions);
  const start = (store: CountingStore) =>
    startSessions({ routes, server: { adapter: bus.adapter }, ...settings, store });
  const [one, other] = await Promise.all([start(stores[0]), start(stores[1])]);
  const alice = one.browser();
  await alice.post("/login?user=alice");
  /** The same browser at the other node. */
  const there = other.browser();
  there.cookie = alice.cookie;
  return { bus, one, other, alice, there };
}

async function connectTo(browser: ReturnType<SessionServer["browser"]>) {
  const connected = await browser.connect();
  const end = listenForEnd(connected.client, connected.control, connected.sockets);
  return { ...connected, end };
}

describe("F29 another user in the same session, saved without regenerating it", () => {
  test("reaches the connections on another node, by way of one that has none", async () => {
    const { bus, alice, there } = await startNodes();
    const { end } = await connectTo(there);
    await alice.post("/login?user=bob");
    expect((await end)[0]).toEqual(CHANGED);
    const messages = bus.messages.join("\n");
    expect(messages).toContain('"isChanged":true');
    for (const secret of [alice.id, "alice", "bob"]) expect(messages).not.toContain(secret);
  });

  test("reaches them by way of one that has some, where update changes the user", async () => {
    const { one, alice, there } = await startNodes();
    const here = await connectTo(alice);
    const { end } = await connectTo(there);
    const side = serverSide(one.io, here.socket);
    const update = one.handle.update(side, (session) => void Object.assign(session, { user: "bob" }));
    await expect(update).rejects.toMatchObject({ data: { error: "session_ended" } });
    expect((await here.end)[0]).toEqual(CHANGED);
    expect((await end)[0]).toEqual(CHANGED);
  });

  test("reaches them when it is nobody any more: a sign-out by a save", async () => {
    const { alice, there } = await startNodes();
    const { end } = await connectTo(there);
    await alice.post("/forget");
    expect((await end)[0]).toEqual(ENDED);
  });

  test("reaches a connection that is being admitted by what was stored before", async () => {
    const { other, alice, there } = await startNodes();
    const client = there.client();
    await new Promise<void>((resolve) => client.manager.open(() => resolve()));
    const [read, gate] = [deferred<void>(), deferred<void>()];
    const { get } = other.store;
    let holds = 1;
    other.store.get = (id, callback) => {
      get.call(other.store, id, (error, found) => {
        holds -= 1;
        if (holds < 0) return callback(error, found);
        read.resolve();
        void gate.promise.then(() => callback(error, found));
      });
    };
    const { reads } = other.store;
    const outcome = refused(client.join("/", {}));
    await read.promise;
    await alice.post("/forget");
    // The news have come when the session was read because of them.
    await expect.poll(() => other.store.reads).toBeGreaterThan(reads + 1);
    gate.resolve();
    expect(await outcome).toMatchObject({ error: "session_required" });
    expect(serverSockets(other.io)).toEqual([]);
  });

  test("is told each time, and a save that changes nobody is not", async () => {
    const { bus, alice, there } = await startNodes();
    await connectTo(there);
    const told = () => bus.messages.filter((message) => message.includes("isChanged")).length;
    await alice.post("/set?role=admin");
    await alice.post("/me");
    expect(told()).toBe(0);
    await alice.post("/switch-and-back");
    // Each is said twice, once without and once with an acknowledgement.
    await expect.poll(told).toBe(4);
  });

  test("is told of by a node whose own connections it ends, where a request over HTTP had not seen the user before", async () => {
    const [begun, gate] = [deferred<void>(), deferred<void>()];
    const slow = (app: Express): void => {
      routes(app);
      app.post("/slow", async (request, response) => {
        begun.resolve();
        await gate.promise;
        request.session.role = "late";
        response.json({});
      });
    };
    const { alice, there } = await startNodes({ routes: slow });
    // It has got the session as alice's, and writes all of it over that of bob.
    const late = alice.post("/slow");
    await begun.promise;
    await alice.post("/login?user=bob");
    const here = await connectTo(alice);
    const { end } = await connectTo(there);
    gate.resolve();
    await late;
    expect((await here.end)[0]).toEqual(CHANGED);
    expect((await end)[0]).toEqual(CHANGED);
  });

  test("that does not arrive is found by the re-check", async () => {
    const { bus, alice, there } = await startNodes({ share: { recheckInterval: 200 } });
    const { end } = await connectTo(there);
    bus.isDown = true;
    await alice.post("/login?user=bob");
    expect((await end)[0]).toEqual(CHANGED);
  });

  test("on a single node is told to nobody, and costs no question to the application", async () => {
    let asked = 0;
    const identify = ({ user }: { user?: string }): string | undefined => {
      asked += 1;
      return user;
    };
    const server = await startSessions({ share: { identify } });
    const browser = server.browser();
    await browser.post("/login?user=alice");
    await browser.post("/set?role=admin");
    expect(asked).toBe(0);
  });
});
