import { createServer } from "node:http";
import type { Express } from "express";
import type { SessionData } from "express-session";
import { describe, expect, test } from "vitest";
import { deferred, listenForEnd, next, refused, serverSockets } from "../../../support/real-server.js";
import { handshake } from "../handshake.js";
import { CountingStore, type SessionServer, serverSide, signedIn, startSessions } from "./fixture.js";

const ENDED = expect.objectContaining({ error: "session_ended" });
const CHANGED = expect.objectContaining({ error: "session_changed" });

/** Signs alice in, connects her in two namespaces, and listens for the end. */
async function alice(server: SessionServer, transport: "websocket" | "polling" = "websocket") {
  server.io.of("/chat");
  const browser = server.browser();
  await browser.post("/login?user=alice");
  const connected = await browser.connect({ transports: [transport] }, ["/", "/chat"]);
  const end = listenForEnd(connected.client, connected.control, connected.sockets);
  return { browser, end, ...connected };
}

describe.each(["websocket", "polling"] as const)("F28 over %s", (transport) => {
  test("a session that is destroyed over HTTP ends its connections, goodbye first, and no others", async () => {
    const server = await startSessions();
    const { browser, end } = await alice(server, transport);
    const bob = server.browser();
    await bob.post("/login?user=bob");
    await bob.connect();
    await browser.post("/logout");
    const [first, ...rest] = await end;
    expect(first).toEqual(ENDED);
    expect(rest).toHaveLength(3);
    expect(serverSockets(server.io).map(({ data }) => data.identity)).toEqual(["bob"]);
    expect(await refused(browser.client().join("/", {}))).toMatchObject({ error: "session_required" });
  });
});

describe("F28 nothing brings a destroyed session back", () => {
  test("not a long poll that was pending, also with resave", async () => {
    const server = await startSessions({ session: { resave: true } });
    const { browser, client, end } = await alice(server, "polling");
    const { id } = browser;
    await browser.post("/logout");
    await end;
    expect(client.manager.engine.readyState).toBe("closed");
    expect(server.store.stored(id)).toBeUndefined();
  });

  test("not a request over HTTP that began before and saves its session afterwards", async () => {
    const [begun, gate] = [deferred<void>(), deferred<void>()];
    const routes = (app: Express): void => {
      app.post("/slow", async (request, response) => {
        begun.resolve();
        await gate.promise;
        request.session.role = "late";
        request.session.save((error) => response.json({ error }));
      });
    };
    const server = await startSessions({ routes });
    const { browser } = await alice(server);
    const { id } = browser;
    const slow = browser.post("/slow");
    await begun.promise;
    await browser.post("/logout");
    const { writes } = server.store;
    gate.resolve();
    // It is answered as if it had been saved, and the store is not asked.
    expect((await slow).body).toEqual({ error: null });
    expect(server.store.writes).toBe(writes);
    expect(server.store.stored(id)).toBeUndefined();
  });

  test("not a save that the store was busy with when it was destroyed", async () => {
    const server = await startSessions();
    const { browser, end } = await alice(server);
    const { id } = browser;
    server.store.state = "hanging";
    const saved = new Promise((resolve) => server.store.set(id, { cookie: { originalMaxAge: 1 } }, resolve));
    server.store.state = "well";
    await browser.post("/logout");
    await end;
    server.store.recover();
    await saved;
    expect(server.store.stored(id)).toBeUndefined();
  });

  test("not a touch, and not an update", async () => {
    const server = await startSessions();
    const { browser, socket } = await alice(server);
    const side = serverSide(server.io, socket);
    const { touches } = server.store;
    const gate = deferred<void>();
    const update = server.handle.update(side, async (session) => {
      session.role = "late";
      await gate.promise;
    });
    const { id } = browser;
    await browser.post("/logout");
    gate.resolve();
    await expect(update).rejects.toMatchObject({ data: { error: "session_ended" } });
    await new Promise<void>((resolve) => {
      server.store.touch(id, { cookie: { originalMaxAge: 1 } }, () => resolve());
    });
    expect(server.store.stored(id)).toBeUndefined();
    expect(server.store.touches).toBe(touches);
  });

  test("not a touch that a store was busy with, which writes the whole session", async () => {
    const [begun, gate, written] = [deferred<void>(), deferred<void>(), deferred<void>()];
    class WritingStore extends CountingStore {
      override touch(id: string, data: SessionData, callback?: (error?: unknown) => void): void {
        begun.resolve();
        void gate.promise.then(() => {
          this.sessions[id] = JSON.stringify(data);
          written.resolve();
          callback?.();
        });
      }
    }
    const store = new WritingStore();
    const server = await startSessions({ store });
    const { browser, socket, end } = await alice(server);
    const { id } = browser;
    socket.emit("anything");
    await begun.promise;
    await browser.post("/logout");
    await end;
    gate.resolve();
    await written.promise;
    await expect.poll(() => store.stored(id)).toBeUndefined();
    expect((await browser.post("/me")).body).not.toHaveProperty("user");
  });

  test("a session that could not be destroyed goes on", async () => {
    const server = await startSessions();
    const { browser, socket } = await alice(server);
    server.store.state = "failing";
    const destroyed = new Promise((resolve) => server.store.destroy(browser.id, resolve));
    expect(await destroyed).toBeInstanceOf(Error);
    server.store.state = "well";
    await browser.post("/set?role=admin");
    expect(server.store.stored(browser.id)).toMatchObject({ role: "admin" });
    expect(socket.connected).toBe(true);
  });
});

describe("F31 a session that is regenerated", () => {
  test("tells its connections that it has changed, and its old id lets nobody in", async () => {
    const server = await startSessions();
    const { browser, end } = await alice(server);
    const old = server.browser();
    old.cookie = browser.cookie;
    await browser.post("/regenerate?user=bob");
    expect((await end)[0]).toEqual(CHANGED);
    const told = server.lines.filter((line) => line.includes("connections of a session"));
    expect(told).toEqual([
      "[socket-rotor] 1 connections of a session were ended here, and told session_changed.",
    ]);
    expect(await refused(old.client().join("/", {}))).toMatchObject({ error: "session_required" });
    const { socket } = await browser.connect();
    expect(serverSide(server.io, socket).data).toEqual({ identity: "bob" });
  });
});

test("a session that is regenerated by a sign-out in it ends its connections", async () => {
  const routes = (app: Express): void => {
    app.post("/leave", (request, response) => {
      delete request.session.user;
      request.session.regenerate(() => response.json({}));
    });
  };
  const server = await startSessions({ routes });
  const { browser, end } = await alice(server);
  await browser.post("/leave");
  expect((await end)[0]).toEqual(ENDED);
});

describe("a session that is saved", () => {
  test("as someone else's tells its connections that it has changed", async () => {
    const server = await startSessions();
    const { browser, end } = await alice(server);
    await browser.post("/login?user=bob");
    expect((await end)[0]).toEqual(CHANGED);
  });

  test("without a user ends its connections", async () => {
    const routes = (app: Express): void => {
      app.post("/forget", (request, response) => {
        delete request.session.user;
        response.json({});
      });
    };
    const server = await startSessions({ routes });
    const { browser, end } = await alice(server);
    await browser.post("/forget");
    expect((await end)[0]).toEqual(ENDED);
  });

  test("with other data leaves them alone", async () => {
    const server = await startSessions();
    const { browser, socket } = await alice(server);
    await browser.post("/set?role=admin");
    expect(socket.connected).toBe(true);
  });
});

test("clearing the store ends all connections", async () => {
  const server = await startSessions();
  const { end } = await alice(server);
  await new Promise<void>((resolve) => server.store.clear(() => resolve()));
  expect((await end)[0]).toEqual(ENDED);
});

describe("F28 a sign-out is heard", () => {
  test("after the HTTP server was closed and listens again", async () => {
    const server = await startSessions();
    const { httpServer } = server.io;
    const { port } = new URL(server.url);
    await new Promise<void>((resolve) => httpServer.close(() => resolve()));
    await new Promise<void>((resolve) => httpServer.listen(Number(port), "127.0.0.1", () => resolve()));
    const { browser, end } = await alice(server);
    await browser.post("/logout");
    expect((await end)[0]).toEqual(ENDED);
  });

  test("after io.close(), where another HTTP server is attached", async () => {
    const server = await startSessions();
    const { httpServer } = server.io;
    const { port } = new URL(server.url);
    await server.io.close();
    // The same application, by its old server.
    const http = createServer((request, response) => void httpServer.emit("request", request, response));
    server.io.attach(http);
    await new Promise<void>((resolve) => http.listen(Number(port), "127.0.0.1", resolve));
    const { browser, end } = await alice(server);
    await browser.post("/logout");
    expect((await end)[0]).toEqual(ENDED);
  });

  test("until the last of two HTTP servers is closed", async () => {
    const server = await startSessions();
    const second = createServer();
    server.io.attach(second);
    await new Promise<void>((resolve) => second.listen(0, "127.0.0.1", resolve));
    const address = second.address();
    const port = typeof address === "object" ? address?.port : undefined;
    expect((await handshake(`http://127.0.0.1:${port}`, "websocket")).status).toBe(101);
    await new Promise<void>((resolve) => second.close(() => resolve()));
    const { browser, end } = await alice(server);
    await browser.post("/logout");
    expect((await end)[0]).toEqual(ENDED);
  });
});

describe("clearing the store while a request over HTTP is under way", () => {
  async function clearMeanwhile(path: string) {
    const [begun, gate] = [deferred<void>(), deferred<void>()];
    const routes = (app: Express): void => {
      app.post("/slow", async (request, response) => {
        begun.resolve();
        await gate.promise;
        request.session.role = "late";
        response.json({});
      });
      app.post("/slow-sign-in", async (request, response) => {
        begun.resolve();
        await gate.promise;
        request.session.regenerate(() => {
          request.session.user = "bob";
          response.json({});
        });
      });
    };
    const server = await startSessions({ routes });
    const browser = server.browser();
    await browser.post("/login?user=alice");
    const slow = browser.post(path);
    await begun.promise;
    await new Promise<void>((resolve) => server.store.clear(() => resolve()));
    gate.resolve();
    await slow;
    return { server, browser };
  }

  test("does not bring back its session, which has no connection here", async () => {
    const { server } = await clearMeanwhile("/slow");
    expect(server.store.size).toBe(0);
  });

  test("lets it begin a new one", async () => {
    const { server, browser } = await clearMeanwhile("/slow-sign-in");
    expect(server.store.stored(browser.id)).toMatchObject({ user: "bob" });
  });
});

describe("end of the handle", () => {
  test("ends every connection of the session with the word that it is given", async () => {
    const server = await startSessions();
    const { browser, end } = await alice(server);
    expect(await server.handle.end(browser.id)).toBe(true);
    expect((await end)[0]).toEqual(ENDED);
    // The store is left as it is.
    expect(server.store.stored(browser.id)).toMatchObject({ user: "alice" });
    await browser.connect();
  });
});

describe("F32 a session that vanishes from the store", () => {
  test("ends its connections within the re-check interval, and one read does for all of them", async () => {
    const recheckInterval = 300;
    const server = await startSessions({ share: { recheckInterval } });
    const { browser, end } = await alice(server);
    await browser.connect();
    const begun = performance.now();
    server.store.lose(browser.id);
    expect((await end)[0]).toEqual(ENDED);
    await expect.poll(() => serverSockets(server.io).length).toBe(0);
    console.info(`ended ${Math.round(performance.now() - begun - recheckInterval)} ms after the interval`);
  });

  test("is read once an interval, however many connections it has, and no longer than it has any", async () => {
    const server = await startSessions({ share: { recheckInterval: 50 } });
    const { browser, client } = await alice(server);
    const others = await Promise.all(Array.from({ length: 9 }, () => browser.connect()));
    const begun = { reads: server.store.reads, time: performance.now() };
    await expect.poll(() => server.store.reads - begun.reads).toBeGreaterThan(3);
    expect(server.store.reads - begun.reads).toBeLessThanOrEqual((performance.now() - begun.time) / 50 + 1);
    for (const { manager } of [client, ...others.map((other) => other.client)]) manager._close();
    await expect.poll(() => server.links.size).toBe(0);
    const { reads } = server.store;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(server.store.reads).toBe(reads);
  });

  test("does not as long as something is sent, as that touches it", async () => {
    const server = await startSessions({
      session: { cookie: { maxAge: 2_000 } },
      share: { recheckInterval: 100, touchInterval: 100 },
    });
    server.io.on("connection", (socket) => socket.on("hello", (answer) => answer()));
    const { browser, socket, end } = await alice(server);
    const until = performance.now() + 4_500;
    const { writes } = server.store;
    while (performance.now() < until) {
      await socket.emitWithAck("hello");
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(socket.connected).toBe(true);
    expect(server.store.writes).toBe(writes);
    expect(server.store.stored(browser.id)).toMatchObject({ user: "alice" });
    // And it does once nothing is.
    expect((await end)[0]).toEqual(ENDED);
  });
});

test("signing out during the handshake: 0 of 50 sockets survive", async () => {
  const server = await startSessions();
  let survivors = 0;
  for (let round = 0; round < 50; round += 1) {
    const browser = server.browser();
    await browser.post(`/login?user=user${round}`);
    const client = browser.client({ transports: [round % 2 === 0 ? "websocket" : "polling"] });
    const signOut = moment(server.store, round % 5, () => browser.post("/logout"));
    const socket = client.join("/", {});
    const outcome = new Promise((resolve) => {
      socket.once("connect_error", resolve);
      socket.once("disconnect", resolve);
    });
    await signOut;
    await outcome;
    survivors += serverSockets(server.io).filter(({ data }) => data.identity === `user${round}`).length;
  }
  expect(survivors).toBe(0);
});

test("signing out by a save while the store is read for a connection lets it in no more", async () => {
  const routes = (app: Express): void => {
    app.post("/forget", (request, response) => {
      delete request.session.user;
      request.session.save(() => response.json({}));
    });
  };
  const server = await startSessions({ routes });
  const browser = server.browser();
  await browser.post("/login?user=alice");
  const client = browser.client();
  await new Promise<void>((resolve) => client.manager.open(() => resolve()));
  const { get } = server.store;
  server.store.get = (id, callback) => {
    server.store.get = get;
    // What was read is old when it arrives.
    get.call(server.store, id, (error, found) => {
      void browser.post("/forget").then(() => callback(error, found));
    });
  };
  expect(await refused(client.join("/", {}))).toMatchObject({ error: "session_required" });
});

/** Does something at the n-th next read of the store; resolves when it is done. At 0 it does it now. */
function moment(store: CountingStore, reads: number, work: () => Promise<unknown>): Promise<unknown> {
  if (reads === 0) return work();
  const at = store.reads + Math.min(reads, 2);
  return new Promise((resolve, reject) => {
    const get = store.get;
    store.get = (id, callback) => {
      if (store.reads + 1 >= at) {
        store.get = get;
        // While it is read; when it was read; and after it was read, before the answer arrives.
        if (reads < 3) work().then(resolve, reject);
        else
          return get.call(store, id, (error, found) => {
            const done = work();
            done.then(resolve, reject);
            if (reads === 3) callback(error, found);
            else void done.then(() => callback(error, found));
          });
      }
      get.call(store, id, callback);
    };
  });
}

test("a session that begins in a guest's changes the guest's connection", async () => {
  const server = await startSessions({ share: { ...signedIn, required: false } });
  const browser = server.browser();
  await browser.post("/set?role=guest");
  const { control } = await browser.connect();
  const goodbye = next(control, "goodbye");
  await browser.post("/login?user=alice");
  expect(await goodbye).toEqual(CHANGED);
});
