import { createServer } from "node:http";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { launchChromium } from "../../support/chromium.js";
import { listen } from "../../support/listen.js";
import { bundleOf } from "./fixture/bundle.js";
import type { Answer } from "./fixture/stub-api.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** A page with a signed-in client, whose endpoint is a stub. */
async function start(client: string) {
  const script = await bundleOf(`../pages/${client}.ts`);
  const http = createServer((request, response) => {
    if (request.url === "/page.js") response.setHeader("Content-Type", "text/javascript").end(script);
    else
      response
        .setHeader("Content-Type", "text/html")
        .end(
          '<!doctype html><title>page</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
        );
  });
  const url = await listen(http);
  const context = await browser.newContext();
  onTestFinished(async () => {
    await context.close();
    http.closeAllConnections();
    http.close();
  });
  const page = await context.newPage();
  await page.clock.install();
  await page.goto(url);
  await page.waitForFunction(() => window.stub !== undefined);
  await page.evaluate(() => window.stub.signIn());
  return {
    answers: (answer: Answer) => page.evaluate((given) => window.stub.setAnswer(given), answer),
    read: () => page.evaluate(() => window.stub.read()),
    refresh: () => page.evaluate(() => window.stub.refresh()),
    /** The same, without the pauses between a client's own attempts. */
    async hurry<T>(asked: Promise<T>): Promise<T> {
      let isOver = false;
      void asked.finally(() => {
        isOver = true;
      });
      while (!isOver) await page.clock.runFor(500);
      return asked;
    },
  };
}

const TOKEN = /^\d+$/;

describe.each(["auth0", "msal", "firebase", "clerk", "amplify"])("F50 %s", (client) => {
  test("reads one token, refreshes it, and answers with null when the session is over", async () => {
    const { answers, read, refresh } = await start(client);
    const first = await read();
    expect([first, await read()]).toEqual([expect.stringMatching(TOKEN), first]);
    const second = await refresh();
    expect([second, await read()]).toEqual([expect.stringMatching(TOKEN), second]);
    expect(second).not.toBe(first);
    await answers("refused");
    expect([await refresh(), await read()]).toEqual([null, null]);
  });

  test.each(["failing", "unreachable"] as const)(
    "throws while the endpoint is %s, and forgets nobody",
    async (outage) => {
      const { answers, read, refresh, hurry } = await start(client);
      await answers(outage);
      expect(await hurry(refresh())).toMatch(/^threw/);
      // Clerk gives up the token that it was to replace.
      expect(await hurry(read())).toMatch(client === "clerk" ? /^threw/ : TOKEN);
    },
  );
});
