import { type Clock, memoryStorage, type Refusal } from "socket-rotor";
import { afterEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/clock";
import { untyped } from "../support/untyped";
import { startHarness } from "./faults/fixture/harness";
import { answerStatus, kickAtOnce, refuseWith } from "./fixture/behaviours";
import { connectTo, until, untilIn } from "./fixture/client";
import { hastyClock } from "./fixture/clocks";
import { startServer, type TestServer } from "./fixture/server";
import { syncStorage } from "./fixture/storages";

const tokens = (server: TestServer): Array<string | undefined> =>
  server.log.all("handshake").map(({ token }) => token);
const DAY = 86_400_000;
/** A machine whose clock is a day behind: it sends a token that has expired (F46), and the server refuses it. */
const behind: Clock = { ...systemClock(), now: () => Date.now() - DAY };

afterEach(() => {
  vi.restoreAllMocks();
});

describe("F14 a refusal by middleware neither stops for ever nor repeats the refused token", () => {
  test("F14 expired, refused, refreshed: connected once, with the new token", async () => {
    const server = await startServer();
    const [expired, fresh] = [
      await server.tokens.issue("ada", "-1 minute"),
      await server.tokens.issue("ada"),
    ];
    const connection = connectTo(server, {
      storage: memoryStorage(expired),
      clock: behind,
      refresh: async () => fresh,
    });
    await connection.whenConnected();
    expect(tokens(server)).toEqual([expired, fresh]);
    expect(server.log.all("connected")).toHaveLength(1);
  });

  test("F14 the refreshed token is refused as well: that is final", async () => {
    const server = await startServer();
    const refused = [
      await server.tokens.issue("ada", "-1 minute"),
      await server.tokens.issue("ada", "-2 minutes"),
    ];
    const [first = "", second = ""] = refused;
    const refresh = vi.fn(async () => second);
    const connection = connectTo(server, { storage: memoryStorage(first), clock: behind, refresh });
    const { error } = await untilIn(connection, "loggedOut.rejected");
    expect(error).toMatchObject({ code: "ERR_REFUSED", reason: "invalid_token" });
    expect(tokens(server)).toEqual(refused);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  test("F14 a refused token that stays the same is not sent again, whatever is signalled", async () => {
    const server = await startServer();
    const expired = await server.tokens.issue("ada", "-1 minute");
    const storage = syncStorage(expired);
    const connection = connectTo(server, { storage });
    await untilIn(connection, "loggedOut.rejected");
    storage.set(expired);
    connection.actor.send({ type: "environment.resumed" });
    connection.actor.send({ type: "environment.resumed" });
    expect(connection.getSnapshot().detail).toBe("rejected");
    const fresh = await server.tokens.issue("ada");
    storage.set(fresh);
    await connection.whenConnected();
    expect(tokens(server)).toEqual([expired, fresh]);
  });

  test("F14 a refresh that fails for a while does not send the refused token again", async () => {
    const server = await startServer();
    const [expired, fresh] = [
      await server.tokens.issue("ada", "-1 minute"),
      await server.tokens.issue("ada"),
    ];
    const refresh = vi.fn(async () => fresh);
    for (let failure = 0; failure < 3; failure += 1) refresh.mockRejectedValueOnce(new Error("no network"));
    const connection = connectTo(server, { storage: memoryStorage(expired), refresh });
    await connection.whenConnected();
    expect(tokens(server)).toEqual([expired, fresh]);
    expect(refresh).toHaveBeenCalledTimes(4);
  });

  test("F14 a refusal that says nothing of the token is tried again until it ends", async () => {
    const server = await startServer();
    server.rules = refuseWith("maintenance");
    const { connection, ask, endsIn } = await startHarness(server, {
      transport: "websocket",
      storage: memoryStorage(await server.tokens.issue("ada")),
    });
    void ask();
    await until(connection, ({ attempt }) => attempt === 3);
    server.rules = {};
    await endsIn("connected.steady");
  });
});

describe("F15 a refusal by the engine is read where it can be, and ended where it should be", () => {
  test("F15 over polling the HTTP status reaches classify and the error", async () => {
    const server = await startServer();
    server.rules = answerStatus(403);
    const seen: Refusal[] = [];
    const connection = connectTo(server, {
      transport: "polling",
      storage: memoryStorage(await server.tokens.issue("ada")),
      classify(refusal) {
        seen.push(refusal);
        return "logout";
      },
    });
    const { error } = await untilIn(connection, "loggedOut.rejected");
    expect(seen).toEqual([{ message: expect.stringContaining("403"), status: 403 }]);
    expect(error).toMatchObject({
      code: "ERR_REFUSED",
      status: 403,
      message: expect.stringContaining("403"),
    });
    expect(server.log.all("request")).toHaveLength(1);
  });

  test("F15 over polling a 401 asks for a refresh", async () => {
    const server = await startServer();
    server.rules = answerStatus(401);
    const refresh = async (): Promise<string> => {
      server.rules = {};
      return server.tokens.issue("ada");
    };
    const connection = connectTo(server, {
      transport: "polling",
      storage: memoryStorage(await server.tokens.issue("ada")),
      refresh,
    });
    await connection.whenConnected();
    expect(tokens(server)).toHaveLength(1);
  });

  test("F15 over websocket the error says that polling would tell the status", async () => {
    const server = await startServer();
    server.rules = answerStatus(401);
    const seen: Refusal[] = [];
    const connection = connectTo(server, {
      storage: memoryStorage(await server.tokens.issue("ada")),
      classify: (refusal) => void seen.push(refusal),
    });
    const { error } = await untilIn(connection, "connecting.waiting");
    expect(seen[0]).not.toHaveProperty("status");
    expect(error).toMatchObject({
      code: "ERR_TRANSPORT",
      message: expect.stringContaining("HTTP status"),
    });
  });

  test.each(["polling", "websocket"] as const)(
    "F15 over %s reconnectionAttempts ends it",
    async (transport) => {
      const server = await startServer();
      server.rules = answerStatus(503);
      const connection = connectTo(server, {
        transport,
        storage: memoryStorage(await server.tokens.issue("ada")),
        reconnectionAttempts: 2,
      });
      const { error } = await untilIn(connection, "idle.exhausted");
      expect(error).toMatchObject({ code: "ERR_TRANSPORT", ...(transport === "polling" && { status: 503 }) });
      expect(server.log.all("request")).toHaveLength(3);
    },
  );

  test.each(["polling", "websocket"] as const)(
    "F15 over %s anything else is tried again",
    async (transport) => {
      const server = await startServer();
      server.rules = answerStatus(503);
      const { connection, ask, endsIn } = await startHarness(server, {
        transport,
        storage: memoryStorage(await server.tokens.issue("ada")),
      });
      void ask();
      await until(connection, ({ attempt }) => attempt === 3);
      server.rules = {};
      await endsIn("connected.steady");
    },
  );
});

test.each(["polling", "websocket"] as const)(
  "F16 a server that was down for ten attempts is found again over %s",
  async (transport) => {
    const server = await startServer();
    const { connection, ask, endsIn } = await startHarness(server, {
      transport,
      storage: memoryStorage(await server.tokens.issue("ada")),
    });
    // What people do by hand; it must not disturb the backoff.
    connection.socket.on("connect_error", () => connection.socket.connect());
    await connection.whenConnected();
    await server.stop();
    void ask();
    const { attempt } = await until(connection, (snapshot) => snapshot.attempt === 10);
    expect(attempt).toBe(10);
    await server.start();
    await connection.whenConnected();
    expect(await ask()).toBe("resolved");
    expect(server.live()).toHaveLength(1);
    await endsIn("connected.steady");
  },
);

/** On a clock that runs a hundred times as fast, ten seconds each, which a busy machine may need. */
const patient = { timeout: 1_000_000, stableAfter: 1_000_000, ackTimeout: 1_000_000 };

describe("F17 a server that kicks is neither left for ever nor stormed", () => {
  test("F17 kicked again and again: the delays grow", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const server = await startServer();
    server.rules = kickAtOnce();
    const connection = connectTo(server, {
      storage: memoryStorage(await server.tokens.issue("ada")),
      clock: hastyClock(),
      ...patient,
      reconnectionDelay: 1_000,
      reconnectionDelayMax: 30_000,
    });
    const delays: number[] = [];
    connection.subscribe(() => {
      const { detail, since, retryAt } = connection.getSnapshot();
      if (detail === "waiting" && retryAt !== undefined) delays.push(retryAt - since);
    });
    await until(connection, ({ attempt, detail }) => attempt === 7 && detail === "waiting");
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    expect(server.log.all("connected")).toHaveLength(7);
    server.rules = {};
    await connection.whenConnected();
    await connection.socket.emitWithAck("hello");
  });

  const noTimes = [
    { retryAfter: "5s" },
    { retryAfter: -1 },
    { retryAfter: 1e12 },
    { retryAfter: Number.NaN },
  ];

  test.each(noTimes)("F17 one that asks to stay away for $retryAfter meets growing delays", async (said) => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const server = await startServer();
    server.rules = refuseWith("temporarily_unavailable", untyped(said.retryAfter));
    const connection = connectTo(server, {
      storage: memoryStorage(await server.tokens.issue("ada")),
      clock: hastyClock(),
      ...patient,
      reconnectionDelay: 1_000,
      reconnectionDelayMax: 4_000,
    });
    const delays: number[] = [];
    connection.subscribe(() => {
      const { detail, since, retryAt } = connection.getSnapshot();
      if (detail === "waiting" && retryAt !== undefined) delays.push(retryAt - since);
    });
    await until(connection, ({ attempt, detail }) => attempt === 4 && detail === "waiting");
    expect(delays).toEqual([500, 1_000, 2_000, 2_000]);
  });

  test("F17 a revoked token stops", async () => {
    const server = await startServer();
    const clock = hastyClock();
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const connection = connectTo(server, { storage, clock, ...patient });
    await connection.whenConnected();
    server.tokens.revoke(storage.read() ?? "");
    server.kick();
    await untilIn(connection, "loggedOut.rejected");
    await clock.untilIdle();
    expect(tokens(server)).toHaveLength(2);
    expect(connection.getSnapshot().detail).toBe("rejected");
  });
});

test("F18 attempts that are used up are a state, and connect() works from it", async () => {
  const server = await startServer();
  const { connection, ask, endsIn } = await startHarness(server, {
    transport: "websocket",
    storage: memoryStorage(await server.tokens.issue("ada")),
    reconnectionAttempts: 2,
  });
  await connection.whenConnected();
  await server.stop();
  void ask();
  const { error, attempt } = await untilIn(connection, "idle.exhausted");
  expect(error).toMatchObject({ code: "ERR_TRANSPORT" });
  expect(attempt).toBe(3);
  expect(connection.socket.active).toBe(false);
  await server.start();
  connection.connect();
  expect(connection.socket.active).toBe(true);
  await connection.whenConnected();
  expect(connection.getSnapshot()).not.toHaveProperty("error");
  await endsIn("connected.steady");
});

describe("F21 a delay of thirty days does not fire at once", () => {
  /** Long enough for a timer that fires at once: a round trip of a whole other connection, thrice. */
  async function meanwhile(server: TestServer): Promise<void> {
    for (const user of ["ben", "cleo", "dan"]) {
      const other = connectTo(server, { storage: memoryStorage(await server.tokens.issue(user)) });
      await other.whenConnected();
      await other.socket.emitWithAck("hello");
      other.dispose();
    }
  }

  test("F21 a token of thirty days causes no refresh and no rotation", async () => {
    const server = await startServer();
    const refresh = vi.fn(async () => server.tokens.issue("ada"));
    const token = await server.tokens.issue("ada", "30 days");
    const connection = connectTo(server, { storage: memoryStorage(token), refresh });
    await connection.whenConnected();
    expect(connection.getSnapshot().expiresAt).toBeGreaterThan(Date.now() + 29 * DAY);
    await meanwhile(server);
    expect(refresh).not.toHaveBeenCalled();
    expect(tokens(server).filter((each) => each === token)).toHaveLength(1);
    expect(connection.status).toBe("connected");
  });

  test("F21 a retryAfter of thirty days is waited for", async () => {
    const server = await startServer();
    const armed = vi.spyOn(globalThis, "setTimeout");
    server.rules = refuseWith("temporarily_unavailable", 30 * DAY);
    const token = await server.tokens.issue("ada");
    const connection = connectTo(server, { storage: memoryStorage(token) });
    const { since, retryAt = 0 } = await untilIn(connection, "connecting.waiting");
    expect(retryAt - since).toBeGreaterThanOrEqual(30 * DAY);
    server.rules = {};
    await meanwhile(server);
    expect(connection.getSnapshot().detail).toBe("waiting");
    expect(tokens(server).filter((each) => each === token)).toHaveLength(1);
    expect(armed.mock.calls.filter(([, delay = 0]) => delay > 2 ** 31 - 1)).toEqual([]);
  });
});
