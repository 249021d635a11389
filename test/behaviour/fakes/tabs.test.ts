import { memoryStorage } from "socket-rotor";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fakeLocks } from "../../support/fake-locks.js";
import { answer } from "../../support/fake-storages.js";
import { connect, followed, type Harness, refreshByHand, settled, tokenOf } from "./harness.js";

let locks = fakeLocks();

beforeEach(() => {
  locks = fakeLocks();
  vi.stubGlobal("navigator", { locks: locks.tab("this one") });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** Lets both clocks go on for a while, a little at a time. */
async function pass(tabs: readonly Harness[], milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 100) {
    for (const { clock } of tabs) await clock.advance(100);
    await settled();
  }
}

function twoTabs(options: Parameters<typeof connect>[0]) {
  const storage = memoryStorage(tokenOf("ada"));
  const tabs = [connect({ storage, ...options }), connect({ storage, ...options })];
  return { storage, tabs, tokens: () => tabs.map(({ presented }) => presented().at(-1)) };
}

describe("refresh, where there are Web Locks:", () => {
  test("F25 tabs that refresh at once make one call, and all take its answer", async () => {
    const { refresh, calls } = refreshByHand();
    const { storage, tabs, tokens } = twoTabs({ refresh });
    await settled();
    const fates = tabs.map(({ connection }) => followed(connection.refresh()));
    await pass(tabs, 2_000);
    expect(calls).toHaveLength(1);
    calls[0]?.resolve(tokenOf("ada", 2));
    await pass(tabs, 3_000);
    expect(fates.map(({ now }) => now)).toEqual(["resolved", "resolved"]);
    expect([calls.length, storage.read(), tokens()]).toEqual([
      1,
      tokenOf("ada", 2),
      Array(2).fill(tokenOf("ada", 2)),
    ]);
    expect(locks.isHeld).toBe(false);
  });

  test("a tab that had to wait for its turn sees what the last one stored, and does not ask", async () => {
    const { refresh, calls } = refreshByHand();
    const { storage, tabs } = twoTabs({ refresh });
    await settled();
    const held = answer<void>();
    void locks.tab("another one").request("the same", {}, () => held.promise);
    const fate = followed(tabs[0]?.connection.refresh() ?? Promise.reject());
    await pass(tabs, 1_000);
    expect([calls.length, fate.now]).toEqual([0, "pending"]);
    storage.write(tokenOf("ada", 2));
    held.resolve();
    await pass(tabs, 3_000);
    expect([calls.length, fate.now, storage.read()]).toEqual([0, "resolved", tokenOf("ada", 2)]);
  });
});

test("a sign-in and a sign-out in one tab reach the other one", async () => {
  const { tabs, tokens } = twoTabs({});
  await settled();
  await tabs[0]?.connection.login(tokenOf("grace"));
  await settled();
  expect(tokens()).toEqual(Array(2).fill(tokenOf("grace")));
  const leaving = tabs[1]?.connection.logout();
  await settled();
  expect(tabs.map(({ state }) => state())).toEqual(Array(2).fill("loggedOut.signedOut"));
  await pass(tabs, 2_000);
  await leaving;
});
