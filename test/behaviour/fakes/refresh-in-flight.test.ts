import { accept, fakeIo, unreachable } from "socket-rotor/testing";
import { describe, expect, test } from "vitest";
import { connected, followed, refreshByHand, settled, tokenOf, untilConnected } from "./harness.js";

const halved = () => fakeIo(accept({ reauthenticate: true }));

describe("a refresh call that was made runs to its end, as a refresh token that may be used once is used up by it", () => {
  test("through a link that drops, one that cannot be opened, and the next one", async () => {
    const { refresh, calls, aborted } = refreshByHand();
    const made = await connected({ refresh, refreshTimeout: 1_000_000 });
    const { connection, io, presented, state } = made;
    const fate = followed(connection.refresh());
    await settled();
    io.behave(unreachable(), accept());
    for (let drops = 0; drops < 3; drops += 1) {
      io.last?.drop();
      await untilConnected(made);
    }
    expect([connection.status, presented().length]).toEqual(["connected", 5]);
    expect([aborted(), fate.now]).toEqual([[false], "pending"]);
    calls[0]?.resolve(tokenOf("ada", 2));
    await settled();
    expect([fate.now, calls.length, presented().at(-1)]).toEqual(["resolved", 1, tokenOf("ada", 2)]);
    expect(state()).toBe("connected.steady");
  });

  test("through signals of the page, of the network and of the storage", async () => {
    const { refresh, calls, aborted } = refreshByHand();
    const { connection, storage, signal, presented } = await connected({ refresh, io: halved() });
    const fate = followed(connection.refresh());
    await settled();
    signal("network.offline");
    signal("network.online");
    signal("page.resumed");
    for (let signals = 0; signals < 5; signals += 1) storage.signal();
    await settled();
    expect(aborted()).toEqual([false]);
    calls[0]?.resolve(tokenOf("ada", 2));
    await settled();
    expect([fate.now, calls.length, presented().at(-1)]).toEqual(["resolved", 1, tokenOf("ada", 2)]);
  });

  test("through a newer token of the same user; the next refresh waits for it", async () => {
    const { refresh, calls, aborted } = refreshByHand();
    const { connection, storage, presented } = await connected({ refresh, io: halved() });
    connection.refresh().catch(() => {});
    await settled();
    await storage.write(tokenOf("ada", 2));
    await settled();
    const next = followed(connection.refresh());
    await settled();
    expect([aborted(), next.now]).toEqual([[false], "pending"]);
    calls[0]?.resolve(tokenOf("ada", 3));
    await settled();
    // It brought the refresh token that the next call needs, and no access token that is newer than what is stored.
    expect([aborted(), storage.value]).toEqual([[false, false], tokenOf("ada", 2)]);
    calls[1]?.resolve(tokenOf("ada", 4));
    await settled();
    expect([next.now, storage.value, presented().at(-1)]).toEqual([
      "resolved",
      tokenOf("ada", 4),
      tokenOf("ada", 4),
    ]);
  });

  test("and whoever asks meanwhile joins it", async () => {
    const { refresh, calls } = refreshByHand();
    const { connection } = await connected({ refresh, io: halved() });
    const fates = [followed(connection.refresh()), followed(connection.refresh())];
    await settled();
    fates.push(followed(connection.refresh()));
    await settled();
    expect(calls).toHaveLength(1);
    calls[0]?.resolve(tokenOf("ada", 2));
    await settled();
    expect([fates.map(({ now }) => now), calls.length]).toEqual([Array(3).fill("resolved"), 1]);
  });
});

describe("a refresh call is given up", () => {
  test("on sign-out: nothing that it answers later is stored or presented", async () => {
    const { refresh, calls, aborted } = refreshByHand();
    const { connection, storage, presented, state } = await connected({ refresh });
    const fate = followed(connection.refresh());
    await settled();
    await connection.logout();
    await settled();
    expect([aborted(), fate.now]).toEqual([[true], "ERR_LOGGED_OUT"]);
    calls[0]?.resolve(tokenOf("ada", 2));
    await settled();
    expect([storage.value, presented(), state()]).toEqual([null, [tokenOf("ada")], "loggedOut.signedOut"]);
  });

  test("on a sign-out in another tab", async () => {
    const { refresh, calls, aborted } = refreshByHand();
    const { connection, storage, state } = await connected({ refresh });
    const fate = followed(connection.refresh());
    await settled();
    storage.value = null;
    storage.signal();
    await settled();
    expect([aborted(), fate.now]).toEqual([[true], "ERR_LOGGED_OUT"]);
    calls[0]?.resolve(tokenOf("ada", 2));
    await settled();
    expect([storage.value, state()]).toEqual([null, "loggedOut.signedOut"]);
  });

  test("for another user, whose own refresh does not wait for it", async () => {
    const { refresh, calls, aborted } = refreshByHand();
    const { connection, storage, presented } = await connected({ refresh });
    connection.refresh().catch(() => {});
    await settled();
    await connection.login(tokenOf("grace"));
    await connection.whenConnected();
    const fate = followed(connection.refresh());
    await settled();
    expect(aborted()).toEqual([true, false]);
    calls[0]?.resolve(tokenOf("ada", 2));
    await settled();
    expect([storage.value, fate.now]).toEqual([tokenOf("grace"), "pending"]);
    calls[1]?.resolve(tokenOf("grace", 2));
    await settled();
    expect([storage.value, fate.now]).toEqual([tokenOf("grace", 2), "resolved"]);
    expect(presented()).not.toContain(tokenOf("ada", 2));
  });

  test("after refreshTimeout, which signs nobody out; its late answer is dropped", async () => {
    const { refresh, calls, aborted } = refreshByHand();
    const { connection, storage, clock, state } = await connected({
      refresh,
      refreshTimeout: 10_000,
      io: halved(),
    });
    const fate = followed(connection.refresh());
    await settled();
    await clock.advance(9_999);
    expect([aborted(), fate.now]).toEqual([[false], "pending"]);
    await clock.advance(1);
    await settled();
    expect([aborted(), fate.now, connection.status]).toEqual([[true], "ERR_REFRESH_TIMEOUT", "connected"]);
    calls[0]?.resolve(tokenOf("ada", 2));
    await settled();
    expect([storage.value, connection.status]).toEqual([tokenOf("ada"), "connected"]);
    // The next one need not wait for what was given up.
    const next = followed(connection.refresh());
    await settled();
    calls.at(-1)?.resolve(tokenOf("ada", 3));
    await settled();
    expect([next.now, storage.value, state()]).toEqual(["resolved", tokenOf("ada", 3), "connected.steady"]);
  });
});
