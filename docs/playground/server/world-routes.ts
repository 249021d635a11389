import express, { type Router } from "express";
import type { Sockets } from "./sockets.js";
import type { Tokens } from "./tokens.js";

const BUSY_FOR = 6_000;

/** What happens to everybody at once. */
export function worldRoutes(tokens: Tokens, sockets: Sockets, restart: () => void): Router {
  const router = express.Router();
  const actions: Record<string, () => void | Promise<void>> = {
    restart,
    busy() {
      sockets.refuseFor(BUSY_FOR);
      sockets.kick();
    },
    "rotate-key"() {
      tokens.rotateKey();
      sockets.kick();
    },
    drain: () => sockets.drain(),
  };
  for (const [name, act] of Object.entries(actions)) {
    router.post(`/${name}`, async (_request, response) => {
      await act();
      response.status(204).end();
    });
  }
  return router;
}
