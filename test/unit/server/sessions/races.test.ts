import type { SessionData } from "express-session";
import { sessionDeadline } from "socket-rotor/server";
import { expect, test } from "vitest";
import { deferred, listenForEnd, serverSockets } from "../../../support/real-server.js";
import { CountingStore, signedIn, startSessions } from "./fixture.js";

test("a connection that ends while its session is read is not on the record afterwards", async () => {
  const { store, io, lines, browser } = await startSessions();
  const alice = browser();
  await alice.post("/login?user=alice");
  await alice.connect();
  const other = alice.client();
  await new Promise<void>((resolve) => other.manager.open(() => resolve()));
  const { reads } = store;
  store.state = "hanging";
  other.join("/", {});
  await expect.poll(() => store.reads).toBeGreaterThan(reads);
  other.manager._close();
  await expect.poll(() => io.engine.clientsCount).toBe(1);
  store.recover();
  await alice.post("/logout");
  expect(lines).toContainEqual(
    expect.stringContaining("1 connections of a session were ended here, and told session_ended"),
  );
});

test("a sign-out that is being saved while a handshake reads what was there ends that connection too", async () => {
  const store = new SlowStore();
  const { browser } = await startSessions({
    store,
    routes: (app) =>
      app.post("/forget", (request, response) => {
        delete request.session.user;
        response.json({});
      }),
  });
  const alice = browser();
  await alice.post("/login?user=alice");
  const gate = deferred<void>();
  const begun = store.holdWrites(gate.promise);
  const forgetting = alice.post("/forget");
  await begun;
  const { client, control, sockets } = await alice.connect();
  const end = listenForEnd(client, control, sockets);
  gate.resolve();
  await forgetting;
  expect(await end).toContainEqual(expect.objectContaining({ error: "session_ended" }));
});

test('F32 a store that is too slow for sessionDeadline destroys no session, with `unset: "destroy"` neither', async () => {
  const { store, browser } = await startSessions({
    session: { unset: "destroy" },
    http: (middleware) => sessionDeadline(middleware, 100),
  });
  const alice = browser();
  await alice.post("/login?user=alice");
  store.state = "hanging";
  expect((await alice.post("/me")).status).toBe(503);
  store.recover();
  expect(await alice.post("/me")).toMatchObject({ status: 200, body: { user: "alice" } });
});

test("a user who has only begun to sign in has nobody's identity", async () => {
  const { io, browser } = await startSessions({
    share: { ...signedIn, required: false, isSignedIn: ({ role }) => role === "second factor given" },
  });
  const alice = browser();
  await alice.post("/login?user=alice");
  await alice.connect();
  expect(serverSockets(io).map(({ data }) => data.identity)).toEqual([expect.stringMatching(/^session:/)]);
});

test("F28 a second sign-out that fails does not let a late save bring the session back", async () => {
  const { store, browser } = await startSessions();
  const alice = browser();
  await alice.post("/login?user=alice");
  const { id } = alice;
  await alice.post("/logout");
  store.state = "failing";
  await expect(
    new Promise<void>((resolve, reject) => store.destroy(id, (error) => (error ? reject(error) : resolve()))),
  ).rejects.toThrow("down");
  store.state = "well";
  await new Promise<void>((resolve) => store.set(id, lateSave, () => resolve()));
  expect(store.stored(id)).toBeUndefined();
});

const lateSave: SessionData = { cookie: { originalMaxAge: null }, user: "alice" };

/** Its writes can be held up. */
class SlowStore extends CountingStore {
  #gate = Promise.resolve();
  #onWrite = (): void => {};

  /** Resolves when a write has begun. */
  holdWrites(gate: Promise<void>): Promise<void> {
    this.#gate = gate;
    return new Promise((resolve) => {
      this.#onWrite = resolve;
    });
  }

  override set(id: string, data: SessionData, callback?: (error?: unknown) => void): void {
    this.#onWrite();
    void this.#gate.then(() => super.set(id, data, callback));
  }
}
