import express, { type Router } from "express";
import { TokenError } from "socket-rotor/server";
import { type ClientName, isClientName, type NetworkFacts } from "../events.js";
import { MAX_DELAY, type Network } from "./network.js";

/** What the network between a client and the server is like, to be looked at and to be changed. */
export function networkRoutes(networks: ReadonlyMap<ClientName, Network>): Router {
  const router = express.Router();

  const networkOf = (name: string): Network => {
    const network = isClientName(name) ? networks.get(name) : undefined;
    if (network === undefined) {
      const known = [...networks.keys()].join(", ");
      throw new TokenError("invalid_request", `There is no network of that name. There are: ${known}.`);
    }
    return network;
  };
  const factsOf = ({ port, conditions }: Network): NetworkFacts => ({ port, ...conditions });

  router.post("/:client", (request, response) => {
    const network = networkOf(request.params.client);
    network.set(conditionsIn(request.body));
    response.json(factsOf(network));
  });
  router.post("/:client/reset", (request, response) => {
    const network = networkOf(request.params.client);
    network.reset();
    response.json(factsOf(network));
  });
  return router;
}

function conditionsIn(body: unknown): Partial<Network["conditions"]> {
  const { up, down, isCut }: { up?: unknown; down?: unknown; isCut?: unknown } = Object(body);
  return {
    ...(up === undefined ? {} : { up: delay(up) }),
    ...(down === undefined ? {} : { down: delay(down) }),
    ...(isCut === undefined ? {} : { isCut: isCut === true }),
  };
}

function delay(value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= MAX_DELAY) return value;
  throw new TokenError("invalid_request", `A delay is a number of milliseconds from 0 to ${MAX_DELAY}.`);
}
