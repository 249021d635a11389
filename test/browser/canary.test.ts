import { afterAll, beforeAll, expect, test } from "vitest";
import { plant, takeLeaks } from "../quality/canary/record.js";
import { keepPages } from "../quality/canary/setup-surroundings.js";
import { launchChromium } from "../support/chromium.js";

const token = "a-token-that-nobody-may-see";
let browser: Awaited<ReturnType<typeof launchChromium>>;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** What the canary has found so far, by the way that it left. */
const ways = (): string[] => takeLeaks().map((path) => path.split(".")[1] ?? "");

test("the canary that watches over every test looks at browsers: pages, frames, consoles and addresses", async () => {
  plant(token);
  const page = await browser.newPage();
  await page.setContent(`<p>Hello</p>`);
  await keepPages();
  expect(ways()).toEqual([]);

  await page.evaluate((text) => console.debug({ deep: text }), token);
  await page.evaluate((text) => fetch(`http://localhost:1/${text}`).catch(() => {}), token);
  await page.evaluate((text) => {
    document.querySelector("p")?.setAttribute("data-about", text);
  }, token);
  await keepPages();
  expect(ways().sort()).toEqual(["addresses", "console of a page", "pages"]);

  await page.setContent("<iframe></iframe>");
  await page.frames()[1]?.setContent(token);
  await page.close();
  expect(ways()).toEqual(["pages"]);
});
