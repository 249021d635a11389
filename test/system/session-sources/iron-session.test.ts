import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import express, { type Request, type Response } from "express";
import type { SessionSource } from "socket-rotor/server";
import { untyped } from "../../support/untyped.js";
import { describeLife } from "./fixture/life.js";
import { exampleOf, packagesOf } from "./fixture/packages.js";

interface IronOptions {
  cookieName: string;
  password: string;
  ttl: number;
  cookieOptions: { secure: boolean };
}
interface IronSession {
  id?: string;
  save(): Promise<void>;
  destroy(): void;
}
interface Iron {
  getIronSession(request: Request, response: Response, options: IronOptions): Promise<IronSession>;
}

const load = packagesOf("iron-session");
const source = exampleOf<(options: IronOptions) => SessionSource>("ironSource", load);
const { getIronSession } = untyped<Iron>(load("iron-session"));

describeLife({
  name: "iron-session",
  atExpiry: "session_changed",
  hasStore: false,
  start(lifetime, ends) {
    const options: IronOptions = {
      cookieName: "app-session",
      password: "a password of the tests, of 32 characters or more",
      ttl: lifetime,
      cookieOptions: { secure: false },
    };
    const app = express();
    app.post("/sign-in", async (request, response) => {
      const session = await getIronSession(request, response, options);
      const expiresAt = Date.now() + lifetime * 1_000;
      Object.assign(session, { id: randomUUID(), user: request.query["user"], expiresAt });
      await session.save();
      response.sendStatus(204);
    });
    app.post("/sign-out", async (request, response) => {
      const session = await getIronSession(request, response, options);
      if (session.id !== undefined) await ends().end(session.id);
      session.destroy();
      response.sendStatus(204);
    });
    return {
      http: createServer(app),
      source: source(options),
      signIn: (visitor, user) => visitor.post(`/sign-in?user=${user}`),
      signOut: (visitor) => visitor.post("/sign-out"),
    };
  },
});
