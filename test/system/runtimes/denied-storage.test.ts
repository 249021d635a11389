import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Frame, type Page } from "playwright";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ARGS } from "../../support/chromium.js";
import { open, untilSeen, useHarness } from "./fixture/harness.js";

const harness = useHarness();

/** The read fails and is tried again, nobody is signed out, and one line says why; memory works even so. */
async function expectRetriesAndMemory(
  page: Page | Frame,
  kind: "webStorage" | "sessionStorage" | "cookieStorage",
  words: RegExp,
): Promise<void> {
  await open(page, kind, harness.server);
  await untilSeen(page, "connecting.waiting ERR_STORAGE_UNAVAILABLE", 3);
  const { states, warnings } = await page.evaluate(() => window.runtime);
  expect(states.filter((state) => !/^(idle\.stopped|connecting\.)/.test(state))).toEqual([]);
  expect(warnings).toEqual([expect.stringMatching(words)]);

  const token = await harness.server.tokens.issue("ada");
  await open(page, "memoryStorage", harness.server);
  await untilSeen(page, "loggedOut.signedOut");
  expect(await page.evaluate((value) => window.runtime.login(value), token.value)).toBe("done");
  await untilSeen(page, "connected.steady");
}

describe("F26 in a sandboxed frame of Chromium, whose storage throws,", () => {
  test.each(["webStorage", "sessionStorage", "cookieStorage"] as const)("with %s", async (kind) => {
    const page = await harness.browser.newPage();
    await page.goto(harness.server.url);
    await page.setContent('<iframe sandbox="allow-scripts" src="/page"></iframe>');
    const frame = page.frames().find((each) => each !== page.mainFrame());
    if (!frame) throw new Error("The page has one frame.");
    await frame.waitForFunction(() => "runtime" in window);
    await expectRetriesAndMemory(frame, kind, /the browser denies access/);
    await page.close();
  });
});

describe("F26 in a Chromium whose user blocks all storage,", () => {
  let profile = "";
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    profile = await mkdtemp(join(tmpdir(), "socket-rotor-"));
    await mkdir(join(profile, "Default"));
    const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
    await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(settings));
    const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
    context = await chromium.launchPersistentContext(profile, { executablePath, args: ARGS });
  });
  beforeEach(async () => {
    page = await context.newPage();
    await page.goto(`${harness.server.url}/page`);
  });
  afterAll(async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  });

  test("with webStorage", async () => {
    await expectRetriesAndMemory(page, "webStorage", /the browser denies access/);
  });

  test("with cookieStorage, which that Chromium does not tell from no cookie, login says that it was not kept", async () => {
    await open(page, "cookieStorage", harness.server);
    await untilSeen(page, "loggedOut.signedOut");
    expect(await page.evaluate(() => window.runtime.login("x"))).toBe("ERR_STORAGE_WRITE");
  });
});

test("F26 in a private window the storages work", async () => {
  // A context of Playwright's is a private window of its own.
  const context = await harness.browser.newContext();
  const token = await harness.server.tokens.issue("ada");
  for (const kind of ["webStorage", "sessionStorage", "cookieStorage"] as const) {
    const page = await context.newPage();
    await page.goto(`${harness.server.url}/page`);
    await open(page, kind, harness.server);
    expect(await page.evaluate((value) => window.runtime.login(value), token.value)).toBe("done");
    await untilSeen(page, "connected.steady");
    await page.close();
  }
  await context.close();
});
