import type { Page } from "playwright";
import { describe, expect, test } from "vitest";
import { useApplication } from "./application.js";

const app = useApplication("react");
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const reads = (page: Page, text: string) =>
  expect.poll(() => page.locator("output").textContent()).toBe(text);
const counted = (page: Page, name: string) =>
  page.evaluate((key) => Number(document.documentElement.dataset[key] ?? 0), name);

describe("F52 a React component's own connection", () => {
  test("under StrictMode is one socket, none when it is gone, and none while an Activity hides it", async () => {
    const { page, live, ever, problems } = await app.open("owned");
    await reads(page, "version 0: connected 0");
    expect([live(), ever()]).toEqual([1, 1]);
    for (const way of ["mount", "hide"]) {
      await press(page, way);
      await expect.poll(live).toBe(0);
      await press(page, way);
      await reads(page, "version 0: connected 0");
      expect(live()).toBe(1);
    }
    expect(ever()).toBe(3);
    expect(problems()).toEqual([]);
  });

  test("hears each event once, with the newest listener", async () => {
    const { page, problems } = await app.open("owned");
    await reads(page, "version 0: connected 0");
    for (const heard of [1, 2, 3]) {
      app.tick();
      await reads(page, `version 0: connected ${heard}`);
    }
    expect(problems()).toEqual([]);
  });

  test("is made once Suspense has let the component in, and kept when it is suspended again", async () => {
    const { page, live, ever, problems } = await app.open("suspended");
    await page.getByText("waiting").waitFor();
    expect(ever()).toBe(0);
    await press(page, "resolve");
    await reads(page, "version 0: connected 0");
    await press(page, "suspend");
    await page.getByText("waiting").waitFor();
    expect(live()).toBe(1);
    await press(page, "resolve");
    await page.getByText("waiting").waitFor({ state: "detached" });
    await reads(page, "version 0: connected 0");
    expect([live(), ever()]).toEqual([1, 1]);
    expect(problems()).toEqual([]);
  });
});

test("a React component renders again only when what it has selected changes", async () => {
  const { page, problems } = await app.open("selected");
  const status = (text: string) => page.locator("p").filter({ hasText: text }).waitFor();
  await status("connected");
  const [renders, changes] = [await counted(page, "renders"), await counted(page, "changes")];
  for (let times = 0; times < 3; times += 1) {
    await press(page, "stop");
    await status("idle");
    await press(page, "start");
    await status("connected");
  }
  expect(await counted(page, "changes")).toBeGreaterThanOrEqual(changes + 6);
  expect(await counted(page, "renders")).toBe(renders);
  await press(page, "sign out");
  await reads(page, "0 true");
  expect(await counted(page, "renders")).toBe(renders + 1);
  expect(problems()).toEqual([]);
});

test("all React components of a transition show the same state, also where it changes meanwhile", async () => {
  const { page, problems } = await app.open("torn");
  await page.locator("i").filter({ hasText: "connected" }).waitFor();
  await press(page, "begin");
  await expect.poll(() => page.locator("output").textContent()).toBe("40");
  await expect
    .poll(async () => new Set(await page.locator("i").allTextContents()))
    .toEqual(new Set(["idle"]));
  expect(await counted(page, "torn")).toBe(0);
  expect(problems()).toEqual([]);
});

test("a React component hears the socket's own events, and nothing once it is gone", async () => {
  const { page, problems } = await app.open("events");
  await reads(page, "connect");
  await press(page, "away");
  await reads(page, "connect disconnect(io client disconnect) connect");
  app.tick();
  await reads(page, "connect disconnect(io client disconnect) connect tick");
  await press(page, "left");
  await press(page, "mount");
  await press(page, "left");
  expect([await counted(page, "left1"), await counted(page, "left0")]).toEqual([1, 1]);
  expect(problems()).toEqual([]);
});

describe("a page of React that a server has rendered", () => {
  test.each([
    ["shown", "connected"],
    ["owned", "version 0: connected 0"],
  ])("is hydrated without a mismatch: %s", async (scenario, shown) => {
    expect(await app.render(scenario)).toContain("idle");
    const { page, live, problems } = await app.open(scenario, true);
    await reads(page, shown);
    expect(live()).toBe(1);
    expect(problems()).toEqual([]);
  });
});

// The last one, as it changes the files.
test("F52 a React component's own connection is one socket after five hot updates", async () => {
  const { page, live, problems } = await app.open("owned");
  await reads(page, "version 0: connected 0");
  await page.evaluate(() => Object.assign(window, { isSame: true }));
  for (let version = 1; version <= 5; version += 1) {
    await app.edit("widget.tsx", `version ${version - 1}`, `version ${version}`);
    await reads(page, `version ${version}: connected 0`);
    await expect.poll(live).toBe(1);
  }
  expect(await page.evaluate(() => "isSame" in window), "the page was not loaded again").toBe(true);
  expect(problems()).toEqual([]);
});
