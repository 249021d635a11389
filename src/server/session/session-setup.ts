import { property } from "../../value.js";
import type { Probed } from "./probe.js";
import type { SessionMiddleware } from "./session-middleware.js";

/** What `checkSetup` goes by. */
export interface SessionSetup extends Probed {
  readonly middleware: SessionMiddleware;
  /** Whether a secure cookie could not be set for a request that came through a proxy. Told when one has come. */
  hasUntrustedProxy: boolean;
}

/**
 * Whether express-session takes a request for one over `http:`, for which it sets no secure cookie, that was one over
 * `https:` up to the proxy.
 */
export function isUntrusted(request: unknown, { cookie, trustsProxy }: Probed): boolean {
  // Engine.IO's own requests say nothing of Express, which has not seen them.
  if (cookie?.secure !== true || trustsProxy === true || property(request, "_query") !== undefined)
    return false;
  const isDirect = Boolean(property(property(request, "socket"), "encrypted"));
  const protocol = property(property(request, "headers"), "x-forwarded-proto");
  return protocol === "https" && !isDirect && property(request, "secure") !== true;
}
