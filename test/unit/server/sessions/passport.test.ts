import type express from "express";
import passport from "passport";
import { describe, expect, test } from "vitest";
import { listenForEnd, refused, serverSockets } from "../../../support/real-server.js";
import { type SessionServer, type Settings, serverSide, startSessions } from "./fixture.js";

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

const share: Settings["share"] = {
  isSignedIn: ({ passport }) => passport?.user !== undefined,
  identify: ({ passport }) => passport?.user,
};

/** Passport as it is documented: it knows nothing of sockets. */
function routes(app: express.Express): void {
  const authenticator = new passport.Passport();
  authenticator.serializeUser((user, done) => done(null, user.name));
  authenticator.deserializeUser((name: string, done) => done(null, { name }));
  app.use(authenticator.initialize(), authenticator.session());
  app.post("/passport/login", (request, response, next) => {
    request.logIn({ name: String(request.query["user"]) }, (error) =>
      error ? next(error) : response.json({}),
    );
  });
  app.post("/passport/logout", (request, response, next) => {
    request.logOut((error) => (error ? next(error) : response.json({})));
  });
}

async function alice(server: SessionServer) {
  const browser = server.browser();
  await browser.post("/passport/login?user=alice");
  const connected = await browser.connect();
  const end = listenForEnd(connected.client, connected.control, connected.sockets);
  return { browser, end, ...connected };
}

describe("Passport, without a call to the handle", () => {
  test("logOut ends the connections, and the cookie that is left lets nobody in", async () => {
    const server = await startSessions({ routes, share });
    const { browser, end } = await alice(server);
    await browser.post("/passport/logout");
    expect((await end)[0]).toMatchObject({ error: "session_ended" });
    expect(serverSockets(server.io)).toEqual([]);
    expect(await refused(browser.client().join("/", {}))).toMatchObject({ error: "session_required" });
  });

  test("logOut is a change of the session where nobody says who is signed in", async () => {
    const server = await startSessions({ routes, share: { isSignedIn: () => true } });
    const { browser, end } = await alice(server);
    await browser.post("/passport/logout");
    expect((await end)[0]).toMatchObject({ error: "session_changed" });
  });

  test("logIn as someone else tells the connections that the session has changed", async () => {
    const server = await startSessions({ routes, share });
    const { browser, end } = await alice(server);
    await browser.post("/passport/login?user=bob");
    expect((await end)[0]).toMatchObject({ error: "session_changed" });
    const { socket } = await browser.connect();
    expect(serverSide(server.io, socket).data).toEqual({ identity: "bob" });
  });

  test("logIn of a guest tells the guest's connection so", async () => {
    const server = await startSessions({ routes, share: { ...share, required: false } });
    const browser = server.browser();
    await browser.post("/set?theme=dark");
    const { client, control, socket } = await browser.connect();
    const end = listenForEnd(client, control, [socket]);
    await browser.post("/passport/login?user=alice");
    expect((await end)[0]).toMatchObject({ error: "session_changed" });
  });
});
