import { describe, expect, test } from "vitest";
import { deferred } from "../../support/real-server.js";
import { startApp } from "./fixture/app.js";
import { useVisit } from "./fixture/visit.js";

const visit = useVisit();

describe("the first load of a page", () => {
  test("of a signed-in user with no marker connects at once", async () => {
    const app = await startApp();
    const { page } = await visit.openAs("ada", app.url);
    await page.evaluate(() => localStorage.clear());
    await page.close();
    const tab = await visit.open(app.url);
    await tab.untilIn("connected.steady");
    expect(await tab.history()).toEqual(["connecting.opening", "connected.steady"]);
    expect(await tab.ask("who")).toBe("ada");
  });

  test("of nobody is signed out after one handshake, without an error", async () => {
    const app = await startApp();
    const tab = await visit.open(app.url);
    await tab.untilIn("loggedOut.signedOut");
    expect(await tab.history()).toEqual(["connecting.opening", "loggedOut.signedOut"]);
    expect(await tab.failure()).toEqual([undefined, undefined]);
    expect(app.lines.filter((line) => line.startsWith("connect"))).toEqual([]);
    expect(await visit.context.cookies()).toEqual([]);
  });
});

describe("F31 a sign-in whose answer is there before its session is stored, as express-session sends all but the last byte", () => {
  test.each(["polling", "websocket"])(
    "is tried again, and nobody is told of a sign-out, over %s",
    async (transport) => {
      const app = await startApp({
        routes: (express) =>
          void express.post("/sign-in-and-go-on", (request, response) => {
            request.session.user = "ada";
            response.json({ user: "ada" });
          }),
      });
      const tab = await visit.open(app.url, `?transports=${transport}`);
      await tab.untilIn("loggedOut.signedOut");
      const before = (await tab.history()).length;
      const stored = deferred<void>();
      app.store.holdWrites(stored.promise);
      expect(await tab.post("/sign-in-and-go-on")).toBe(200);
      await tab.page.evaluate(() => window.session.connection.login());
      await tab.page.waitForFunction(() => window.session.history.includes("connecting.waiting"));
      stored.resolve();
      await tab.untilIn("connected.steady");
      expect(await tab.ask("who")).toBe("ada");
      expect((await tab.history()).slice(before)).not.toContain("loggedOut.signedOut");
      expect(app.log).toEqual([]);
    },
  );
});

describe("F31 a session that is regenerated", () => {
  test("takes the connection along to the new id by itself, in every namespace, and what waits is sent once (F13)", async () => {
    const app = await startApp();
    const { page, post, history } = await visit.openAs("ada", app.url);
    await app.until(() => app.live().sort().join() === "/ ada 1,/chat ada 1");
    const before = (await history()).length;
    await page.evaluate(() => {
      const { connection, queue, history } = window.session;
      const stop = connection.subscribe(() => {
        if (!history.at(-1)?.startsWith("connecting")) return;
        stop();
        queue("draft");
      });
    });
    await post("/sign-in?user=ada");
    await page.waitForFunction(() => window.session.answers.length === 1);
    await app.until(() => app.live().sort().join() === "/ ada 2,/chat ada 2");
    expect(await page.evaluate(() => window.session.answers)).toEqual(["ada"]);
    expect(app.lines.filter((line) => /^(say|ask)/.test(line))).toEqual([
      "say draft ada 2",
      "ask draft ada 2",
    ]);
    const { status } = await page.evaluate(() => window.session.connection.getSnapshot());
    expect(status).toBe("connected");
    expect((await history()).slice(before)).not.toContain("loggedOut.signedOut");
  });

  test("as another user, by a form and a redirect in another tab: what waits is dropped, and told so", async () => {
    // A page that is left between two polls tells the server nothing: its socket stays until the heartbeat misses it.
    const app = await startApp({ server: { pingInterval: 2_000, pingTimeout: 5_000 } });
    const one = await visit.openAs("ada", app.url);
    const two = await visit.open(app.url);
    await two.untilIn("connected.steady");
    await one.page.evaluate(() => {
      const { connection, queue, history } = window.session;
      const stop = connection.subscribe(() => {
        if (!history.at(-1)?.startsWith("connecting")) return;
        stop();
        queue("draft");
      });
    });
    await two.page.click("button");
    await one.page.waitForFunction(() => window.session.answers.length === 1);
    expect(await one.page.evaluate(() => window.session.answers)).toEqual(["ERR_IDENTITY_CHANGED"]);
    for (const tab of [one, two]) {
      await tab.untilIn("connected.steady");
      expect(await tab.ask("who")).toBe("grace");
    }
    expect(app.lines.filter((line) => line.startsWith("say"))).toEqual([]);
    await app.until(() => app.live().sort().join() === "/ grace 2,/ grace 2,/chat grace 2,/chat grace 2");
  });
});

describe("F28 a session that is destroyed", () => {
  test("signs every tab out, and says that it has ended", async () => {
    const app = await startApp();
    const one = await visit.openAs("ada", app.url);
    const two = await visit.open(app.url);
    await two.untilIn("connected.steady");
    await one.post("/sign-out");
    for (const tab of [one, two]) {
      await tab.untilIn("loggedOut.signedOut");
      expect(await tab.failure()).toEqual(["ERR_REFUSED", "session_ended"]);
      expect(await tab.ask("who")).toBe("ERR_LOGGED_OUT");
    }
    expect(app.live()).toEqual([]);
  });

  test("by the user's own sign-out is none worth telling any more", async () => {
    const app = await startApp();
    const tab = await visit.openAs("ada", app.url);
    await tab.post("/sign-out");
    await tab.page.evaluate(() => window.session.connection.logout());
    await tab.untilIn("loggedOut.signedOut");
    expect(await tab.failure()).toEqual([undefined, undefined]);
  });
});

test("F32 a store that hangs: open sockets stay, a page that is loaded connects when it is back, nobody is signed out", async () => {
  const app = await startApp({ share: { storeTimeout: 200, recheckInterval: 50 } });
  const stays = await visit.openAs("ada", app.url);
  const tab = await visit.open(app.url);
  await tab.untilIn("connected.steady");
  app.store.hang();
  await tab.page.reload();
  await tab.page.waitForFunction(() => window.session?.history.includes("connecting.waiting"));
  expect(await tab.failure()).toEqual(["ERR_REFUSED", "temporarily_unavailable"]);
  expect(await stays.ask("still")).toBe("ada");
  app.store.recover();
  await tab.untilIn("connected.steady");
  expect(await tab.ask("again")).toBe("ada");
  expect(await tab.history()).not.toContain("loggedOut.signedOut");
  expect((await stays.history()).at(-1)).toBe("connected.steady");
});

test("keepAliveUrl keeps a rolling session that would have expired in the browser", async () => {
  const app = await startApp({ session: { rolling: true, cookie: { maxAge: 2_500 } } });
  const tab = await visit.openAs("ada", app.url);
  const [before] = await visit.context.cookies();
  const end = before?.expires ?? 0;
  await expect.poll(() => Date.now() / 1_000, { timeout: 10_000 }).toBeGreaterThan(end + 0.5);
  expect(app.lines).toContain("keep-alive ada");
  expect((await visit.context.cookies())[0]?.expires).toBeGreaterThan(end);
  expect(await tab.ask("still")).toBe("ada");
  await tab.page.reload();
  await tab.untilIn("connected.steady");
});
