import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { launchChromium, listenTo } from "../../support/chromium.js";
import { LEAVES } from "../../support/leaves.js";
import { servePage } from "./serve-page.js";
import "./page-api.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** The page of a binding, open in Chromium, and its server. */
async function open(name: string) {
  const server = await servePage(name);
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  const { errors } = listenTo(page);
  await page.goto(server.url);
  await page.waitForFunction(() => window.page !== undefined);
  return { ...server, page, errors };
}

const show = (page: Page, name: string | undefined) =>
  page.evaluate((shown) => window.page.show(shown), name);
const hide = (page: Page, isHidden: boolean) => page.evaluate((hidden) => window.page.hide(hidden), isHidden);
const reads = (page: Page, text: string, at = 0) =>
  expect.poll(() => page.locator("output").nth(at).textContent()).toContain(text);

describe.each(["vue", "svelte", "solid"])("F39 the binding for %s", (name) => {
  test("has one server socket while the component is there, and none after that", async () => {
    const { page, live, handshakes, errors } = await open(name);
    await show(page, "chart");
    await reads(page, '{"connected":"steady"} true');
    expect([live(), handshakes()]).toEqual([1, 1]);
    await show(page, undefined);
    await expect.poll(live).toBe(0);
    await show(page, "chart");
    await expect.poll(live).toBe(1);
    expect(errors).toEqual([]);
  });
});

describe.each(["useActorRef", "useMachine", "createActorContext"])("F39 %s of @xstate/react", (name) => {
  test("under StrictMode has one server socket, none while an Activity hides it, and none when it is gone", async () => {
    const { page, live, handshakes, errors } = await open("react");
    await show(page, name);
    await reads(page, '{"connected":"steady"} 1');
    expect([live(), handshakes()]).toEqual([1, 1]);
    await hide(page, true);
    await expect.poll(live).toBe(0);
    await hide(page, false);
    await reads(page, '{"connected":"steady"} 2');
    expect([live(), handshakes()]).toEqual([1, 2]);
    await show(page, undefined);
    await expect.poll(live).toBe(0);
    expect(errors).toEqual([]);
  });
});

test("F39 a component that toggles between the logic and a copy changes nobody else's connection", async () => {
  const { page, live, errors } = await open("react");
  await show(page, "toggling");
  await expect.poll(live).toBe(2);
  for (let times = 0; times < 3; times += 1) await page.evaluate(() => window.page.toggle());
  await hide(page, true);
  await expect.poll(live).toBe(0);
  await hide(page, false);
  await reads(page, '{"connected":"steady"}', 1);
  await expect.poll(live).toBe(2);
  expect(errors).toEqual([]);
});

test("F39 a guard that throws ends in the error boundary, and leaves no socket", async () => {
  const { page, live } = await open("react");
  await show(page, "throwing");
  await expect.poll(() => page.getByRole("alert").textContent()).toContain("a guard that throws");
  await expect.poll(live).toBe(0);
});

test("F39 stopped by an Activity in every leaf of the chart, and started again, a connection goes on with one link", async () => {
  const { page, errors } = await open("react");
  for (const [path, { ends }] of Object.entries(LEAVES)) {
    const { reached, hidden, ...after } = await page.evaluate((leaf) => window.page.restartIn(leaf), path);
    expect({ reached, hidden }, path).toEqual({ reached: path, hidden: [0, 0, 0] });
    const isConnected = ends === undefined;
    expect(after, path).toEqual({
      status: ends ?? "connected",
      most: isConnected ? 1 : 0,
      arrived: isConnected ? 1 : 0,
    });
  }
  expect(errors).toEqual([]);
});
