import { extname } from "node:path";
import express, { type Router } from "express";
import type { Bundle } from "./bundle-page.js";

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** Serves the bundled page from memory. */
export function pageRoutes(bundle: Bundle): Router {
  const router = express.Router();

  router.get("/{*path}", (request, response, next) => {
    const path = request.path === "/" ? "/index.html" : request.path;
    const file = bundle.get(path);
    if (file === undefined) return next();
    response.set({
      "Cache-Control": "no-cache",
      "Content-Security-Policy": CONTENT_SECURITY_POLICY,
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
    });
    response.type(extname(path)).send(typeof file === "string" ? file : Buffer.from(file));
  });

  return router;
}
