import { accept, type FakeBehaviour, fakeIo, hang, refuse, unreachable } from "socket-rotor/testing";
import { describe, expect, test } from "vitest";
import { connect, connected, settled, tokenOf, untilConnected } from "./harness.js";

test("five states: idle, connecting, connected, rotating, loggedOut", async () => {
  const made = connect({ autoConnect: false });
  const { connection, io, storage } = made;
  const seen = [connection.status];
  connection.subscribe(() => {
    if (connection.status !== seen.at(-1)) seen.push(connection.status);
  });
  io.isBarrierHeld = true;
  connection.connect();
  await untilConnected(made);
  await storage.write(tokenOf("ada", 2));
  await settled();
  io.links[0]?.settle();
  await untilConnected(made);
  await storage.write(null);
  await settled();
  connection.disconnect();
  expect(seen).toEqual(["idle", "connecting", "connected", "rotating", "connected", "loggedOut", "idle"]);
});

describe("backoff", () => {
  test("has full jitter below a limit that doubles up to reconnectionDelayMax, and never gives up", async () => {
    const { connection, clock, presented } = connect({
      io: fakeIo(unreachable()),
      reconnectionDelay: 1_000,
      reconnectionDelayMax: 8_000,
    });
    const delays: number[] = [];
    connection.subscribe(() => {
      const { detail, since, retryAt } = connection.getSnapshot();
      if (detail === "waiting" && retryAt !== undefined) delays.push(retryAt - since);
    });
    await settled();
    for (let minutes = 0; minutes < 20; minutes += 1) await clock.advance(60_000);
    expect(delays.length).toBeGreaterThan(100);
    expect(delays.filter((delay, index) => delay > Math.min(8_000, 1_000 * 2 ** index) || delay < 0)).toEqual(
      [],
    );
    // Spread over all of it.
    const late = delays.slice(4);
    expect(late.filter((delay) => delay < 4_000).length).toBeGreaterThan(late.length / 10);
    expect(late.filter((delay) => delay > 4_000).length).toBeGreaterThan(late.length / 10);
    expect([connection.status, presented().length > 100]).toEqual(["connecting", true]);
  });

  test("follows a retryAfter of the server's", async () => {
    const { connection, clock, presented } = connect({ io: fakeIo(refuse("retry", 90_000), accept()) });
    await settled();
    await clock.advance(89_999);
    await settled();
    expect([connection.status, presented().length]).toEqual(["connecting", 1]);
    const { retryAt = 0 } = connection.getSnapshot();
    await clock.advance(retryAt - clock.now());
    await settled();
    expect([connection.status, presented().length]).toEqual(["connected", 2]);
  });

  test("ends in idle.exhausted after reconnectionAttempts, and connect() leads out of it", async () => {
    const { connection, io, clock, state } = connect({ io: fakeIo(unreachable()), reconnectionAttempts: 2 });
    await settled();
    await clock.advance(60_000);
    await settled();
    expect([state(), connection.getSnapshot().attempt]).toEqual(["idle.exhausted", 3]);
    io.behave(accept());
    connection.connect();
    await settled();
    expect(state()).toBe("connected.steady");
  });

  test("is over at once when the network comes back", async () => {
    const { connection, io, signal, state } = connect({ io: fakeIo(unreachable()) });
    await settled();
    expect(state()).toBe("connecting.waiting");
    io.behave(accept());
    signal("network.online");
    await settled();
    expect(connection.status).toBe("connected");
  });
});

describe("a token that the server refuses", () => {
  test("as expired is refreshed once, and not sent again", async () => {
    const { connection, presented, storage } = connect({
      io: fakeIo(refuse("refresh"), accept()),
      refresh: async () => tokenOf("ada", 2),
    });
    await connection.whenConnected();
    expect(presented()).toEqual([tokenOf("ada"), tokenOf("ada", 2)]);
    expect(storage.value).toBe(tokenOf("ada", 2));
  });

  test("and then the refreshed one as well ends in loggedOut.rejected, with the storage as it is", async () => {
    const { clock, presented, storage, state, signal } = connect({
      io: fakeIo(refuse("refresh")),
      refresh: async () => tokenOf("ada", 2),
    });
    await settled();
    signal("network.online");
    signal("page.resumed");
    await clock.advance(600_000);
    await settled();
    expect([state(), presented().length, storage.value]).toEqual([
      "loggedOut.rejected",
      2,
      tokenOf("ada", 2),
    ]);
    await storage.write(tokenOf("ada", 3));
    await settled();
    expect(presented().length).toBeGreaterThan(2);
  });

  test("for good is not sent again; another token is", async () => {
    const { connection, io, storage, state, presented } = connect({ io: fakeIo(refuse("logout"), accept()) });
    await settled();
    expect([state(), connection.getSnapshot().error?.code]).toEqual(["loggedOut.rejected", "ERR_REFUSED"]);
    storage.signal();
    await settled();
    expect(presented()).toHaveLength(1);
    await storage.write(tokenOf("ada", 2));
    await settled();
    expect([connection.status, io.links.length]).toEqual(["connected", 1]);
  });
});

describe("what the application is told as a warning, by default", () => {
  async function warned(behaviours: FakeBehaviour[], options: Parameters<typeof connect>[0] = {}) {
    const warnings: string[] = [];
    const { clock } = connect({
      io: fakeIo(...behaviours),
      logger: { warn: (line) => warnings.push(line) },
      ...options,
    });
    await settled();
    for (let minutes = 0; minutes < 5; minutes += 1) await clock.advance(60_000);
    await settled();
    return warnings.length;
  }

  test("a token that is refused for good, and attempts that are used up, once", async () => {
    expect(await warned([refuse("logout")])).toBe(1);
    expect(await warned([unreachable()], { reconnectionAttempts: 1 })).toBe(1);
  });

  test("the first time that auth, refresh or the storage fails", async () => {
    const fail = (): never => {
      throw new Error("broken");
    };
    expect(await warned([accept()], { auth: fail })).toBe(1);
    expect(await warned([refuse("refresh")], { refresh: fail })).toBe(1);
    expect(await warned([accept()], { storage: { read: fail, subscribe: () => () => {} } })).toBe(1);
  });

  test("not a network that is down", async () => {
    expect(await warned([unreachable(), hang(), unreachable()])).toBe(0);
  });
});

describe("after a sleep or an outage of the network", () => {
  test.each(["page.resumed", "network.online"] as const)(
    "%s: the storage is read first, and nothing leaves before the link has proved to be alive",
    async (type) => {
      const { connection, io, storage, signal, messages } = await connected();
      io.isBarrierHeld = true;
      const { reads } = storage;
      signal(type);
      connection.socket.emit("draft");
      await settled();
      expect([storage.reads > reads, messages(), connection.status]).toEqual([true, [], "connected"]);
      io.last?.settle();
      await settled();
      expect([messages(), io.links.length]).toEqual([["draft"], 1]);
    },
  );

  test("a link that does not answer within two seconds is replaced, and what waits is sent on the next one", async () => {
    const made = await connected();
    const { connection, io, clock, signal, messagesByLink } = made;
    io.isBarrierHeld = true;
    signal("page.resumed");
    connection.socket.emit("draft");
    await clock.advance(1_999);
    await settled();
    expect([connection.status, messagesByLink()]).toEqual(["connected", []]);
    await clock.advance(1);
    await untilConnected(made);
    expect([messagesByLink(), io.links.length]).toEqual([["2 draft"], 1]);
  });

  test("F24 a token that changed meanwhile is found, and nothing of the old user leaves or comes in", async () => {
    const { connection, io, storage, signal, messages, dropped, presented } = await connected();
    const heard: string[] = [];
    connection.socket.on("news", (text: string) => heard.push(text));
    const link = io.last;
    storage.value = tokenOf("grace");
    signal("page.resumed");
    connection.socket.emit("of grace");
    link?.send("news", "of ada");
    await settled();
    expect(presented()).toEqual([tokenOf("ada"), tokenOf("grace")]);
    expect([heard, messages().filter((event) => event !== "of grace"), dropped.length <= 1]).toEqual([
      [],
      [],
      true,
    ]);
  });
});
