import type express from "express";
import passport from "passport";
import { describe, expect, test } from "vitest";
import { type Settings, startApp } from "./fixture/app.js";
import { useVisit } from "./fixture/visit.js";

declare module "express-session" {
  interface SessionData {
    passport?: { user?: string };
  }
}

declare global {
  namespace Express {
    interface User {
      name: string;
    }
  }
}

const visit = useVisit();

/** Passport as it is documented: it knows nothing of sockets. */
const settings: Settings = {
  share: {
    isSignedIn: ({ passport }) => passport?.user != null,
    identify: ({ passport }) => passport?.user,
  },
  routes(app: express.Express) {
    const authenticator = new passport.Passport();
    authenticator.serializeUser((user, done) => done(null, user.name));
    authenticator.deserializeUser((name: string, done) => done(null, { name }));
    app.use(authenticator.initialize(), authenticator.session());
    app.post("/passport/login", (request, response, next) =>
      request.logIn({ name: String(request.query["user"]) }, (error) =>
        error ? next(error) : response.sendStatus(204),
      ),
    );
    app.post("/passport/logout", (request, response, next) =>
      request.logOut((error) => (error ? next(error) : response.sendStatus(204))),
    );
  },
};

describe("Passport, whose routes know nothing of sockets:", () => {
  test("logIn and then login() connects, logIn as another user is followed by itself, logOut signs out", async () => {
    const app = await startApp(settings);
    const tab = await visit.open(app.url);
    await tab.untilIn("loggedOut.signedOut");
    await tab.post("/passport/login?user=ada");
    await tab.page.evaluate(() => window.session.connection.login());
    await tab.untilIn("connected.steady");
    await app.until(() => app.live().length === 2);
    expect(await tab.ask("who")).toBe("ada");

    await tab.post("/passport/login?user=grace");
    await app.until(() => app.live().length === 2 && app.live().every((line) => line.includes("grace")));
    await tab.untilIn("connected.steady");
    expect(await tab.ask("who")).toBe("grace");

    await tab.post("/passport/logout");
    await tab.untilIn("loggedOut.signedOut");
    expect(await tab.failure()).toEqual(["ERR_REFUSED", "session_ended"]);
    expect(app.live()).toEqual([]);
  });

  test("F28 logOut reaches the other tabs, and the cookie that is left lets none of them in", async () => {
    const app = await startApp(settings);
    const one = await visit.open(app.url);
    await one.post("/passport/login?user=ada");
    await one.page.evaluate(() => window.session.connection.login());
    await one.untilIn("connected.steady");
    const two = await visit.open(app.url);
    await two.untilIn("connected.steady");
    await one.post("/passport/logout");
    for (const tab of [one, two]) await tab.untilIn("loggedOut.signedOut");
    await two.page.reload();
    await two.untilIn("loggedOut.signedOut");
  });
});
