import { describe, expect, test, vi } from "vitest";
import { fakeLocks } from "../../support/fake-locks.js";
import { answer, slowStorage } from "../../support/fake-storages.js";
import { connected, followed, settled, tokenOf } from "./harness.js";

describe("logout() acts at once:", () => {
  test("before it returns the link is closed, the token removed and the status loggedOut", async () => {
    const { connection, io, storage, state } = await connected();
    void connection.logout();
    expect([io.links.length, storage.value, state()]).toEqual([0, null, "loggedOut.signedOut"]);
  });

  test("also where the storage takes its time, or never answers", async () => {
    const storage = slowStorage(tokenOf("ada"));
    const made = connected({ storage });
    await settled();
    storage.answerRead();
    const { connection, io, state, messages, dropped } = await made;
    connection.logout().catch(() => {});
    connection.socket.emit("too late");
    expect([io.links.length, state()]).toEqual([0, "loggedOut.signedOut"]);
    // What the storage still holds signs nobody in.
    storage.signal();
    await settled();
    for (const read of storage.reads) read.resolve(tokenOf("ada"));
    await settled();
    expect([io.links.length, messages(), dropped]).toEqual([0, [], ["too late ERR_LOGGED_OUT"]]);
  });
});

describe("then it looks again, once no other tab refreshes", () => {
  test("a token of the same user that another tab has stored meanwhile is erased", async () => {
    const { connection, io, storage, presented, state } = await connected();
    storage.onWrite = (token) => {
      storage.value = token;
      storage.onWrite = undefined;
      // The answer to a refresh of another tab, which had looked just before.
      queueMicrotask(() => {
        storage.value = tokenOf("ada", 2);
      });
    };
    await connection.logout();
    await settled();
    expect([storage.value, state(), io.links.length, presented()]).toEqual([
      null,
      "loggedOut.signedOut",
      0,
      [tokenOf("ada")],
    ]);
  });

  test("under the lock across tabs: it waits for the refresh of another tab, and erases what that stores", async () => {
    const locks = fakeLocks();
    vi.stubGlobal("navigator", { locks: locks.tab("this one") });
    try {
      const { connection, clock, storage, state } = await connected();
      const refreshed = answer<void>();
      void locks.tab("another one").request("the same", {}, () => refreshed.promise);
      const fate = followed(connection.logout());
      await settled();
      expect([storage.value, state(), fate.now]).toEqual([null, "loggedOut.signedOut", "pending"]);
      storage.value = tokenOf("ada", 2);
      refreshed.resolve();
      await settled();
      await clock.advance(5_000);
      await settled();
      expect([storage.value, state(), fate.now]).toEqual([null, "loggedOut.signedOut", "resolved"]);
      expect(locks.isHeld).toBe(false);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("a sign-in since then stays", async () => {
    const { connection, storage, presented } = await connected();
    const leaving = connection.logout();
    const entering = connection.login(tokenOf("grace"));
    await Promise.all([leaving, entering]);
    await connection.whenConnected();
    expect([storage.value, presented().at(-1)]).toEqual([tokenOf("grace"), tokenOf("grace")]);
  });
});
