import { expect, test } from "vitest";
import { playgroundHarness, untilAnotherToken } from "./harness.js";

const harness = playgroundHarness();

test("F14 a plain server ends the link with its token, and the tab is connected again without anybody's doing", async () => {
  await harness.start(1_000);
  const tab = await harness.openTab("?server=plain");
  await tab.press("Sign in as Ada");
  await tab.untilConnectedAs("Ada");
  const socket = await tab.socketId();
  await expect.poll(() => tab.issued.length, { timeout: 15_000 }).toBeGreaterThan(1);
  await tab.untilAnotherSocket(socket);
  await tab.until("status", "connected.steady");
  expect(await tab.frame.locator(".hint.bad").count()).toBe(0);
});

test("a token is refreshed before it runs out, and takes effect on the same link", async () => {
  await harness.start(4_000);
  const tab = await harness.openTab();
  await tab.press("Sign in as Ada");
  await tab.untilConnectedAs("Ada");
  const [token, socket] = [await tab.text("token-served"), await tab.socketId()];
  await untilAnotherToken(tab, token);
  await tab.untilTransition(/connected\.refreshing → rotating\.reauthenticating\.asking/);
  expect(await tab.socketId()).toBe(socket);
  expect(await tab.text("transitions")).not.toContain("ERR_");
});

test.each([
  ["auto", "half", /rotating\.reauthenticating\.asking/, "same link"],
  ["replace", "half", /rotating\.replacing\.settling/, "replace"],
  ["auto", "plain", /rotating\.replacing\.settling/, "replace"],
  ["overlap", "plain", /rotating\.overlapping\.opening/, "overlap"],
] as const)("rotation %s on a %s server is chosen on the page", async (rotation, server, way, name) => {
  const tab = await harness.openOne();
  // Each choice loads the page anew.
  for (const [setting, value] of [
    ["rotation", rotation],
    ["server", server],
  ] as const) {
    if ((await tab.page.locator(`#${setting}`).inputValue()) === value) continue;
    await tab.page.locator(`#${setting}`).selectOption(value);
    await tab.page.waitForURL((url) => url.searchParams.get(setting) === value);
  }
  await tab.untilConnectedAs("Ada");
  const [token, link] = [await tab.text("token-served"), await tab.socketId()];
  await tab.press("Refresh now");
  await tab.untilTransition(way);
  await untilAnotherToken(tab, token);
  await tab.untilConnectedAs("Ada");
  await tab.until("gaps", new RegExp(`${name}: \\d+ missed, \\d+ ms`));
  if (name === "same link") expect(await tab.text("gaps")).toContain("same link: 0 missed");
  expect((await tab.socketId()) === link).toBe(way.source.includes("reauthenticating"));
});
