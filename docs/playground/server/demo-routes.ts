import express, { type Router } from "express";
import { TokenError } from "socket-rotor/server";
import { flaws, isFlaw, type User } from "../events.js";
import type { Sockets } from "./sockets.js";
import type { Tokens } from "./tokens.js";

/** What a server can do to one user, at the push of a button. The caller is known by the access token. */
export function demoRoutes(tokens: Tokens, sockets: Sockets): Router {
  const router = express.Router();

  const callerOf = (authorization: string | undefined): Promise<User> =>
    tokens.userOfAccess(/^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1]);

  router.post("/kick", async (request, response) => {
    sockets.kick(await callerOf(request.headers.authorization));
    response.status(204).end();
  });
  router.post("/revoke", async (request, response) => {
    await sockets.revoke(await callerOf(request.headers.authorization));
    response.status(204).end();
  });
  router.post("/token", async (request, response) => {
    const caller = await callerOf(request.headers.authorization);
    const { flaw }: { flaw?: unknown } = Object(request.body);
    if (!isFlaw(flaw)) {
      const expected = flaws.map((name) => `{ "flaw": "${name}" }`).join(" or ");
      throw new TokenError("invalid_request", `Send ${expected} as JSON.`);
    }
    response.json({ accessToken: await tokens.issueAccess(caller, flaw) });
  });
  return router;
}
