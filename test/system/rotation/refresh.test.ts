import { type Clock, memoryStorage } from "socket-rotor";
import { describe, expect, test, vi } from "vitest";
import { systemClock } from "../../../src/clock";
import { gate } from "../fixture/behaviours";
import { connectTo, outcome, untilReady } from "../fixture/client";
import { startServer } from "../fixture/server";
import { signedIn } from "./fixture/signed-in";

/** In milliseconds. */
const DAY = 86_400_000;

/** The system's timers and a clock that is off; what they were asked to wait for. */
function skewedClock(offset: number): Clock & { delays: number[] } {
  const { setTimeout, clearTimeout } = systemClock();
  const delays: number[] = [];
  return {
    delays,
    now: () => Date.now() + offset,
    setTimeout(callback, delay) {
      delays.push(delay);
      return setTimeout(callback, delay);
    },
    clearTimeout,
  };
}

describe("a refresh ahead of expiry, with the real server half", () => {
  test("goes by the server's expiresIn, and the fresh token is applied on the same link", async () => {
    const server = await startServer({ half: {} });
    const [first, fresh] = [await server.tokens.issue("ada"), await server.tokens.issue("ada")];
    server.rules.expiresAt = (token) => Date.now() + (token === first ? 4_000 : DAY);
    const refresh = vi.fn(async () => fresh);
    const storage = memoryStorage(first);
    const connection = connectTo(server, { storage, refresh });
    const [answer] = await server.log.count("answered", 1);
    await connection.whenConnected();
    expect([answer?.token, answer?.ok, storage.read()]).toEqual([fresh, true, fresh]);
    expect(refresh).toHaveBeenCalledOnce();
    expect(server.log.all("connected")).toHaveLength(1);
  });

  test.each([
    { skew: "a day ahead", offset: DAY, source: "the server's word", half: {} },
    { skew: "a day behind", offset: -DAY, source: "the server's word", half: {} },
    { skew: "a day ahead", offset: DAY, source: "the token's claims" },
    { skew: "a day behind", offset: -DAY, source: "the token's claims" },
  ])(
    "F21 by $source: a clock that is $skew causes no storm, and keeps no token from being tried",
    async ({ offset, half }) => {
      const clock = skewedClock(offset);
      const server = await startServer({ ...(half && { half }) });
      const issue = (): Promise<string> => server.tokens.issue("ada", "5 minutes");
      const refresh = vi.fn(issue);
      server.rules.expiresAt = () => Date.now() + 300_000;
      const connection = connectTo(server, { storage: memoryStorage(await issue()), clock, refresh });
      await connection.whenConnected();
      if (half) await untilReady(connection);
      expect(await connection.socket.emitWithAck("hello")).toBe("done");
      // F46: what has expired by this clock is refreshed once, and its answer, which has expired as well, is sent.
      expect(refresh).toHaveBeenCalledTimes(offset > 0 ? 1 : 0);
      // The clock is looked at again each minute; when it is due by then: test/unit/credential/expiry.test.ts.
      expect(clock.delays).toContain(60_000);
    },
  );

  test("F21 a token that lives for 30 days is not refreshed in the first seconds", async () => {
    const clock = skewedClock(0);
    const refresh = vi.fn(async () => null);
    const server = await startServer({ half: {} });
    server.rules.expiresAt = () => Date.now() + 30 * DAY;
    const connection = connectTo(server, {
      storage: memoryStorage(await server.tokens.issue("ada", "30 days")),
      clock,
      refresh,
    });
    await untilReady(connection);
    // A timer beyond 2^31-1 would have fired before this answer.
    expect(await connection.socket.emitWithAck("hello")).toBe("done");
    expect(refresh).not.toHaveBeenCalled();
    // The clock is looked at again each minute.
    expect(clock.delays).toContain(60_000);
    expect(connection.getSnapshot()).toMatchObject({ status: "connected", detail: "steady" });
    expect(server.log.all("asked")).toEqual([]);
  });

  test("F64 a server whose clock is ahead by more than the token's life, within its grace, causes no storm", async () => {
    const clock = skewedClock(0);
    const refresh = vi.fn(async () => null);
    const server = await startServer({ half: { grace: 120_000 } });
    // A token of a minute, by a clock that is 90 seconds ahead.
    server.rules.expiresAt = () => Date.now() - 30_000;
    const connection = connectTo(server, {
      storage: memoryStorage(await server.tokens.issue("ada", "1 minute")),
      clock,
      refresh,
    });
    await untilReady(connection);
    expect(await connection.socket.emitWithAck("hello")).toBe("done");
    expect(refresh).not.toHaveBeenCalled();
    // Of the 90 seconds that it is good for here nearly a minute is left, or more; it is looked at after a minute at most.
    expect(clock.delays.some((delay) => delay > 58_000 && delay <= 60_000)).toBe(true);
  });

  test("that fails is tried again with growing delays, on the same link, and signs nobody out", async () => {
    const server = await startServer({ half: {} });
    const [first, fresh] = [await server.tokens.issue("ada"), await server.tokens.issue("ada")];
    server.rules.expiresAt = (token) => Date.now() + (token === first ? 6_000 : DAY);
    const refresh = vi.fn<() => Promise<string>>().mockResolvedValue(fresh);
    for (let failures = 0; failures < 4; failures += 1) refresh.mockRejectedValueOnce(new Error("HTTP 503"));
    const storage = memoryStorage(first);
    const connection = connectTo(server, { storage, refresh });
    const statuses = new Set<string>();
    connection.subscribe(() => statuses.add(connection.status));
    await server.log.count("answered", 1);
    await connection.whenConnected();
    expect(refresh).toHaveBeenCalledTimes(5);
    expect([...statuses].sort()).toEqual(
      ["connected", "rotating"].concat(statuses.has("connecting") ? ["connecting"] : []).sort(),
    );
    expect(server.log.all("connected")).toHaveLength(1);
    expect(server.carried()).toEqual([fresh]);
  });
});

describe("what a refresh answers", () => {
  test("G2 another user's token: the old link is closed before the new one opens, and nothing is sent as hers", async () => {
    const { server, connection, issue, drafts, asked } = await signedIn({ refresh: async () => other });
    const other = await issue("grace");
    connection.socket.emit("draft", 1);
    await connection.socket.emitWithAck("draft", 2);
    await connection.refresh();
    await server.log.count("connected", 2);
    await connection.whenConnected();
    await connection.socket.emitWithAck("draft", 3);
    const story = server.log.entries.map(({ kind }) => kind).filter((kind) => /connected$/.test(kind));
    expect(story).toEqual(["connected", "disconnected", "connected"]);
    expect(drafts()).toEqual(["ada 1", "ada 2", "grace 3"]);
    expect(asked()).toEqual([]);
  });

  test("after a sign-out: nothing is written back, and nobody is brought back", async () => {
    const [calling, answering] = [gate(), gate()];
    const { server, storage, connection, issue } = await signedIn({
      async refresh() {
        calling.open();
        await answering.passed;
        return late;
      },
    });
    const late = await issue();
    const refreshing = outcome(connection.refresh());
    await calling.passed;
    expect(connection.getSnapshot().detail).toBe("refreshing");
    await connection.logout();
    answering.open();
    expect(await refreshing).toBe("ERR_LOGGED_OUT");
    await server.untilLive(0);
    expect([storage.read(), connection.status]).toEqual([null, "loggedOut"]);
    expect(JSON.stringify(server.log.entries)).not.toContain(late);
  });
});
