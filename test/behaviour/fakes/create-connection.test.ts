import { createConnection, memoryStorage, type StorageAdapter } from "socket-rotor";
import { describe, expect, test, vi } from "vitest";
import { connectedRig, lost, type Rig, rig } from "../../support/connections.js";
import { handMadeIo } from "../../support/hand-made-io.js";
import { manualClock, promisesSettled } from "../../support/manual-clock.js";
import { rejection, thrown } from "../../support/rejection.js";
import { jwt } from "../../support/tokens.js";
import { collectUncaught } from "../../support/uncaught.js";

describe("whenConnected", () => {
  test("resolves at once when connected, and else when it becomes so", async () => {
    const { connection, io, storage } = rig(null);
    const waiting = connection.whenConnected();
    storage.write("first");
    io.link.accept();
    await waiting;
    await connection.whenConnected();
    expect(connection.status).toBe("connected");
  });

  test("in a listener of a socket, sees the state as it is there", async () => {
    const { connection, io } = rig();
    const seen: string[] = [];
    connection.socket.on("connect", () => {
      const whenConnected = connection.whenConnected().then(() => seen.push("resolved"));
      seen.push(connection.status);
      return whenConnected;
    });
    connection.socket.on("disconnect", () => {
      const waiting = connection.whenConnected().then(() => seen.push("resolved too early"));
      seen.push(connection.status);
      return waiting.catch(() => {});
    });
    io.link.accept();
    await promisesSettled();
    io.link.report({ type: "disconnected", verdict: "retry", error: lost, reason: "transport close" });
    await promisesSettled();
    expect(seen).toEqual(["connected", "resolved", "connecting"]);
  });

  test("waits through an outage and a sign-out", async () => {
    const { connection, io, storage } = await connectedRig();
    storage.write(null);
    const done = vi.fn();
    const waiting = connection.whenConnected().then(done);
    await promisesSettled();
    expect(done).not.toHaveBeenCalled();
    storage.write("second");
    io.link.accept();
    await waiting;
  });

  test("rejects with the reason of its signal, before or after it began", async () => {
    const { connection, io } = rig();
    await expect(connection.whenConnected({ signal: AbortSignal.abort("too late") })).rejects.toBe(
      "too late",
    );
    const controller = new AbortController();
    const waiting = connection.whenConnected({ signal: controller.signal });
    controller.abort("changed my mind");
    await expect(waiting).rejects.toBe("changed my mind");
    io.link.accept();
    await expect(connection.whenConnected({ signal: AbortSignal.abort("again") })).rejects.toBe("again");
  });

  test("rejects when the connection is disposed of", async () => {
    const { connection } = rig(null);
    const waiting = rejection(connection.whenConnected(), "ERR_DISPOSED");
    connection.dispose();
    await waiting;
    await rejection(connection.whenConnected(), "ERR_DISPOSED");
  });
});

describe("subscribe", () => {
  test("takes a function, and says so at once", () => {
    const { connection } = rig();
    const subscribe = () => Reflect.apply(connection.subscribe, connection, []);
    thrown(subscribe, "ERR_INVALID_OPTION");
  });

  test("the same function twice is called twice, and each end ends one", () => {
    const { connection, io } = rig();
    const listener = vi.fn();
    const ends = [connection.subscribe(listener), connection.subscribe(listener)];
    io.link.accept();
    expect(listener).toHaveBeenCalledTimes(2);
    ends[0]?.();
    ends[0]?.();
    connection.disconnect();
    expect(listener).toHaveBeenCalledTimes(3);
  });

  test("a listener that throws is reported as uncaught, and the others hear all the same", async () => {
    const { connection, io } = rig();
    const listener = vi.fn();
    connection.subscribe(() => {
      throw new Error("in a listener");
    });
    connection.subscribe(listener);
    const uncaught = await collectUncaught(() => {
      io.link.accept();
      connection.dispose();
    });
    expect(uncaught.map(String)).toEqual(["Error: in a listener", "Error: in a listener"]);
    expect([listener.mock.calls.length, io.link.isClosed]).toEqual([2, true]);
  });
});

describe("what watches does no harm", () => {
  test("an inspect that throws is reported as uncaught, and the connection goes on", async () => {
    const uncaught = await collectUncaught(async () => {
      const { connection } = await connectedRig("first", {
        inspect: () => {
          throw new Error("in inspect");
        },
      });
      expect(connection.status).toBe("connected");
      connection.dispose();
    });
    expect(new Set(uncaught.map(String))).toEqual(new Set(["Error: in inspect"]));
  });

  test("inspect may be an observer", async () => {
    const next = vi.fn();
    await connectedRig("first", { inspect: { next } });
    expect(next.mock.calls.length).toBeGreaterThan(5);
  });

  test("a logger that throws, or has no methods, changes nothing", async () => {
    const thrower = (): never => {
      throw new Error("in the logger");
    };
    for (const logger of [{ debug: thrower, info: thrower, warn: thrower }, {}]) {
      const { connection } = await connectedRig("first", { logger, url: "http://example.com" });
      expect(connection.status).toBe("connected");
    }
  });
});

describe("starting", () => {
  test("with autoConnect false nothing is opened until connect()", () => {
    const { connection, io } = rig("first", { autoConnect: false });
    expect([connection.status, io.links.length]).toEqual(["idle", 0]);
    connection.connect();
    expect(io.links).toHaveLength(1);
  });

  test("G8: with a token and a server, connected is reached without anybody doing anything", async () => {
    const { connection, io, clock } = rig();
    for (let failures = 0; failures < 10; failures += 1) {
      io.link.report({
        type: "disconnected",
        verdict: "retry",
        error: lost,
        reason: "transport close",
      });
      await clock.advance(clock.pending()[0] ?? 0);
    }
    io.link.accept();
    expect([connection.status, io.links.length]).toEqual(["connected", 11]);
  });

  test("of the primary namespace is the socket", () => {
    const { connection } = rig("first", { url: "https://host/chat" });
    expect(connection.of("/chat")).toBe(connection.socket);
    thrown(() => connection.of("chat"), "ERR_INVALID_NAMESPACE");
  });

  test("G9 refresh() that is under way at the end is told so", async () => {
    const { connection } = await connectedRig("first", { refresh: () => new Promise(() => {}) });
    const ended = rejection(connection.refresh(), "ERR_NOT_REFRESHED");
    await promisesSettled();
    connection.dispose();
    await ended;
  });

  test("refresh() while it runs ahead of expiry joins it", async () => {
    const refresh = vi.fn(async () => jwt({ sub: "alice", jti: 2 }));
    const { connection, io } = await connectedRig(jwt({ sub: "alice", jti: 1 }), { refresh });
    const all = [connection.refresh(), connection.refresh()];
    await Promise.all(all);
    io.link.accept();
    expect([refresh.mock.calls.length, connection.status]).toEqual([1, "connected"]);
  });

  test.each([
    ["of the socket", ({ connection }: Rig, call: () => void) => connection.socket.once("connect", call)],
    ["of the connection", ({ connection }: Rig, call: () => void) => connection.subscribe(call)],
  ])("refresh() in a listener %s refreshes, and resolves when that is done", async (_whose, listen) => {
    const refresh = vi.fn(async () => jwt({ sub: "alice", jti: 2 }));
    const made = rig(jwt({ sub: "alice", jti: 1 }), { refresh });
    let refreshed: Promise<unknown> | undefined;
    listen(made, () => {
      if (made.connection.status === "connected") refreshed ??= made.connection.refresh();
    });
    made.io.link.accept();
    await expect(refreshed).resolves.toBeUndefined();
    expect([refresh.mock.calls.length, made.storage.read()]).toEqual([1, jwt({ sub: "alice", jti: 2 })]);
  });

  test("refresh() where there is nothing to refresh is refused, in a listener too", async () => {
    const { connection } = rig(null, { refresh: async () => "fresh", autoConnect: false });
    await rejection(connection.refresh(), "ERR_NOT_REFRESHED");
    let refused: Promise<unknown> | undefined;
    connection.subscribe(() => {
      refused ??= rejection(connection.refresh(), "ERR_NOT_REFRESHED");
    });
    connection.connect();
    await refused;
  });

  test("refresh() without the option is refused", async () => {
    await rejection(rig().connection.refresh(), "ERR_NO_REFRESH");
  });

  test("a subscribe of the storage that throws does not stop the connection", () => {
    const io = handMadeIo();
    const storage: StorageAdapter = {
      read: () => "first",
      subscribe() {
        throw new Error("no events here");
      },
    };
    const connection = createConnection({
      url: "https://host",
      storage,
      io,
      clock: manualClock(),
      logger: {},
    });
    expect(io.links).toHaveLength(1);
    connection.dispose();
  });

  test("two connections on one storage follow it both", () => {
    const storage = memoryStorage("first");
    const both = [rig("x", { storage }), rig("x", { storage })];
    storage.write(null);
    expect(both.map(({ connection }) => connection.status)).toEqual(["loggedOut", "loggedOut"]);
  });
});
