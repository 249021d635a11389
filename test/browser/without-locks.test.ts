import { describe, expect, test } from "vitest";
import { useLivingHarness } from "./fixture/living-harness.js";
import type { Tab } from "./fixture/tab.js";

/** Three tabs of a page without Web Locks, such as one that came over plain HTTP, all in mid-call with one refresh token. */
async function openTabs(harness: ReturnType<typeof useLivingHarness>): Promise<Tab[]> {
  await harness.signIn();
  harness.authorization.isHeld = true;
  const tabs: Tab[] = [];
  for (const name of ["a", "b", "c"]) {
    const tab = await harness.tab(name);
    await tab.page.evaluate(() => Object.defineProperty(navigator, "locks", { value: undefined }));
    await tab.open({ transports: ["websocket"] });
    tabs.push(tab);
  }
  return tabs;
}

describe("F25 without Web Locks", () => {
  const harness = useLivingHarness({ lifetime: 400, grace: 60_000 });

  test("10 times near expiry each tab calls, and with a grace window nobody is signed out", async () => {
    const { server, authorization } = harness;
    const tabs = await openTabs(harness);
    for (let round = 1; round <= 10; round += 1) {
      await authorization.untilCalls(3 * round);
      const ofRound = authorization.calls.slice(-3);
      expect(ofRound.map(({ tab }) => tab).sort()).toEqual(["a", "b", "c"]);
      // Calls that come at the same moment may be decided in another order than they came in.
      expect(ofRound.map(({ outcome }) => outcome).sort()).toEqual(["grace", "grace", "rotated"]);
      for (const call of ofRound) call.answer();
      const agree = (): boolean => {
        const [label, ...others] = tabs.map(({ name }) => server.live(name).join());
        return (
          label !== "" &&
          others.every((other) => other === label) &&
          Number(label?.split(" ")[1]) > 3 * round - 2
        );
      };
      await server.log.until("all by one of the three tokens", agree);
    }
  });
});

describe("F25 without Web Locks, of an authorization server that forgives nothing,", () => {
  const harness = useLivingHarness({ lifetime: 400, expectedErrors: /401/ });

  test("the refusal of a call that lost signs nobody out when the winner's token has been stored", async () => {
    const { authorization } = harness;
    const tabs = await openTabs(harness);
    await authorization.untilCalls(3);
    const winner = authorization.calls.find(({ outcome }) => outcome === "rotated");
    const losers = authorization.calls.filter((call) => call !== winner);
    authorization.isHeld = true;
    winner?.answer();
    const others = tabs.filter(({ name }) => name !== winner?.tab);
    await Promise.all(others.map((tab) => tab.page.evaluate(() => window.rotor.untilStored("ada 2"))));
    for (const call of losers) call.answer();
    await Promise.all(tabs.map((tab) => tab.until("connected.refreshing", "ada 2")));
    expect(losers.map(({ outcome }) => outcome).sort()).toEqual(["reuse", "signed out"]);
  });
});
