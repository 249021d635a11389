import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import express, { type RequestHandler } from "express";
import passport from "passport";
import type { SessionSource } from "socket-rotor/server";
import { untyped } from "../../support/untyped.js";
import { describeLife } from "./fixture/life.js";
import { exampleOf, packagesOf } from "./fixture/packages.js";

type CookieSession = (options: { name: string; keys: string[]; maxAge: number }) => RequestHandler;
type SourceOf = (middleware: RequestHandler) => SessionSource;

const load = packagesOf("cookie-session");
const cookieSession: CookieSession = untyped(load("cookie-session"));
const optionsOf = (lifetime: number) => ({ name: "session", keys: ["a key"], maxAge: lifetime * 1_000 });
/** What `@types/express-session` says of a request's session is not true of this one. */
const sessionOf = (request: object): { id?: string } | null => Reflect.get(request, "session");

describeLife({
  name: "cookie-session",
  atExpiry: "session_changed",
  hasStore: false,
  start(lifetime, ends) {
    const middleware = cookieSession(optionsOf(lifetime));
    const app = express();
    app.use(middleware);
    app.post("/sign-in", (request, response) => {
      const expiresAt = Date.now() + lifetime * 1_000;
      Reflect.set(request, "session", { id: randomUUID(), user: request.query["user"], expiresAt });
      response.sendStatus(204);
    });
    app.post("/sign-out", async (request, response) => {
      await ends().end(sessionOf(request)?.id ?? "");
      Reflect.set(request, "session", null);
      response.sendStatus(204);
    });
    return {
      http: createServer(app),
      source: exampleOf<SourceOf>("cookieSource", load)(middleware),
      signIn: (visitor, user) => visitor.post(`/sign-in?user=${user}`),
      signOut: (visitor) => visitor.post("/sign-out"),
    };
  },
});

describeLife({
  name: "Passport on cookie-session",
  atExpiry: "session_changed",
  hasStore: false,
  start(lifetime, ends) {
    const middleware = cookieSession(optionsOf(lifetime));
    const methods = exampleOf<(maxAge: number) => RequestHandler>("passportMethods", load);
    const authenticator = new passport.Passport();
    authenticator.serializeUser((user, done) => done(null, Reflect.get(user, "name")));
    authenticator.deserializeUser((name: string, done) => done(null, { name }));
    const app = express();
    app.use(middleware, methods(lifetime * 1_000), authenticator.initialize(), authenticator.session());
    app.post("/sign-in", (request, response, next) => {
      request.logIn({ name: String(request.query["user"]) }, (error) =>
        error ? next(error) : response.sendStatus(204),
      );
    });
    app.post("/sign-out", (request, response, next) => {
      const id = sessionOf(request)?.id ?? "";
      request.logOut((error) => {
        if (error) return next(error);
        void ends()
          .end(id)
          .then(() => response.sendStatus(204));
      });
    });
    return {
      http: createServer(app),
      source: exampleOf<SourceOf>("passportSource", load)(middleware),
      signIn: (visitor, user) => visitor.post(`/sign-in?user=${user}`),
      signOut: (visitor) => visitor.post("/sign-out"),
    };
  },
});
