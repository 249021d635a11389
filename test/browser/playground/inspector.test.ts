import { expect, test } from "vitest";
import { findSecrets } from "../../quality/canary/secrets.js";
import { playgroundHarness } from "./harness.js";

const harness = playgroundHarness();

/** A page in the inspector's place, which says that it is there and keeps what it is told. */
const INSPECTOR = `<!doctype html><title>inspector</title><script>
  window.told = [];
  addEventListener("message", ({ data }) => told.push(data));
  opener.postMessage({ type: "@statelyai.connected" }, "*");
</script>`;

test("?inspect shows Stately's inspector what the connection does, and no token", async () => {
  await harness.start();
  const tab = await harness.openTab("", { inspector: INSPECTOR });
  const [inspector] = await Promise.all([
    tab.page.waitForEvent("popup"),
    tab.page.goto(`${tab.page.url()}?inspect`),
  ]);
  await tab.press("Sign in as Ada");
  await tab.untilConnectedAs("Ada");
  const told = (): Promise<string> => inspector.evaluate("JSON.stringify(told)");
  await expect.poll(told, { timeout: 15_000 }).toContain('"value":{"connected":"steady"}');
  const tokens = (await Promise.all(tab.issued)).map((body): string => JSON.parse(body).accessToken);
  expect(findSecrets(await told(), tokens)).toEqual([]);
  expect(await tab.text("inspector-note")).toBe("");
  await inspector.close();
});

test("?inspect without the network says so in words, and the page works without it", async () => {
  await harness.start();
  const tab = await harness.openTab();
  const [inspector] = await Promise.all([
    tab.page.waitForEvent("popup"),
    tab.page.goto(`${tab.page.url()}?inspect`),
  ]);
  await tab.press("Sign in as Ada");
  await tab.untilConnectedAs("Ada");
  await tab.press("Open the inspector");
  await tab.until("inspector-note", /The inspector has not answered: .* needs the network/);
  await inspector.close();
});
