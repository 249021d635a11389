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
  expect((await traced(shell)).sort()).toEqual([
    "connected → rotating.choosing",
    "rotating.choosing → rotating.reauthenticating.asking",
  ]);
});

test("history is gone through step by step, stays while new steps come, and goes back to live", async () => {
  const { shell, a, b } = await harness.openBoth();
  const position = shell.locator("#step-position");
  const earlier = shell.getByRole("button", { name: "Earlier" });
  const later = shell.getByRole("button", { name: "Later" });
  await earlier.click();
  expect(await position.innerText()).toBe("1 step back");
  const words = await shell.locator("#step-words").innerText();
  await a.press("Refresh now");
  await a.untilTransition(/reauthenticating\.asking → connected\.steady/);
  await expect.poll(() => position.innerText()).toBe("4 steps back");
  expect(await shell.locator("#step-words").innerText()).toBe(words);
  for (let step = 0; step < 4; step += 1) await later.click();
  expect(await position.innerText()).toBe("Live");
  expect(await lit(shell)).toContain("connected.steady");

  await shell.getByLabel("Of").selectOption("client B");
  await b.press("Disconnect");
  await expect.poll(() => lit(shell)).toContain("idle.stopped");
  await shell.getByLabel("Of").selectOption("client A");
  expect(await lit(shell)).toContain("connected.steady");
});

/** The clients that the overview shows in one of the five states. */
const clientsIn = (shell: Page, state: string): Promise<string[]> =>
  shell.locator(`#states [data-state=${state}] i`).allInnerTexts();

test("the overview shows where both clients are, and a rotation for long enough to be seen", async () => {
  const { shell, a } = await harness.openBoth();
  await expect.poll(() => clientsIn(shell, "connected")).toEqual(["A", "B"]);
  await a.press("Refresh now");
  await expect.poll(() => clientsIn(shell, "rotating"), { interval: 30 }).toEqual(["A", "B"]);
  const map = shell.locator("#map");
  expect(await map.locator('.transition.taken[data-from="connected"][data-to="rotating"]').count()).toBe(2);
  expect(await a.text("status"), "it is over long since").toBe("connected.steady");
  await expect.poll(() => clientsIn(shell, "connected")).toEqual(["A", "B"]);
});
