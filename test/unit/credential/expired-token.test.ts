import { type ConnectionOptions, createConnection, memoryStorage } from "socket-rotor";
import {
  accept,
  type FakeBehaviour,
  fakeIo,
  refuse,
  simulatedClock,
  unreachable,
} from "socket-rotor/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";
import { jwt } from "../../support/tokens.js";

const HOUR = 3_600;
const now = 100 * HOUR;

/** A token of an hour, issued so many seconds before the test begins; less is in the future of this machine's clock. */
const token = (jti: number, age: number): string =>
  jwt({ sub: "ada", jti, iat: now - age, exp: now - age + HOUR });
const EXPIRED = token(1, 2 * HOUR);

/** A connection at that time, which has a token and meets these servers, one after another. */
async function start(
  stored: string | null,
  behaviours: FakeBehaviour[],
  refresh?: ConnectionOptions["refresh"],
  options: Partial<ConnectionOptions> = {},
) {
  const clock = simulatedClock();
  clock.advance(now * 1_000);
  const io = fakeIo(...behaviours);
  const storage = memoryStorage(stored);
  const connection = createConnection({
    url: "https://api.example.com",
    storage,
    io,
    clock,
    refresh,
    logger: {},
    ...options,
  });
  onTestFinished(() => connection.dispose());
  await promisesSettled();
  return {
    connection,
    clock,
    storage,
    io,
    presented: () =>
      io.log.flatMap((entry) =>
        entry.type === "handshake" && "token" in entry.auth ? [entry.auth.token] : [],
      ),
    async during(seconds: number, step = 1) {
      for (let passed = 0; passed < seconds; passed += step) {
        clock.advance(step * 1_000);
        await promisesSettled();
      }
    },
  };
}

describe("F46 a stored token that has expired by its own word", () => {
  test("is refreshed before anything is sent, and the application hears of no failure", async () => {
    const refresh = vi.fn(async () => token(2, 0));
    const { connection, presented } = await start(EXPIRED, [accept()], refresh);
    expect([connection.status, connection.getSnapshot().error]).toEqual(["connected", undefined]);
    expect([presented(), refresh.mock.calls.length]).toEqual([[token(2, 0)], 1]);
  });

  test("is sent where there is no way to refresh it", async () => {
    const { presented } = await start(EXPIRED, [accept()]);
    expect(presented()).toEqual([EXPIRED]);
  });

  test("costs one call where this machine's clock is wrong, however often it connects", async () => {
    let calls = 1;
    const refresh = vi.fn(async () => {
      // A loop would end here, and not in a process that hangs.
      if (calls > 10) throw new Error("HTTP 429");
      return token(++calls, 2 * HOUR);
    });
    const { connection, io, presented, during } = await start(EXPIRED, [accept()], refresh);
    for (let drops = 0; drops < 5; drops += 1) {
      io.links[0]?.drop("transport close", "retry");
      await during(20);
    }
    expect([connection.status, refresh.mock.calls.length]).toEqual(["connected", 1]);
    expect(new Set(presented())).toEqual(new Set([token(2, 2 * HOUR)]));
  });

  test("is sent after a call that has failed, and that is no sign-out", async () => {
    const refresh = vi.fn(async () => {
      throw new Error("HTTP 503");
    });
    const { connection, presented, during } = await start(EXPIRED, [accept()], refresh);
    await during(5);
    expect([connection.status, presented()]).toEqual(["connected", [EXPIRED]]);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  test("and whose session has ended signs out, and nothing is sent", async () => {
    const { connection, presented, storage } = await start(EXPIRED, [accept()], async () => null);
    expect([connection.getSnapshot().detail, presented(), storage.read()]).toEqual(["signedOut", [], null]);
  });

  test("is refreshed where it expires while the server is away", async () => {
    const refresh = vi.fn(async () => token(2, -2 * HOUR));
    const fresh = token(1, 0);
    const { connection, io, presented, during } = await start(fresh, [unreachable()], refresh, {
      reconnectionDelayMax: 5_000,
    });
    for (let minutes = 0; minutes < 62; minutes += 1) await during(60, 60);
    expect(refresh).toHaveBeenCalledTimes(1);
    io.behave(accept());
    await during(10);
    expect([connection.status, presented().at(-1)]).toEqual(["connected", token(2, -2 * HOUR)]);
  });

  test("is refreshed once by all tabs, where their clock is wrong", async () => {
    let calls = 1;
    const refresh = vi.fn(async () => token(++calls, 2 * HOUR));
    const storage = memoryStorage(EXPIRED);
    const tabs = await Promise.all([1, 2, 3].map(() => start(null, [accept()], refresh, { storage })));
    for (let minutes = 0; minutes < 5; minutes += 1) for (const tab of tabs) await tab.during(60);
    expect(tabs.map(({ connection }) => connection.status)).toEqual(["connected", "connected", "connected"]);
    // Each tab finds out for itself that its clock is wrong.
    expect(refresh.mock.calls.length).toBeLessThanOrEqual(3);
  });

  test("is refreshed where it comes while nobody is signed in", async () => {
    const { connection, storage, presented } = await start(null, [accept()], async () => token(2, 0));
    expect(connection.getSnapshot().detail).toBe("signedOut");
    await storage.write(EXPIRED);
    await promisesSettled();
    expect([connection.status, presented()]).toEqual(["connected", [token(2, 0)]]);
  });

  test("is no way around a sign-out: what is refused for good stays so", async () => {
    const refresh = vi.fn(async () => token(2, 0));
    const { connection, presented } = await start(EXPIRED, [refuse("logout")], refresh);
    expect([connection.getSnapshot().detail, presented()]).toEqual(["rejected", [token(2, 0)]]);
  });
});
