import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { RECIPES } from "../../../docs/recipes/bundle.js";
import { launchChromium, listenTo } from "../../support/chromium.js";
import { serveRecipe } from "./serve-recipe.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

async function open(url: string) {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const { errors } = listenTo(page);
  await page.goto(url);
  return { context, page, errors };
}

const status = (page: Page, is: string) =>
  page.getByRole("status").filter({ hasText: is }).waitFor({ timeout: 20_000 });

const lines = (page: Page) => page.getByRole("listitem").allTextContents();

async function say(page: Page, text: string, line: string): Promise<void> {
  await page.getByLabel("Message").fill(text);
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("listitem").filter({ hasText: line }).waitFor();
}

describe.each(RECIPES)("the recipe for %s", (recipe) => {
  test("signs in, switches the user, signs out, and hears each line once", async () => {
    const { io, url } = await serveRecipe(recipe);
    const { page, errors } = await open(url);
    await status(page, "loggedOut");
    await page.getByRole("button", { name: "Sign in as Alice" }).click();
    await status(page, "connected");
    await say(page, "hello", "Alice: hello");
    await page.getByRole("button", { name: "Sign in as Bob" }).click();
    await expect.poll(() => [...io.sockets.sockets.values()].map(({ data }) => data.user)).toEqual(["Bob"]);
    await status(page, "connected");
    await say(page, "good morning", "Bob: good morning");
    expect(await lines(page)).toEqual(["Alice: hello", "Bob: good morning"]);

    await page.getByRole("button", { name: "Sign out" }).click();
    await status(page, "loggedOut");
    await expect.poll(() => io.sockets.sockets.size).toBe(0);
    await page.getByLabel("Message").fill("to nobody");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("alert").filter({ hasText: "Nobody is signed in" }).waitFor();
    expect(errors).toEqual([]);
  });

  test("follows a sign-out in another tab", async () => {
    const { io, url } = await serveRecipe(recipe);
    const { context, page } = await open(url);
    const other = await context.newPage();
    await other.goto(url);
    await page.getByRole("button", { name: "Sign in as Alice" }).click();
    await status(other, "connected");
    await status(page, "connected");
    await page.getByRole("button", { name: "Sign out" }).click();
    await status(other, "loggedOut");
    await expect.poll(() => io.sockets.sockets.size).toBe(0);
  });
});

test("F23: in StrictMode a component's own connection is one socket on the server, and none when it is gone", async () => {
  const { io, url } = await serveRecipe("react", "owned.html");
  let ever = 0;
  io.on("connection", () => {
    ever += 1;
  });
  const { page, errors } = await open(url);
  await page.getByRole("button", { name: "Sign in" }).click();
  await status(page, "connected");
  await page.getByRole("button", { name: "Hide" }).click();
  await expect.poll(() => io.sockets.sockets.size).toBe(0);
  await page.getByRole("button", { name: "Show" }).click();
  await status(page, "connected");
  expect(io.sockets.sockets.size).toBe(1);
  expect(ever).toBe(2);
  expect(errors).toEqual([]);
});

test("with @xstate/react a page tells that an attempt has failed", async () => {
  const { io, url } = await serveRecipe("react", "owned.html");
  const { page } = await open(url);
  await page.getByRole("button", { name: "Sign in" }).click();
  await status(page, "connected");
  await page.getByRole("status").filter({ hasText: "connected" }).waitFor();
  const attempts = page.getByRole("note");
  expect(await attempts.count()).toBe(0);
  await io.close();
  await attempts.filter({ hasText: "failed" }).waitFor();
});

test("the script for Node connects, says something, and ends by itself", async () => {
  const { url } = await serveRecipe("node");
  const script = fileURLToPath(new URL("../../../docs/recipes/node/main.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (text) => {
    output += text;
  });
  const [code] = await once(child, "exit");
  expect([code, output]).toEqual([0, "Robot: Hello\n"]);
});
