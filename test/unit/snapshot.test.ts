import { ConnectionError, type ConnectionSnapshot, type IoAdapter } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { connectedRig, lost, rig } from "../support/connections.js";
import { handMadeIo } from "../support/hand-made-io.js";
import { promisesSettled } from "../support/manual-clock.js";
import { jwt } from "../support/tokens.js";

test("the snapshot is the same object until something changes, and listeners hear of each change once", async () => {
  const { connection, io, storage, clock } = rig();
  const seen: ConnectionSnapshot[] = [];
  connection.subscribe(() => seen.push(connection.getSnapshot()));
  expect(connection.getSnapshot()).toBe(connection.getSnapshot());
  io.link.accept();
  const connected = connection.getSnapshot();
  storage.write("first");
  await clock.advance(60_000);
  expect(connection.getSnapshot()).toBe(connected);
  storage.write(null);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.map(({ status, detail }) => `${status}.${detail}`)).toEqual([
    "connected.steady",
    "loggedOut.signedOut",
  ]);
});

test("it fits useSyncExternalStore: a getSnapshot inside a listener is that of the change", async () => {
  const { connection, io } = rig();
  let rendered = connection.getSnapshot();
  const isTorn: boolean[] = [];
  connection.subscribe(() => {
    const now = connection.getSnapshot();
    isTorn.push(now === rendered || now !== connection.getSnapshot());
    rendered = now;
  });
  io.link.accept();
  connection.disconnect();
  expect([isTorn.includes(true), isTorn.length, rendered]).toEqual([false, 2, connection.getSnapshot()]);
});

test("since tells since when, and waiting tells until when", async () => {
  const { connection, io, clock } = rig("first", { reconnectionDelay: 1_000 });
  const start = clock.now();
  await clock.advance(100);
  expect(connection.getSnapshot()).toMatchObject({ detail: "opening", since: start, attempt: 0 });
  expect("retryAt" in connection.getSnapshot()).toBe(false);
  io.link.report({ type: "failed", error: lost });
  const waiting = connection.getSnapshot();
  expect(waiting).toMatchObject({
    status: "connecting",
    detail: "waiting",
    since: start + 100,
    attempt: 1,
    error: lost,
  });
  expect(waiting.retryAt).toBe(clock.now() + (clock.pending()[0] ?? Number.NaN));
});

test("the error is gone once connected, and attempts are forgiven after stableAfter", async () => {
  const { connection, io, clock } = rig("first", { stableAfter: 5_000 });
  io.link.report({ type: "failed", error: lost });
  await clock.advance(1_000);
  io.link.accept();
  expect([connection.getSnapshot().attempt, "error" in connection.getSnapshot()]).toEqual([1, false]);
  await clock.advance(5_000);
  expect(connection.getSnapshot().attempt).toBe(0);
});

test("the expiry of a JWT is shown, and goes with it", async () => {
  const { connection, storage } = await connectedRig(jwt({ sub: "alice", iat: 1_000, exp: 1_300 }));
  expect(connection.getSnapshot().expiresAt).toBe(1_300_000);
  storage.write(jwt({ sub: "alice", iat: 1_000, exp: 1_600 }));
  expect(connection.getSnapshot().expiresAt).toBe(1_600_000);
  storage.write(null);
  expect("expiresAt" in connection.getSnapshot()).toBe(false);
});

test("the expiry is shown by the server's word, where it gives one", async () => {
  const { connection, io, clock, storage } = await connectedRig(
    jwt({ sub: "alice", iat: 1_000, exp: 1_300 }),
  );
  io.link.report({ type: "ready", reauthenticate: true, expiresIn: 60_000 });
  const shown = connection.getSnapshot();
  expect(shown.expiresAt).toBe(clock.now() + 60_000);
  expect(connection.getSnapshot()).toBe(shown);
  storage.write(jwt({ sub: "alice", iat: 1_000, exp: 1_600 }));
  io.link.asked[0]?.answer({ ok: true, expiresIn: 120_000 });
  await promisesSettled();
  expect(connection.getSnapshot()).toMatchObject({ status: "connected", expiresAt: clock.now() + 120_000 });
});

test("the transport of the current link is shown, changes with an upgrade, and goes with the link", async () => {
  const io = handMadeIo();
  const tell: Array<(name: string) => void> = [];
  const watched: IoAdapter = {
    open(request, report) {
      const link = io.open(request, report);
      return Object.assign(link, {
        watchTransport: (listener: (name: string) => void) => tell.push(listener),
      });
    },
  };
  const { connection, storage } = rig(jwt({ sub: "alice", jti: 1 }), { io: watched, rotation: "overlap" });
  const told: unknown[] = [];
  connection.subscribe(({ status, transport }) => told.push([status, transport]));
  const shown = (): string | undefined => connection.getSnapshot().transport;
  tell[0]?.("polling");
  expect([shown(), "transport" in connection.getSnapshot(), told]).toEqual([undefined, false, []]);
  io.link.accept();
  const since = connection.getSnapshot().since;
  tell[0]?.("websocket");
  tell[0]?.("websocket");
  expect(connection.getSnapshot()).toMatchObject({ transport: "websocket", since });
  expect(connection.getSnapshot()).toBe(connection.getSnapshot());
  expect(told.splice(0)).toEqual([
    ["connected", "polling"],
    ["connected", "websocket"],
  ]);
  // The next link opens beside this one, which is the current one until then.
  storage.write(jwt({ sub: "alice", jti: 2 }));
  tell[1]?.("polling");
  expect(shown()).toBe("websocket");
  io.link.accept();
  await promisesSettled();
  expect([connection.status, shown()]).toEqual(["connected", "polling"]);
  tell[0]?.("a link that was left");
  expect(shown()).toBe("polling");
  connection.disconnect();
  tell[1]?.("a link that was closed");
  expect("transport" in connection.getSnapshot()).toBe(false);
  connection.connect();
  io.link.accept();
  // One that says nothing shows nothing.
  expect([connection.status, "transport" in connection.getSnapshot()]).toEqual(["connected", false]);
  tell[2]?.("webtransport");
  expect(shown()).toBe("webtransport");
  connection.dispose();
  expect("transport" in connection.getSnapshot()).toBe(false);
});

test("a server that renders the page shows idle, always the same object", () => {
  const { connection } = rig();
  expect(connection.getServerSnapshot()).toEqual({ status: "idle", detail: "stopped", since: 0, attempt: 0 });
  expect(connection.getServerSnapshot()).toBe(connection.getServerSnapshot());
  expect(Object.isFrozen(connection.getServerSnapshot())).toBe(true);
});

describe("each place has its words", () => {
  test("idle, loggedOut, rotating", async () => {
    const { connection, storage, io } = await connectedRig(jwt({ sub: "alice" }));
    const words = () => `${connection.status}.${connection.getSnapshot().detail}`;
    io.isSettlingAtOnce = false;
    storage.write(jwt({ sub: "alice", jti: "2" }));
    expect(words()).toBe("rotating.replacing");
    io.link.finishSettling();
    await promisesSettled();
    io.link.accept();
    expect(words()).toBe("connected.steady");
    connection.disconnect();
    expect(words()).toBe("idle.stopped");
    storage.write(null);
    expect(words()).toBe("idle.stopped");
    connection.connect();
    expect(words()).toBe("loggedOut.signedOut");
    storage.write("second");
    io.link.report({ type: "refused", verdict: "logout", error: new ConnectionError("ERR_REFUSED", "no") });
    expect(words()).toBe("loggedOut.rejected");
  });

  const alice = (number: number): string => jwt({ sub: "alice", jti: number });
  const refused = new ConnectionError("ERR_REFUSED", "not this one");

  test("reauthenticating, and refreshing while the old link is kept", async () => {
    const refresh = () => new Promise<never>(() => {});
    const { connection, storage, io, clock } = await connectedRig(alice(1), { refresh });
    const words = () => `${connection.status}.${connection.getSnapshot().detail}`;
    io.link.report({ type: "ready", reauthenticate: true });
    storage.write(alice(2));
    expect([words(), "retryAt" in connection.getSnapshot()]).toEqual(["rotating.reauthenticating", false]);
    const since = connection.getSnapshot().since;
    io.link.asked[0]?.answer({ ok: false, verdict: "retry", error: refused });
    await promisesSettled();
    const waiting = connection.getSnapshot();
    expect(words()).toBe("rotating.reauthenticating");
    expect(waiting).toMatchObject({ attempt: 1, error: refused, since });
    expect(waiting.retryAt).toBe(clock.now() + (clock.pending()[0] ?? Number.NaN));
    await clock.advance(1_000);
    expect("retryAt" in connection.getSnapshot()).toBe(false);
    io.link.asked[1]?.answer({ ok: false, verdict: "refresh", error: refused });
    await promisesSettled();
    expect([words(), connection.socket.connected]).toEqual(["rotating.refreshing", true]);
  });

  test("overlapping and draining", async () => {
    const { connection, storage, io, clock } = await connectedRig(alice(1), { rotation: "overlap" });
    const words = () => `${connection.status}.${connection.getSnapshot().detail}`;
    const due = connection.socket.emitWithAck("save");
    const old = io.link;
    storage.write(alice(2));
    expect(words()).toBe("rotating.overlapping");
    io.link.report({ type: "failed", error: lost });
    expect(words()).toBe("rotating.overlapping");
    expect(connection.getSnapshot()).toMatchObject({ attempt: 1, error: lost });
    expect(connection.getSnapshot().retryAt).toBe(clock.now() + (clock.pending()[0] ?? Number.NaN));
    await clock.advance(1_000);
    expect("retryAt" in connection.getSnapshot()).toBe(false);
    io.link.accept();
    await promisesSettled();
    expect(words()).toBe("rotating.draining");
    old.sockets.get("/")?.written[0]?.onAck?.("saved");
    expect([await due, words(), old.isClosed]).toEqual(["saved", "connected.steady", true]);
  });

  test("refreshing ahead of expiry, while connected", async () => {
    const { connection } = await connectedRig("first", { refresh: () => new Promise(() => {}) });
    connection.refresh().catch(() => {});
    expect(connection.getSnapshot()).toMatchObject({ status: "connected", detail: "refreshing" });
  });

  test("exhausted", () => {
    const { connection, io } = rig("first", { reconnectionAttempts: 0 });
    io.link.report({ type: "failed", error: lost });
    expect(connection.getSnapshot()).toMatchObject({
      status: "idle",
      detail: "exhausted",
      attempt: 1,
      error: lost,
    });
  });
});
