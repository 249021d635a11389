import type { Page } from "playwright";
import { describe, expect, test } from "vitest";
import type { Application, Framework } from "./application.js";

export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole("button", { name, exact: true }).click();

export const reads = (page: Page, text: string): Promise<void> =>
  expect.poll(async () => (await page.locator("output").textContent())?.trim()).toBe(text);

/** How often the page has counted something. */
export const counted = (page: Page, name: string): Promise<number> =>
  page.evaluate((key) => Number(document.documentElement.dataset[key] ?? 0), name);

/** What holds in every framework, by the pages in `pages/`, which show the same. */
export function testEntry(app: Application, framework: Framework): void {
  describe(`a component's own connection, in ${framework}`, () => {
    test("is one socket, and none when the component is gone", async () => {
      const { page, live, ever, problems } = await app.open("owned");
      await reads(page, "version 0: connected 0");
      expect([live(), ever()]).toEqual([1, 1]);
      await press(page, "mount");
      await expect.poll(live).toBe(0);
      await press(page, "mount");
      await reads(page, "version 0: connected 0");
      expect([live(), ever()]).toEqual([1, 2]);
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

    test("is made once what the component waits for is there", async () => {
      const { page, live, ever, problems } = await app.open("suspended");
      await page.getByText("waiting").waitFor();
      expect(ever()).toBe(0);
      await press(page, "resolve");
      await reads(page, "version 0: connected 0");
      expect([live(), ever()]).toEqual([1, 1]);
      expect(problems()).toEqual([]);
    });
  });

  test(`what has selected a value of the snapshot runs again only when that changes, in ${framework}`, async () => {
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

  test(`a component hears the socket's own events, and nothing once it is gone, in ${framework}`, async () => {
    const { page, problems } = await app.open("events");
    await reads(page, "connect");
    await press(page, "away");
    await reads(page, "connect disconnect(io client disconnect) connect");
    app.tick();
    await reads(page, "connect disconnect(io client disconnect) connect tick");
    await press(page, "sign out");
    await reads(
      page,
      "connect disconnect(io client disconnect) connect tick disconnect(io client disconnect) dropped(hello, ERR_LOGGED_OUT)",
    );
    await press(page, "left");
    await press(page, "mount");
    await press(page, "left");
    expect([await counted(page, "left1"), await counted(page, "left0")]).toEqual([1, 1]);
    expect(problems()).toEqual([]);
  });

  test.each([
    ["shown", "connected"],
    ["owned", "version 0: connected 0"],
  ])(
    `a page that a server has rendered is hydrated without a mismatch, in ${framework}: %s`,
    async (scenario, shown) => {
      expect(await app.render(scenario)).toContain("idle");
      const { page, live, problems } = await app.open(scenario, true);
      await reads(page, shown);
      expect(live()).toBe(1);
      expect(problems()).toEqual([]);
    },
  );
}

/** Five hot updates of the widget's file, each of which has the server see one socket. It comes last: the file is another one after that. */
export async function updateFiveTimes(app: Application, file: string): Promise<void> {
  const { page, live, problems } = await app.open("owned");
  await reads(page, "version 0: connected 0");
  await page.evaluate(() => Object.assign(window, { isSame: true }));
  for (let version = 1; version <= 5; version += 1) {
    await app.edit(file, `version ${version - 1}`, `version ${version}`);
    await reads(page, `version ${version}: connected 0`);
    await expect.poll(live).toBe(1);
  }
  expect(await page.evaluate(() => "isSame" in window), "the page was not loaded again").toBe(true);
  expect(problems()).toEqual([]);
}
