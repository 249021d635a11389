import { describe, expect, test } from "vitest";
import { useLivingHarness } from "./fixture/living-harness.js";
import type { Tab } from "./fixture/tab.js";

type Harness = ReturnType<typeof useLivingHarness>;

async function openTab(harness: Harness, name: string, options: { isTwin?: boolean } = {}): Promise<Tab> {
  const tab = await harness.tab(name);
  // A call is held back until every tab waits for it, one that is just being loaded among them.
  await tab.open({ transports: ["websocket"], refreshTimeout: 60_000, ...options });
  return tab;
}

/** Three tabs of Ada, whose refresh calls wait for their answers. */
async function openTabs(harness: Harness): Promise<Tab[]> {
  await harness.signIn();
  harness.authorization.isHeld = true;
  return [await openTab(harness, "a"), await openTab(harness, "b"), await openTab(harness, "c")];
}

/** Waits until every tab is about to refresh the token of a round: one call has come in, and it is not answered. */
async function untilAllWait(
  { authorization }: Harness,
  tabs: readonly Tab[],
  round: number,
  state = "connected.refreshing",
): Promise<void> {
  await Promise.all([
    ...tabs.map((tab) => tab.until(state, `ada ${round}`)),
    authorization.untilCalls(round),
  ]);
  expect(authorization.calls, `calls in round ${round}`).toHaveLength(round);
  expect(authorization.calls.at(-1)?.outcome).toBe("rotated");
}

const answer = ({ authorization }: Harness): void => authorization.calls.at(-1)?.answer();

describe("F25 near expiry", () => {
  /** Tokens that live so short that a refresh is always due soon. */
  const harness = useLivingHarness({ lifetime: 200 });

  test("three tabs make one call and rotate, 50 times, while tabs are closed, opened, frozen and resumed", {
    timeout: 240_000,
  }, async () => {
    const tabs = await openTabs(harness);
    for (let round = 1; round <= 50; round += 1) {
      await untilAllWait(harness, tabs, round);
      expect(tabs.map(({ name }) => harness.server.live(name))).toEqual(tabs.map(() => [`ada ${round}`]));
      const idle = tabs.findIndex(({ name }) => name !== harness.authorization.calls.at(-1)?.tab);
      const [tab] = tabs.slice(idle);
      if (round % 10 === 3) {
        await tab?.page.close();
        tabs.splice(idle, 1, await openTab(harness, `opened in round ${round}`));
      }
      // Frozen while it waits for its turn, and resumed when the others are done.
      if (round % 10 === 6) {
        await tab?.freeze();
        answer(harness);
        const others = tabs.filter((other) => other !== tab);
        const { log, live } = harness.server;
        const isDone = (): boolean => others.every(({ name }) => live(name).join() === `ada ${round + 1}`);
        await log.until("the others have rotated", isDone);
        await tab?.resume();
      } else answer(harness);
    }
  });

  test("two connections in one page make one call and rotate, 10 times", async () => {
    const { server, authorization } = harness;
    await harness.signIn();
    authorization.isHeld = true;
    await openTab(harness, "a", { isTwin: true });
    for (let round = 1; round <= 10; round += 1) {
      const bothRotated = (): boolean =>
        ["a", "a'"].every((name) => server.live(name).join() === `ada ${round}`);
      await server.log.until(`both by ada ${round}`, bothRotated);
      await authorization.untilCalls(round);
      answer(harness);
    }
    expect(authorization.calls.map(({ outcome }) => outcome)).toEqual(Array(10).fill("rotated"));
  });
});

describe("F25 refused at the same moment", () => {
  const harness = useLivingHarness();

  test("three tabs make one call and connect again, 10 times", async () => {
    const { server } = harness;
    const tabs = await openTabs(harness);
    const untilConnected = (round: number) =>
      Promise.all(tabs.map((tab) => tab.until("connected.steady", `ada ${round}`)));
    for (let round = 1; round <= 10; round += 1) {
      // Who is still being admitted would be let in by the expired token, and not be kicked.
      await untilConnected(round);
      server.tokens.expire();
      for (const { name } of tabs) server.kick(name);
      await untilAllWait(harness, tabs, round, "connecting.refreshing");
      answer(harness);
    }
    await untilConnected(11);
  });
});
