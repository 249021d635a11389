import type { Page } from "playwright";
import { expect, test } from "vitest";
import { playgroundHarness } from "./harness.js";

const harness = playgroundHarness();

/** The states that are lit on the drawn chart, the innermost last. */
const lit = (shell: Page): Promise<string[]> =>
  shell.locator("#picture .state.current").evaluateAll((states) => {
    const paths = new Set(states.map((state) => state.getAttribute("data-state") ?? ""));
    return [...paths].sort((one, other) => one.length - other.length);
  });

/** The transitions that are traced, by their ends. */
const traced = (shell: Page): Promise<string[]> =>
  shell
    .locator("#picture .taken")
    .evaluateAll((edges) =>
      edges.map((edge) => `${edge.getAttribute("data-from")} → ${edge.getAttribute("data-to")}`),
    );

test("the chart lights the state of a client, traces how it came there, and says why", async () => {
  const { shell, a } = await harness.openBoth();
  await expect.poll(() => lit(shell)).toEqual(["connected", "connected.steady"]);
  expect(await traced(shell)).toEqual(["connecting.opening → connected.steady"]);
  expect(await shell.locator("#step-words").innerText()).toMatch(/^The server accepted the token/);

  await a.press("Sign out");
  await expect.poll(() => lit(shell)).toEqual(["loggedOut", "loggedOut.signedOut"]);
  await a.until("status", "loggedOut.signedOut");
  expect((await traced(shell)).join()).toMatch(/→ loggedOut\.signedOut$/);
});

test("a step through a state that is left at once is traced as two transitions", async () => {
  const { shell, a } = await harness.openBoth();
  await a.press("Refresh now");
  await a.untilTransition(/rotating\.reauthenticating\.asking → connected\.steady/);
  await shell.getByRole("button", { name: "Earlier" }).click();
  await expect.poll(() => lit(shell)).toContain("rotating.reauthenticating.asking");
  expect(await traced(shell)).toEqual([
    "connected → rotating.choosing",
    "rotating.choosing → rotating.reauthenticating.asking",
  ]);
});

test("history is gone through by keyboard, stays while new steps come, and goes back to live", async () => {
  const { shell, a, b } = await harness.openBoth();
  const position = shell.locator("#step-position");
  await shell.locator("#steps").focus();
  await shell.keyboard.press("ArrowLeft");
  expect(await position.innerText()).toBe("1 step back");
  const words = await shell.locator("#step-words").innerText();
  await a.press("Refresh now");
  await a.untilTransition(/reauthenticating\.asking → connected\.steady/);
  await expect.poll(() => position.innerText()).toBe("4 steps back");
  expect(await shell.locator("#step-words").innerText()).toBe(words);
  await shell.locator("#steps").focus();
  await shell.keyboard.press("End");
  expect(await position.innerText()).toBe("Live");
  expect(await lit(shell)).toContain("connected.steady");

  await shell.getByLabel("Of").selectOption("client B");
  await b.press("Disconnect");
  await expect.poll(() => lit(shell)).toContain("idle.stopped");
  await shell.getByLabel("Of").selectOption("client A");
  expect(await lit(shell)).toContain("connected.steady");
});
