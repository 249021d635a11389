import { extname } from "node:path";
import express, { type Router } from "express";
import type { Bundle } from "./bundle-page.js";

/**
 * What the pages may load and call: their own server, at its own port and at those of the networks, under whichever
 * name of this computer the page was opened.
 */
const securityPolicy = (networks: readonly number[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${networks.map((port) => `http://*:${port} ws://*:${port}`).join(" ")}`,
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join("; ");

/**
 * Serves the bundled pages from memory.
 *
 * @param networks - the ports through which the page reaches its server
 */
export function pageRoutes(bundle: Bundle, networks: readonly number[]): Router {
  const router = express.Router();
  const policy = securityPolicy(networks);

  router.get("/{*path}", (request, response, next) => {
    const path = request.path === "/" ? "/index.html" : request.path;
    const file = bundle.get(path);
    if (file === undefined) return next();
    response.set({
      "Cache-Control": "no-cache",
      "Content-Security-Policy": policy,
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
    });
    response.type(extname(path)).send(typeof file === "string" ? file : Buffer.from(file));
  });

  return router;
}
