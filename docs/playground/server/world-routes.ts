import { randomUUID } from "node:crypto";
import express, { type Router } from "express";
import type { Sockets } from "./sockets.js";

const BUSY_FOR = 6_000;

/** What happens to everybody at once, on this node; only the key is rotated on all of them. */
export function worldRoutes(
  sockets: Sockets,
  restart: () => void,
  rotateKey: (generation: string) => void | Promise<void>,
): Router {
  const router = express.Router();
  const actions: Record<string, () => void | Promise<void>> = {
    restart,
    busy() {
      sockets.refuseFor(BUSY_FOR);
      sockets.kick();
    },
    "rotate-key": () => rotateKey(randomUUID()),
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
