import { property } from "../../value.js";
import type { Probed } from "./probe.js";
import type { SessionMiddleware } from "./session-middleware.js";

/** What `checkSetup` goes by. */
export interface SessionSetup extends Probed {
  readonly middleware: SessionMiddleware;
  /** The option of `shareSession`. */
  readonly touchInterval: number;
  /** Whether a secure cookie could not be set for a request that came through a proxy. Told when one has come. */
  hasUntrustedProxy: boolean;
}

/** Whether a request is one over HTTP, and no handshake of Engine.IO's, nor made up. */
export function isHttpRequest(request: unknown): boolean {
  return property(request, "headers") !== undefined && property(request, "_query") === undefined;
}

/**
 * Whether express-session takes a request for one over `http:`, for which it sets no secure cookie, that was one over
 * `https:` up to the proxy.
 */
export function isUntrusted(request: unknown, { cookie, trustsProxy }: Probed): boolean {
  // Others say nothing of Express, which has not seen them.
  if (cookie?.secure !== true || trustsProxy === true || !isHttpRequest(request)) return false;
  const isDirect = Boolean(property(property(request, "socket"), "encrypted"));
  const protocol = property(property(request, "headers"), "x-forwarded-proto");
  return protocol === "https" && !isDirect && property(request, "secure") !== true;
}
