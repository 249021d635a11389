import { accept, fakeIo } from "socket-rotor/testing";
import { describe, expect, test, vi } from "vitest";
import { breakableStorage } from "../../support/fake-storages.js";
import { jwt } from "../../support/tokens.js";
import { connect, connected, settled, tokenOf } from "./harness.js";

/** The clock of these tests starts at second 1,000. */
const START = 1_000;
const issued = (iat: number, exp: number, jti = 1): string => jwt({ sub: "ada", jti, iat, exp });

describe("the age of a token", () => {
  test("that was there when the page was loaded is told by its own exp", async () => {
    // It lives for an hour, of which 100 seconds are left.
    const refresh = vi.fn(async () => issued(START + 100, START + 3_700, 2));
    const { connection, clock, presented } = await connected({
      refresh,
      token: issued(START - 3_500, START + 100),
    });
    expect(connection.getSnapshot().expiresAt).toBe((START + 100) * 1_000);
    await clock.advance(100_000);
    await settled();
    expect([refresh.mock.calls.length, presented().length, connection.status]).toEqual([1, 2, "connected"]);
  });

  test("that comes later is counted from when it came, so that a clock that is wrong does no harm", async () => {
    const refresh = vi.fn(async () => null);
    const { connection, clock } = await connected({ refresh });
    // Issued just now, says a server whose clock is behind: by this clock ten minutes of an hour are left.
    await connection.login(issued(START - 3_000, START + 600));
    await connection.whenConnected();
    await clock.advance(1_500_000);
    await settled();
    expect([refresh.mock.calls.length, connection.status]).toEqual([0, "connected"]);
    await clock.advance(2_099_000);
    await settled();
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  test("is told by the server where its half says what is left", async () => {
    const refresh = vi.fn(async () => issued(START, START + 7_200, 2));
    const io = fakeIo(accept({ reauthenticate: true, expiresIn: 100_000 }));
    const { connection, clock } = await connected({ io, refresh, token: issued(START, START + 3_600) });
    expect(connection.getSnapshot().expiresAt).toBe((START + 100) * 1_000);
    await clock.advance(100_000);
    await settled();
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  test("F21 of thirty days causes nothing in the first days", async () => {
    const refresh = vi.fn(async () => null);
    const { clock, presented } = await connected({ refresh, token: issued(START, START + 30 * 86_400) });
    await clock.advance(10 * 86_400_000);
    await settled();
    expect([refresh.mock.calls.length, presented().length]).toEqual([0, 1]);
  });
});

describe("a refresh ahead of expiry", () => {
  test("is made before the token is over, stored, and put in force on the same link without a gap", async () => {
    const fresh = issued(START + 3_600, START + 7_200, 2);
    const io = fakeIo(accept({ reauthenticate: true }));
    const refresh = vi.fn(async () => fresh);
    const { connection, clock, storage, presented } = await connected({
      io,
      refresh,
      token: issued(START, START + 3_600),
    });
    const heard: string[] = [];
    connection.socket.on("disconnect", (reason) => heard.push(reason));
    await clock.advance(3_599_000);
    await settled();
    expect([refresh.mock.calls.length, storage.value, presented().at(-1)]).toEqual([1, fresh, fresh]);
    expect([heard, io.links.length, connection.status]).toEqual([[], 1, "connected"]);
  });

  test("a tab that finds a newer token takes that one and does not ask", async () => {
    const refresh = vi.fn(async () => tokenOf("ada", 3));
    const { clock, storage, presented } = await connected({ refresh, token: issued(START, START + 3_600) });
    // Stored by another tab, of which this one was not told.
    const newer = issued(START + 3_500, START + 7_100, 2);
    storage.value = newer;
    await clock.advance(3_599_000);
    await settled();
    expect([refresh.mock.calls.length, presented().at(-1), storage.value]).toEqual([0, newer, newer]);
  });

  test("that fails is tried again, and signs nobody out", async () => {
    const fresh = issued(START + 3_600, START + 7_200, 2);
    let calls = 0;
    const { connection, clock, storage } = await connected({
      token: issued(START, START + 3_600),
      refresh: async () => {
        calls += 1;
        if (calls < 3) throw new Error("HTTP 503");
        return fresh;
      },
    });
    const statuses = new Set<string>();
    connection.subscribe(() => statuses.add(connection.status));
    await clock.advance(3_700_000);
    await settled();
    expect([storage.value, statuses.has("loggedOut")]).toEqual([fresh, false]);
  });

  test("null signs out", async () => {
    const { clock, storage, state } = await connected({
      token: issued(START, START + 3_600),
      refresh: async () => null,
    });
    await clock.advance(3_599_000);
    await settled();
    expect([state(), storage.value]).toEqual(["loggedOut.signedOut", null]);
  });
});

test("two connections on one adapter tell each other", async () => {
  const storage = breakableStorage(tokenOf("ada"));
  // It calls back nobody by itself.
  const silent = {
    read: () => storage.value,
    write: (token: string | null) => {
      storage.value = token;
    },
    subscribe: () => () => {},
  };
  const [first, second] = [connect({ storage: silent }), connect({ storage: silent })];
  await settled();
  await first.connection.login(tokenOf("grace"));
  await settled();
  expect([first, second].map(({ presented }) => presented().at(-1))).toEqual(Array(2).fill(tokenOf("grace")));
  await second.connection.logout();
  await settled();
  expect([first.state(), second.state()]).toEqual(Array(2).fill("loggedOut.signedOut"));
});
