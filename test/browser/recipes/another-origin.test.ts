import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { createApi } from "../../../docs/recipes/another-origin/server.js";
import { bundleRecipe } from "../../../docs/recipes/bundle.js";
import { servePages } from "../../../docs/recipes/pages.js";
import { launchChromium, listenTo } from "../../support/chromium.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

async function listen(http: Server): Promise<string> {
  http.listen(0, "localhost");
  await once(http, "listening");
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  return `http://localhost:${(http.address() as AddressInfo).port}`;
}

/** The recipe's page on its origin, and a copy of it on another one. */
async function start() {
  const app = express();
  const [site, copy] = [await listen(createServer(app)), await listen(createServer(app))];
  const { http, io } = createApi({
    site,
    sessionSecret: randomUUID(),
    identityKey: randomUUID(),
    isSecure: false,
    userOf: async (name, password) => (typeof name === "string" && name === password ? name : undefined),
  });
  const api = await listen(http);
  onTestFinished(() => io.close());
  const files = await bundleRecipe("another-origin");
  const page = String(files.get("/index.html")).replace("http://localhost:3001", api);
  servePages(app, new Map([...files, ["/index.html", page]]));
  return { io, site, copy };
}

const status = (page: Page, is: string) =>
  page.getByRole("status").filter({ hasText: is }).waitFor({ timeout: 20_000 });

async function signIn(page: Page, name: string, password = name): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

describe("the recipe for another origin", () => {
  test("signs in by its form, changes the user, follows in another tab, and signs out", async () => {
    const { io, site } = await start();
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const [page, other] = [await context.newPage(), await context.newPage()];
    for (const each of [page, other]) await each.goto(site);
    await status(page, "loggedOut");
    await signIn(page, "ada", "wrong");
    await page.getByRole("alert").filter({ hasText: "HTTP 401" }).waitFor();
    for (const name of ["ada", "grace"]) {
      await signIn(page, name);
      for (const each of [page, other]) await status(each, `connected as ${name}`);
    }
    await page.getByRole("button", { name: "Sign out" }).click();
    for (const each of [page, other]) await status(each, "loggedOut");
    expect(io.sockets.sockets.size).toBe(0);
  });

  test("F34 on an origin that is not listed gets nothing, and the server's log says so once", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    const { io, site, copy } = await start();
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(site);
    await signIn(page, "ada");
    await status(page, "connected as ada");
    const stranger = await context.newPage();
    const { errors } = listenTo(stranger);
    await stranger.goto(copy);
    await expect.poll(() => errors.length).toBeGreaterThan(1);
    expect(await stranger.getByRole("status").textContent()).toBe("connecting");
    expect(io.sockets.sockets.size).toBe(1);
    const told = warn.mock.calls.map(([line]) => String(line)).filter((line) => line.includes(copy));
    expect(told).toHaveLength(1);
  });
});
