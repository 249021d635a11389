import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import express from "express";
import type { Browser, BrowserContextOptions, Page } from "playwright";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { ROOT } from "../../docs/documents.js";
import { type Console, launchChromium, listenTo } from "../../support/chromium.js";
import { listen } from "../../support/listen.js";

/** The package, the reference and the site, on a machine that is busy. */
const BUILD_TIME = 1_200_000;
/** A site that is built already, for somebody who works on these tests. */
const BUILT = process.env["SITE_FOLDER"];

/** A page of the site, what it said on its console, and what it asked for in vain or elsewhere. */
export interface Visit {
  page: Page;
  console: Console;
  /** Requests that failed, and those to other hosts. */
  requests: string[];
}

async function buildSite(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "site-test-"));
  const command = ["run", "docs", "--", "--outDir", folder];
  await promisify(execFile)("npm", command, { cwd: ROOT, maxBuffer: 1e8 });
  return folder;
}

/** Builds the site once, by the command that anybody uses, and serves it as any server of files does. */
export function siteHarness() {
  let folder: string;
  let url: string;
  let browser: Browser;
  let close = (): void => {};

  beforeAll(async () => {
    folder = BUILT ?? (await buildSite());
    const http = createServer(express().use(express.static(folder)));
    url = await listen(http);
    close = () => void http.close();
    browser = await launchChromium();
  }, BUILD_TIME);
  afterAll(async () => {
    await browser?.close();
    close();
    if (BUILT === undefined) await rm(folder, { recursive: true });
  });

  return {
    get url() {
      return url;
    },
    get folder() {
      return folder;
    },
    /** Every page, by its path below the root of the site. */
    paths: (): string[] =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".html"))
        .sort(),
    /** A tab of its own, closed at the end of the test. */
    async visit(path: string, options: BrowserContextOptions = {}): Promise<Visit> {
      const page = await browser.newPage({ viewport: { width: 1_280, height: 900 }, ...options });
      onTestFinished(() => page.close());
      const requests: string[] = [];
      page.on("requestfailed", (request) => {
        // What was fetched ahead is given up when another page is gone to.
        const why = request.failure()?.errorText ?? "";
        if (why !== "net::ERR_ABORTED") requests.push(`${why} ${request.url()}`);
      });
      page.on("response", (response) => {
        if (response.status() >= 400) requests.push(`${response.status()} ${response.url()}`);
      });
      page.on("request", (request) => {
        if (!/^(data:|blob:)/.test(request.url()) && !request.url().startsWith(url))
          requests.push(request.url());
      });
      const console = listenTo(page);
      await page.goto(`${url}/${path}`);
      return { page, console, requests };
    },
  };
}
