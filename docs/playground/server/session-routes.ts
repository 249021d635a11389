import express, { type Request, type RequestHandler, type Router } from "express";
import "express-session";
import { sessionDeadline, TokenError } from "socket-rotor/server";
import { isUser, type User, users } from "../events.js";

declare module "express-session" {
  interface SessionData {
    signedInAs?: User;
  }
}

const DEADLINE = 1_500;

/**
 * Sign in, change the session, sign out, as an application does it that knows nothing of sockets: they follow by
 * themselves.
 */
export function sessionRoutes(session: RequestHandler): Router {
  const router = express.Router();
  router.use(sessionDeadline(session, DEADLINE));

  router.post("/login", async (request, response) => {
    const { user }: { user?: unknown } = Object(request.body);
    if (!isUser(user)) {
      const expected = users.map((name) => `{ "user": "${name}" }`).join(" or ");
      throw new TokenError("invalid_request", `Send ${expected} as JSON.`);
    }
    // Another id at each sign-in, so that an id which somebody has planted is of no use.
    await regenerate(request, user);
    response.status(204).end();
  });
  router.post("/regenerate", async (request, response) => {
    const { signedInAs } = request.session;
    if (signedInAs === undefined) throw new TokenError("session_required", "Nobody is signed in.");
    await regenerate(request, signedInAs);
    response.status(204).end();
  });
  router.post("/logout", async (request, response) => {
    await settled((done) => request.session.destroy(done));
    response.clearCookie("playground.sid").status(204).end();
  });
  return router;
}

async function regenerate(request: Request, user: User): Promise<void> {
  await settled((done) => request.session.regenerate(done));
  request.session.signedInAs = user;
  await settled((done) => request.session.save(done));
}

const settled = (act: (done: (error?: unknown) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    act((error) => (error ? reject(error) : resolve()));
  });
