import { expect, test } from "vitest";
import { useStage } from "../../browser/fixture/harness.js";

const stage = useStage();

/** Chromium opens so many connections to a host, and keeps what is asked beyond them back. */
const CONNECTIONS = 6;

test("a server that leaves requests without an answer does not use up the browser's connections", async () => {
  const tab = await stage.tab("one");
  const { label, value } = await stage.server.tokens.issue("ada");
  await tab.setItem(value);
  stage.server.park();
  await tab.open({ transports: ["polling"], timeout: 1_000 });
  await expect
    .poll(() => tab.page.evaluate(() => window.rotor.connection.getSnapshot().attempt), { timeout: 40_000 })
    .toBeGreaterThan(CONNECTIONS);
  // What was left without an answer stays so; what comes from now on is answered.
  stage.server.park()();
  await tab.untilConnectedBy(label);
});
