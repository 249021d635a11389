import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { type Playground, startPlayground } from "../../../docs/playground/playground.js";
import { findSecrets } from "../../quality/canary/secrets.js";
import { launchChromium } from "../../support/chromium.js";
import { PlaygroundTab } from "./playground-tab.js";

/** What the browser itself writes on the console where a server is away. */
export const UNREACHABLE =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED|ERR_INCOMPLETE|closed before receiving a handshake/;

const INSPECTOR = "https://stately.ai/**";

/** A playground and a browser for the tests of one file. Whatever they do, no token is shown, and no error logged. */
export function playgroundHarness() {
  let browser: Browser;
  let folder: string;
  let context: BrowserContext;
  /** Used again in each test: a server on another port is another origin, with an empty storage. */
  let pages: Page[];
  let playground: Playground;
  let tabs: PlaygroundTab[];
  let secrets: string[];
  let expectedErrors: RegExp[];

  beforeAll(async () => {
    browser = await launchChromium();
    context = await browser.newContext({ reducedMotion: "reduce", viewport: { width: 1_280, height: 900 } });
    await context.addInitScript(prepare);
    pages = [await context.newPage(), await context.newPage()];
    folder = await mkdtemp(join(tmpdir(), "playground-test-"));
  });
  beforeEach(() => {
    tabs = [];
    secrets = [];
    expectedErrors = [];
  });
  afterEach(async () => {
    const shown = await Promise.all(tabs.map((tab) => tab.everything()));
    const issued = await Promise.all(tabs.flatMap((tab) => tab.issued));
    await addCookies();
    for (const body of issued) secrets.push(JSON.parse(body).accessToken);
    // One after the other: two of them may be in the same page.
    for (const tab of tabs) await tab.leave();
    await context.clearCookies();
    await playground.close();
    expect(secrets.length, "credentials that the server has issued").toBeGreaterThan(0);
    expect(findSecrets(shown.join("\n"), secrets), "tokens in page, console or addresses").toEqual([]);
    const errors = tabs.flatMap(({ console }) => console.errors);
    expect(errors.filter((error) => !expectedErrors.some((expected) => expected.test(error)))).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  const start = async (tokenLifetime = 60_000, port = 0): Promise<Playground> => {
    playground = await startPlayground({ port, keyFile: join(folder, "key.json"), tokenLifetime });
    return playground;
  };
  /** What the cookies hold now counts as a token, also when it is gone later. */
  const addCookies = async (): Promise<void> => {
    for (const { value } of await context.cookies()) secrets.push(value);
  };
  const pageFor = (index: number): Page => {
    const page = pages[index];
    if (page === undefined) throw new Error("A test has two tabs at most.");
    return page;
  };
  const openTab = async (settings = "", { inspector = "" } = {}): Promise<PlaygroundTab> => {
    // Nothing outside of this machine is asked.
    await context.unroute(INSPECTOR);
    await context.route(INSPECTOR, (route) =>
      inspector === "" ? route.abort() : route.fulfill({ contentType: "text/html", body: inspector }),
    );
    const tab = new PlaygroundTab(pageFor(tabs.length));
    tabs.push(tab);
    await tab.page.goto(`${playground.url}/client.html${settings}`);
    return tab;
  };

  return {
    start,
    openTab,
    addCookies,
    /** Ends the server, as Ctrl+C does. */
    stop: () => playground.close(),
    /** The same command again. */
    startAgain: () => start(60_000, playground.port),
    /** Counts as a token from now on. */
    addSecret: (secret: string) => void secrets.push(secret),
    /** What the browser itself says of requests that a test makes fail. */
    expectErrors: (...errors: RegExp[]) => void expectedErrors.push(...errors),

    /** One tab, connected as Ada. */
    async openOne(settings = ""): Promise<PlaygroundTab> {
      await start();
      const tab = await openTab(settings);
      await tab.press("Sign in as Ada");
      await tab.untilConnectedAs("Ada");
      return tab;
    },

    /** Two tabs, both connected as Ada, who signed in in the first. */
    async openTabs(): Promise<[first: PlaygroundTab, second: PlaygroundTab]> {
      await start();
      const first = await openTab();
      const second = await openTab();
      await first.until("status", "loggedOut.signedOut");
      await first.press("Sign in as Ada");
      for (const tab of [first, second]) await tab.untilConnectedAs("Ada");
      return [first, second];
    },

    /** The page with two clients in frames, as a browser shows it for the first time. */
    async openFirst(): Promise<{ a: PlaygroundTab; b: PlaygroundTab }> {
      await start();
      const shell = new PlaygroundTab(pageFor(0));
      tabs.push(shell);
      await shell.page.goto(`${playground.url}/?first`);
      const [a, b] = await Promise.all([clientIn(shell.page, "a"), clientIn(shell.page, "b")]);
      tabs.push(a, b);
      return { a, b };
    },

    /** The page with two clients in frames, both connected as Ada, who signed in in A, unless nobody is to. */
    async openBoth({ settings = "", signIn = true } = {}): Promise<{
      shell: Page;
      a: PlaygroundTab;
      b: PlaygroundTab;
    }> {
      await start();
      const shell = pageFor(0);
      await shell.goto(`${playground.url}/${settings}`);
      const [a, b] = await Promise.all([clientIn(shell, "a"), clientIn(shell, "b")]);
      tabs.push(a, b);
      if (!signIn) return { shell, a, b };
      await a.until("status", "loggedOut.signedOut");
      await a.press("Sign in as Ada");
      for (const tab of [a, b]) await tab.untilConnectedAs("Ada");
      return { shell, a, b };
    },
  };
}

/** Before a page's own scripts: it is not the first visit, unless it is to be one, and nothing is folded away. */
export function prepare(): void {
  if (location.protocol !== "http:") return;
  if (location.search !== "?first") localStorage.setItem("playground.visited", "yes");
  addEventListener("load", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
}

/** The client in a frame of the page. */
export async function clientIn(shell: Page, name: string): Promise<PlaygroundTab> {
  const frame = await (await shell.waitForSelector(`#client-${name}`)).contentFrame();
  if (frame === null) throw new Error(`There is no frame of client ${name}.`);
  await frame.waitForURL(/client\.html/);
  return new PlaygroundTab(shell, frame);
}

/** One tab refreshes for all: another one may never be refused. */
export async function untilAnySays(said: RegExp, ...tabs: PlaygroundTab[]): Promise<void> {
  const errors = () => Promise.all(tabs.map((tab) => tab.text("transitions")));
  await expect.poll(async () => (await errors()).join(), { timeout: 15_000 }).toMatch(said);
}

/** Waits until the server knows another token than before. */
export async function untilAnotherToken(tab: PlaygroundTab, than: string): Promise<void> {
  await tab.until("token-served", /^[0-9a-f]{8} Ada$/);
  await expect.poll(() => tab.text("token-served"), { timeout: 15_000 }).not.toBe(than);
}
