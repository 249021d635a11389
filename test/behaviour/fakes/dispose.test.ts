import type { ConnectionOptions, StorageAdapter } from "socket-rotor";
import { describe, expect, test, vi } from "vitest";
import { connectedRig, lost, rig } from "../../support/connections.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { rejection, thrown } from "../../support/rejection.js";
import { jwt } from "../../support/tokens.js";

const alice = (number: number): string => jwt({ sub: "alice", jti: number });

describe("dispose", () => {
  test("G9: leaves no timer, listener or link, and a second time does nothing", async () => {
    const { connection, io, clock, signals } = await connectedRig();
    const listener = vi.fn();
    connection.subscribe(listener);
    const due = rejection(connection.socket.emitWithAck("save"), "ERR_DISPOSED").catch(
      (error: unknown) => error,
    );
    connection.dispose();
    connection.dispose();
    await promisesSettled();
    await due;
    expect([io.link.isClosed, signals.size, clock.pending(), listener.mock.calls.length]).toEqual([
      true,
      0,
      [],
      1,
    ]);
    expect(connection.getSnapshot()).toMatchObject({ status: "idle", detail: "stopped" });
  });

  test("G9: holds in every state", async () => {
    const hung: StorageAdapter = {
      read: () => new Promise(() => {}),
      write: () => new Promise(() => {}),
      subscribe: () => () => {},
    };
    /** Connected, with a newer token of the same user on its way. */
    const rotating = (options: Partial<ConnectionOptions>, ready = { reauthenticate: false }) => {
      const made = rig(alice(1), options);
      made.io.isSettlingAtOnce = false;
      made.io.link.accept(ready);
      made.connection.socket.emit("save", () => {});
      made.storage.write(alice(2));
      return made;
    };
    const places: Record<string, () => ReturnType<typeof rig>> = {
      stopped: () => rig("first", { autoConnect: false }),
      reading: () => rig("first", { storage: hung }),
      writing: () => {
        const made = rig("first", { storage: hung });
        made.connection.login("second").catch(() => {});
        made.connection.logout().catch(() => {});
        return made;
      },
      opening: () => rig(),
      waiting: () => {
        const made = rig();
        made.io.link.report({ type: "disconnected", verdict: "retry", error: lost, reason: "x" });
        return made;
      },
      refreshing: () => {
        const made = rig("first", { refresh: () => new Promise(() => {}) });
        made.connection.refresh().catch(() => {});
        return made;
      },
      "refreshing ahead of expiry": () => {
        const made = rig(alice(1), { refresh: () => new Promise(() => {}) });
        made.io.link.accept({ reauthenticate: false });
        made.connection.refresh().catch(() => {});
        return made;
      },
      "connected, with a refresh due later": () => {
        const token = jwt({ sub: "alice", iat: 0, exp: 3_600 });
        const made = rig(token, { refresh: async () => "second" });
        made.io.link.accept();
        return made;
      },
      "checking after a sleep": () => {
        const made = rig();
        made.io.isSettlingAtOnce = false;
        made.io.link.accept();
        for (const signal of made.signals) signal("page.resumed");
        return made;
      },
      replacing: () => rotating({}),
      reauthenticating: () => rotating({}, { reauthenticate: true }),
      overlapping: () => rotating({ rotation: "overlap" }),
      "overlapping, settling": () => {
        const made = rotating({ rotation: "overlap" });
        made.io.link.accept();
        return made;
      },
      draining: () => {
        const made = rotating({ rotation: "overlap" });
        made.io.isSettlingAtOnce = true;
        made.io.link.accept();
        return made;
      },
      signedOut: () => rig(null),
      unreadable: () =>
        rig("first", { storage: { read: () => Promise.reject(new Error("x")), subscribe: () => () => {} } }),
    };
    for (const [place, make] of Object.entries(places)) {
      const { connection, clock, signals, io } = make();
      await promisesSettled();
      connection.dispose();
      await promisesSettled();
      const open = io.links.filter(({ isClosed }) => !isClosed);
      expect([place, clock.pending(), signals.size, open.length]).toEqual([place, [], 0, 0]);
    }
  });

  test("every method fails with ERR_DISPOSED from then on, and what is emitted is refused", async () => {
    const { connection } = await connectedRig("first", { refresh: async () => "second" });
    const { socket } = connection;
    const dropped: unknown[] = [];
    socket.on("dropped", (...args) => dropped.push(args));
    connection.dispose();
    for (const call of [
      connection.connect,
      connection.disconnect,
      () => connection.of("/x"),
      () => socket.connect(),
      () => socket.open(),
    ]) {
      thrown(() => call(), "ERR_DISPOSED");
    }
    for (const call of [() => connection.login("x"), () => connection.logout(), () => connection.refresh()])
      await rejection(call(), "ERR_DISPOSED");
    expect(socket.disconnect()).toBe(socket);
    socket.emit("late");
    await rejection(socket.emitWithAck("late"), "ERR_DISPOSED");
    expect([dropped, socket.connected, socket.active]).toEqual([[["late", "ERR_DISPOSED"]], false, false]);
  });

  test("subscribe does nothing from then on, as frameworks call it in an order of their own", () => {
    const { connection } = rig();
    connection.dispose();
    const listener = vi.fn();
    const end = connection.subscribe(listener);
    end();
    end();
    expect([listener.mock.calls, connection.status]).toEqual([[], "idle"]);
  });

  test("is what `using` calls, where there is Symbol.dispose", () => {
    const { connection, io } = rig();
    connection[Symbol.dispose]();
    expect([io.link.isClosed, connection.status]).toEqual([true, "idle"]);
  });

  test("by a listener, in the middle of a change, is heeded", async () => {
    const { connection, io, clock } = rig();
    connection.subscribe(() => connection.dispose());
    io.link.accept();
    await promisesSettled();
    expect([io.link.isClosed, clock.pending(), connection.status]).toEqual([true, [], "idle"]);
  });
});
