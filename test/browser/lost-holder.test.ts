import { describe, expect, test } from "vitest";
import { useLivingHarness } from "./fixture/living-harness.js";
import type { Tab } from "./fixture/tab.js";

/** What a token server has to give: the next tab presents the refresh token that the lost one has used up. */
const harness = useLivingHarness({ grace: 60_000, expectedErrors: /401/ });

/** The first tab is in mid-call, the second one waits for its turn. */
async function openTabs({ patience }: { patience: number }): Promise<[lost: Tab, next: Tab]> {
  const { authorization } = harness;
  await harness.signIn();
  authorization.isHeld = true;
  const tabs: [Tab, Tab] = [await harness.tab("lost"), await harness.tab("next")];
  await tabs[0].open({ transports: ["websocket"] });
  await tabs[1].open({ transports: ["websocket"], refreshTimeout: patience });
  for (const tab of tabs) await tab.untilConnectedBy("ada 1");
  await startRefresh(tabs[0]);
  await authorization.untilCalls(1);
  await startRefresh(tabs[1]);
  await tabs[1].untilQueued();
  authorization.isHeld = false;
  return tabs;
}

async function startRefresh(tab: Tab): Promise<void> {
  await tab.page.evaluate(() => void window.rotor.connection.refresh().catch(() => {}));
}

const calls = (): string[] => harness.authorization.calls.map(({ tab, outcome }) => `${tab} ${outcome}`);

test("F25 a tab that is closed in mid-call: the next one takes over at once", async () => {
  // Its patience would outlast the test.
  const [lost, next] = await openTabs({ patience: 600_000 });
  await lost.page.close();
  await next.untilConnectedBy("ada 3");
  expect(calls()).toEqual(["lost rotated", "next grace"]);
});

describe("F24 F25 a tab that is frozen in mid-call:", () => {
  const answers = [
    { what: "token", send: () => harness.authorization.calls[0]?.answer() },
    { what: "refusal", send: () => harness.authorization.calls[0]?.refuse() },
  ];
  test.each(answers)("the next one takes over, and the late $what changes nothing", async ({ send }) => {
    const [lost, next] = await openTabs({ patience: 1_000 });
    await lost.freeze();
    await next.untilConnectedBy("ada 3");
    expect(calls()).toEqual(["lost rotated", "next grace"]);
    send();
    await lost.resume();
    for (const tab of [lost, next]) {
      await tab.untilConnectedBy("ada 3");
      await tab.untilRefreshed();
      expect(await tab.ask("marker")).toBe("ada 3");
      expect(await tab.page.evaluate(() => window.rotor.labelInStorage())).toBe("ada 3");
    }
    expect(harness.server.log.story("lost")).toEqual([
      "handshake ada 1",
      "connect ada 1",
      "disconnect ada 1",
      "handshake ada 3",
      "connect ada 3",
      "ask marker ada 3",
    ]);
    expect(calls()).toHaveLength(2);
  });
});
