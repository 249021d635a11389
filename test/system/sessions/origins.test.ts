import { createServer } from "node:http";
import type { Page } from "playwright";
import { describe, expect, onTestFinished, test } from "vitest";
import { listen } from "../../support/listen.js";
import { type App, type Settings, startApp } from "./fixture/app.js";
import { useVisit } from "./fixture/visit.js";

const visit = useVisit();

/** The page on an origin of its own, and the application whose users it may speak for. */
async function startApart(settings: Settings = {}): Promise<{ app: App; site: string; question: string }> {
  const pages = createServer();
  const site = await listen(pages);
  onTestFinished(() => {
    pages.closeAllConnections();
    pages.close();
  });
  const app = await startApp({
    origins: [site],
    server: { cors: { origin: site, credentials: true } },
    prepare(express) {
      express.use((_, response, next) => {
        response.set({ "access-control-allow-origin": site, "access-control-allow-credentials": "true" });
        next();
      });
    },
    ...settings,
  });
  // The same files; a page's origin is where it came from.
  pages.on("request", (request, response) => {
    void fetch(new URL(new URL(request.url ?? "", site).pathname, app.url)).then(async (file) => {
      response.setHeader("content-type", file.headers.get("content-type") ?? "");
      response.end(await file.text());
    });
  });
  return { app, site, question: `?server=${app.url}` };
}

const plain = (page: Page, options: object) => page.evaluate((given) => window.session.plain(given), options);

describe("a page of another origin", () => {
  test.each(["polling", "websocket"])("is signed in by the cookie, over %s", async (transport) => {
    const { site, question } = await startApart();
    const tab = await visit.openAs("ada", site, `${question}&transports=${transport}`);
    expect(await tab.ask("who")).toBe("ada");
  });

  test("F33 without withCredentials is an error when the connection is made", async () => {
    const { site, question } = await startApart();
    const { page } = await visit.open(site, question);
    const error = await page.evaluate(() =>
      window.session.attempt({ socketOptions: { withCredentials: false } }),
    );
    expect(error).toContain("withCredentials");
  });

  test("F33 with plain Socket.IO and without withCredentials is refused, and is no guest", async () => {
    const { app, site, question } = await startApart();
    const { page } = await visit.openAs("ada", site, question);
    expect(await plain(page, { transports: ["polling"], withCredentials: true })).toBe("ada");
    expect(await plain(page, { transports: ["polling"] })).toBe("session_required");
    // Of the connections only: a page that is slow to sign in has fetched its keep-alive before.
    expect(app.lines.filter((line) => /^connect .*nobody/.test(line))).toEqual([]);
  });

  test.each(["polling", "websocket"])(
    "F34 that is not on the list is refused over %s, with the user's cookie and all",
    async (transport) => {
      const { app, site, question } = await startApart({ origins: [] });
      const home = await visit.openAs("ada", app.url);
      const tab = await visit.open(site, `${question}&transports=${transport}`);
      await tab.page.waitForFunction(() => window.session.history.includes("connecting.waiting"));
      expect((await tab.failure())[0]).toBe("ERR_TRANSPORT");
      expect(await tab.history()).not.toContain("connected.steady");
      expect(await plain(tab.page, { transports: [transport], withCredentials: true })).not.toBe("ada");
      expect(await home.ask("still")).toBe("ada");
    },
  );
});

describe("F33 the server's log says once why a page gets nothing", () => {
  test("where allowOrigins lists it, and cors does not", async () => {
    const cors = { origin: "https://app.example.com", credentials: true };
    const { app, site, question } = await startApart({ server: { cors } });
    const { page } = await visit.open(site, `${question}&transports=polling`);
    await page.waitForFunction(() => window.session.history.includes("connecting.waiting"));
    const told = app.log.filter((line) => line.includes(site));
    expect(told).toEqual([expect.stringMatching(/do not let the page of "http.*" poll, as "cors"/)]);
  });

  test("where it is of another site, to which the cookie is not sent", async () => {
    const { app, site } = await startApart();
    // Two names of this machine are two sites.
    const question = `?server=${app.url.replace("127.0.0.1", "localhost")}&transports=polling`;
    const tab = await visit.open(site, question);
    await tab.untilIn("loggedOut.signedOut");
    await tab.signIn("ada");
    await expect
      .poll(() => app.log.filter((line) => line.includes(site)))
      .toEqual([expect.stringMatching(/the page of "http.*" brought no session's cookie.*sameSite: "none"/)]);
    expect(app.live()).toEqual([]);
  });
});

describe("F33 CORS that does not fit cookies", () => {
  test('origin "*" with credentials is told at the start, and the browser lets nobody in over polling', async () => {
    const { app, site, question } = await startApart({
      server: { cors: { origin: "*", credentials: true } },
    });
    expect(app.log.join("\n")).toContain("cors lets every origin send credentials");
    expect(app.log.join("\n")).toContain('cors: { origin: ["https://app.example.com"], credentials: true }');
    const { page, failure } = await visit.open(site, `${question}&transports=polling`);
    await page.waitForFunction(() => window.session.history.includes("connecting.waiting"));
    expect(await failure()).toEqual(["ERR_TRANSPORT", undefined]);
    const words = await page.evaluate(() => window.session.connection.getSnapshot().error?.message);
    expect(words).toContain("credentials: true");
    expect(app.lines.filter((line) => line.startsWith("connect"))).toEqual([]);
  });

  test("no credentials are told at the start, and the browser lets nobody in over polling", async () => {
    const { app, site, question } = await startApart({ server: { cors: { origin: "*" } } });
    expect(app.log.join("\n")).toContain("cors is set without credentials");
    const { page } = await visit.open(site, `${question}&transports=polling`);
    await page.waitForFunction(() => window.session.history.includes("connecting.waiting"));
    expect(app.lines.filter((line) => line.startsWith("connect"))).toEqual([]);
  });
});
