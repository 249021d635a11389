import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { launchChromium } from "../../support/chromium.js";
import { startServer } from "./fixture/server.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

test.each(["zustand", "redux", "pinia"])(
  "F48 over %s, the store of each of two tabs follows a sign-in, a refresh and a sign-out, and keeps its other field",
  async (name) => {
    const { url, live, handshakes } = await startServer("stores", { folder: "stores" });
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const [one, two] = [await context.newPage(), await context.newPage()];
    for (const page of [one, two]) {
      await page.goto(`${url}/?store=${name}`);
      await page.waitForFunction(() => window.store !== undefined);
    }
    const both = async (state: string): Promise<void> => {
      for (const page of [one, two])
        await expect.poll(() => page.evaluate(() => window.store.state())).toBe(state);
    };
    await both("nobody, light, loggedOut");
    await one.evaluate(() => window.store.signIn());
    await both("ada 1, light, connected");
    await two.evaluate(() => window.store.refresh());
    await both("ada 2, light, connected");
    await expect.poll(live).toEqual(Array(2).fill("undefined: ada 2"));
    const before = handshakes();
    await one.evaluate(() => window.store.setTheme("dark"));
    await expect.poll(() => one.evaluate(() => window.store.state())).toBe("ada 2, dark, connected");
    await one.reload();
    await expect.poll(() => one.evaluate(() => window.store?.state())).toBe("ada 2, dark, connected");
    // The reload alone: another field of the store is no other token.
    expect(handshakes()).toBe(before + 1);
    await one.evaluate(() => window.store.signOut());
    await expect.poll(() => one.evaluate(() => window.store.state())).toBe("nobody, dark, loggedOut");
    await expect.poll(() => two.evaluate(() => window.store.state())).toMatch(/^nobody, .*, loggedOut$/);
    expect(live()).toEqual([]);
  },
);
