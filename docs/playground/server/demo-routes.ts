import express, { type Router } from "express";
import type { Sockets } from "./sockets.js";
import type { Tokens } from "./tokens.js";

const BUSY_FOR = 6_000;

/** What a server can do to its clients, at the push of a button. The caller is known by the access token. */
export function demoRoutes(tokens: Tokens, sockets: Sockets): Router {
  const router = express.Router();

  const callerOf = async (authorization: string | undefined) =>
    (await tokens.checkAccess(/^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1])).user;

  router.post("/kick", async (request, response) => {
    sockets.kick(await callerOf(request.headers.authorization));
    response.status(204).end();
  });

  router.post("/busy", async (request, response) => {
    const user = await callerOf(request.headers.authorization);
    sockets.refuseFor(BUSY_FOR);
    sockets.kick(user);
    response.status(204).end();
  });

  return router;
}
