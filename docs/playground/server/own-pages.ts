import type { RequestHandler } from "express";
import { TokenError } from "socket-rotor/server";

/**
 * Lets the playground's own pages call, through whichever network, and nobody else's: a page of another site could
 * otherwise press every button here.
 */
export function ownPagesOnly(isOwnOrigin: (origin: string) => boolean): RequestHandler {
  return (request, response, next) => {
    const { origin } = request.headers;
    response.set({ "Cache-Control": "no-store", Vary: "Origin" });
    if (origin !== undefined && isOwnOrigin(origin)) {
      response.set({ "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true" });
    } else if (request.method !== "GET") {
      throw new TokenError("access_denied", "Only the playground's own page may ask for that.");
    }
    if (request.method !== "OPTIONS") {
      next();
      return;
    }
    response.set({
      "Access-Control-Allow-Headers": "Content-Type, Authorization",
      "Access-Control-Allow-Methods": "GET, POST",
      "Access-Control-Max-Age": "600",
    });
    response.status(204).end();
  };
}
