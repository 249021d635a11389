import express, { type Router } from "express";
import { TokenError } from "socket-rotor/server";
import { flaws, isFlaw, type User } from "../events.js";
import type { Sockets } from "./sockets.js";
import type { Tokens } from "./tokens.js";

const BUSY_FOR = 6_000;

/** What a server can do to its clients, at the push of a button. The caller is known by the access token. */
export function demoRoutes(tokens: Tokens, sockets: Sockets): Router {
  const router = express.Router();

  const callerOf = (authorization: string | undefined): Promise<User> =>
    tokens.userOfAccess(/^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1]);

  const actions: Record<string, (caller: User) => void | Promise<void>> = {
    kick: (caller) => sockets.kick(caller),
    busy(caller) {
      sockets.refuseFor(BUSY_FOR);
      sockets.kick(caller);
    },
    revoke: (caller) => sockets.revoke(caller),
    "rotate-key"() {
      tokens.rotateKey();
      sockets.kick();
    },
    drain: () => sockets.drain(),
  };
  for (const [name, act] of Object.entries(actions)) {
    router.post(`/${name}`, async (request, response) => {
      await act(await callerOf(request.headers.authorization));
      response.status(204).end();
    });
  }

  router.post("/token", async (request, response) => {
    const caller = await callerOf(request.headers.authorization);
    const body: unknown = request.body;
    const flaw = typeof body === "object" && body !== null && "flaw" in body ? body.flaw : undefined;
    if (!isFlaw(flaw)) {
      const expected = flaws.map((name) => `{ "flaw": "${name}" }`).join(" or ");
      throw new TokenError("invalid_request", `Send ${expected} as JSON.`);
    }
    response.json({ accessToken: await tokens.issueAccess(caller, flaw) });
  });

  return router;
}
