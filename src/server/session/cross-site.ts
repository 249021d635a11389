import type { Log } from "../../logger.js";
import { createOriginWarnings } from "../origin-warnings.js";
import type { HandshakeRequest } from "../socket-io.js";
import { idInCookie } from "./cookie-header.js";
import type { Probed } from "./probe.js";

/** Warns of pages of another site, to which browsers do not send the session's cookie, so that they are refused. */
export function createCrossSiteCheck(
  { cookie, cookieName }: Probed,
  log: Log,
): (request: HandshakeRequest) => void {
  const warn = createOriginWarnings(log);
  return ({ headers }) => {
    if (headers["sec-fetch-site"] !== "cross-site" || cookie === undefined || cookie.isCrossSite) return;
    if (cookieName === undefined || idInCookie(String(headers["cookie"]), cookieName) !== undefined) return;
    warn(
      headers["origin"],
      (name) =>
        `shareSession: a handshake of the page of ${name} brought no session's cookie, as browsers do not send it to another site. Put the page and the server under one domain, or change: session({ cookie: { sameSite: "none", secure: true, partitioned: true } })`,
    );
  };
}
