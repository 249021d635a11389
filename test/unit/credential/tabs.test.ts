import type { StorageAdapter } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";
import { type SourceHarness, sharedLock, sourceHarness } from "./source-harness.js";

const NEVER = new AbortController().signal;

/** An asynchronous storage of two tabs, where everything takes a few turns of the event loop. */
function sharedStorage(value: string | null) {
  const shared = { value, writes: 0 };
  const tab = (writeTurns: number): StorageAdapter => ({
    async read() {
      await promisesSettled();
      return shared.value;
    },
    async write(token) {
      await turns(writeTurns);
      shared.writes += 1;
      shared.value = token;
    },
    subscribe: () => () => {},
  });
  return { shared, tab };
}

/** Two tabs that are signed in with the same token; the writes of the first may take long. */
async function twoTabs(writeTurns = 1) {
  const { shared, tab } = sharedStorage("first");
  const lock = sharedLock();
  const refreshing = sourceHarness(tab(writeTurns), { lock });
  const leaving = sourceHarness(tab(1), { lock });
  for (const at of [refreshing, leaving]) at.source.read();
  await turns(3);
  return { shared, refreshing, leaving };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await promisesSettled();
}

/** What the tab finds when it looks the next time. */
async function afterLooking({ source, token }: SourceHarness): Promise<string | undefined> {
  source.read();
  await turns(3);
  return token();
}

describe("a sign-out in another tab, at any moment of a refresh", () => {
  test.each([0, 1, 2, 3, 4, 5])("after %i turns, nobody is signed in afterwards", async (count) => {
    const { shared, refreshing, leaving } = await twoTabs();
    const refreshed = refreshing.source.renew(async () => "second", NEVER);
    await turns(count);
    const left = leaving.source.logout();
    await Promise.all([refreshed, left]);
    expect(shared.value).toBeNull();
    expect(await afterLooking(refreshing)).toBeUndefined();
    expect(await afterLooking(leaving)).toBeUndefined();
  });

  test.each([0, 1, 2, 3, 4, 5])(
    "after %i turns, while the refreshed token takes long to write",
    async (count) => {
      const { shared, refreshing, leaving } = await twoTabs(10);
      const refreshed = refreshing.source.renew(async () => "second", NEVER);
      await turns(count);
      await Promise.all([refreshed, leaving.source.logout()]);
      expect(shared.value).toBeNull();
    },
  );

  test.each([0, 1, 2, 3, 4, 5])("begun %i turns before the refresh is", async (count) => {
    const { shared, refreshing, leaving } = await twoTabs();
    const left = leaving.source.logout();
    await turns(count);
    const refreshed = refreshing.source.renew(async () => "second", NEVER);
    await Promise.all([refreshed, left]);
    expect(shared.value).toBeNull();
    expect(await afterLooking(refreshing)).toBeUndefined();
  });
});

test("F25: two tabs that refresh at once agree on one token", async () => {
  const { shared, refreshing, leaving } = await twoTabs();
  const asked: number[] = [];
  const both = [refreshing, leaving].map(({ source }, tab) =>
    source.renew(async () => {
      asked.push(tab);
      return `refreshed by tab ${tab}`;
    }, NEVER),
  );
  await Promise.all(both);
  expect([shared.writes, asked]).toEqual([1, [0]]);
  expect([refreshing.token(), leaving.token()]).toEqual([shared.value, shared.value]);
});

describe("two connections of a page that share an adapter, which tells of nothing", () => {
  test.each([
    ["a sign-out", ({ source }: SourceHarness) => source.logout(), undefined],
    ["a sign-in", ({ source }: SourceHarness) => source.login("second"), "second"],
    ["a refresh", ({ source }: SourceHarness) => source.renew(async () => "third", NEVER), "third"],
  ])("hear of %s through one of them, and not after their end", async (_, act, expected) => {
    const adapter = sharedStorage("first").tab(1);
    const lock = sharedLock();
    const [one, other, gone] = [
      sourceHarness(adapter, { lock }),
      sourceHarness(adapter, { lock }),
      sourceHarness(adapter, { lock }),
    ];
    for (const { source } of [one, other, gone]) source.read();
    await turns(3);
    gone.stop();
    await act(one);
    await turns(3);
    expect([one.token(), other.token(), gone.token()]).toEqual([expected, expected, "first"]);
  });
});
