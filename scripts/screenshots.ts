/**
 * Photographs the playground in Chromium, after a rotation, with one network cut: `npm run screenshots` renews the pictures in
 * docs/playground/screenshots. Chromium is found as the tests find it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright";
import { startPlayground } from "../docs/playground/playground.js";
import { findProgram } from "./prepare.mjs";

const PICTURES = [
  { name: "light", width: 1_280, height: 800, colorScheme: "light" },
  { name: "dark", width: 1_280, height: 800, colorScheme: "dark" },
  { name: "narrow", width: 390, height: 844, colorScheme: "light" },
] as const;

/** So long the strips are filled before the rotation, and after it. */
const PAUSE = 4_000;

const folder = await mkdtemp(join(tmpdir(), "playground-screenshots-"));
const playground = await startPlayground({ port: 0, keyFile: join(folder, "key.json") });
const executablePath = findProgram("Chromium") ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
for (const picture of PICTURES) await take(browser, picture);
await browser.close();
await playground.close();
await rm(folder, { recursive: true });

async function take(
  browser: Browser,
  { name, width, height, colorScheme }: (typeof PICTURES)[number],
): Promise<void> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  await page.goto(playground.url);
  const a = page.frameLocator("#client-a");
  const b = page.frameLocator("#client-b");
  await b.locator("#status", { hasText: "connected.steady" }).waitFor();
  await page.waitForTimeout(PAUSE);
  await a.getByRole("button", { name: "Refresh now" }).click();
  await page.waitForTimeout(PAUSE);
  await b.getByRole("button", { name: "Cut the network" }).click();
  await b.locator("#status", { hasText: "connecting" }).waitFor();
  await page.waitForTimeout(1_000);
  // The pointer is not to rest on anything, nor the focus.
  await page.mouse.move(0, 0);
  await page.evaluate(() => scrollTo(0, 0));
  const path = fileURLToPath(new URL(`../docs/playground/screenshots/${name}.png`, import.meta.url));
  await page.screenshot({ path });
  await page.close();
}
