import express, { type Router } from "express";
import { TokenError } from "socket-rotor/server";
import type { User } from "../events.js";
import type { Sockets } from "./sockets.js";
import type { Tokens } from "./tokens.js";

/** What a server can do to one link or one user, at the push of a button. A user is known by the access token. */
export function demoRoutes(tokens: Tokens, sockets: Sockets): Router {
  const router = express.Router();

  const callerOf = (authorization: string | undefined): Promise<User> =>
    tokens.userOfAccess(/^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1]);

  router.post("/kick", async (request, response) => {
    const { socketId }: { socketId?: unknown } = Object(request.body);
    if (typeof socketId !== "string" || socketId === "") {
      throw new TokenError("invalid_request", 'Send { "socketId": "…" } as JSON.');
    }
    sockets.kick(socketId);
    response.status(204).end();
  });
  router.post("/revoke", async (request, response) => {
    await sockets.revoke(await callerOf(request.headers.authorization));
    response.status(204).end();
  });
  router.post("/token", async (request, response) => {
    const caller = await callerOf(request.headers.authorization);
    response.json({ accessToken: await tokens.issueExpired(caller) });
  });
  return router;
}
