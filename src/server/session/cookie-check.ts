import type { Log } from "../../logger.js";
import { property } from "../../value.js";
import { idInCookie, signedCookieIn } from "./cookie-header.js";

/** Warns of a session's cookie that HTTP has set and that is nothing here: a mistake that looks like a sign-out. */
export interface CookieCheck {
  /** A request over HTTP has come through the session middleware. */
  onHttp(request: unknown): void;
  /** The session of a handshake was looked for, and the store has answered. */
  onHandshake(request: object): void;
}

export interface CookieCheckParts {
  /** As far as it is known. */
  readonly cookieName: string | undefined;
  /** Whether a cookie's signature is one of the session middleware that was given. */
  readonly isSigned: (pair: string) => boolean;
  readonly log: Log;
}

const SAME = "Give app.use and shareSession the same one";

export function createCookieCheck({ cookieName, isSigned, log }: CookieCheckParts): CookieCheck {
  /** Whether a request over HTTP has come through, or a handshake has found its session. */
  let isProved = false;
  /** Whether either has brought its session under the name that this middleware knows. */
  let isNameProved = false;
  let hasWarned = false;
  // No name, value or id: a cookie is a password, and its name the client's word.
  const warn = (what: string): void => {
    hasWarned = true;
    log.warn(`shareSession: ${what}`);
  };

  const check = (header: string, id: unknown, name: string): void => {
    const found = idInCookie(header, name);
    if (found !== undefined && found.id === id) isProved = isNameProved = true;
    else if (found !== undefined && !isSigned(found.pair)) {
      warn(
        `a handshake brought the session's cookie with a signature that is not of this session middleware, and counts as signed out. If it is not one of another application at this host: the nodes have different secrets, or app.use has another middleware than shareSession with another secret, or the secret was changed, where the old one should stay for a while: session({ secret: [new, old] }). ${SAME}, and every node the same secret.`,
      );
    } else if (found !== undefined && !isProved) {
      warn(
        `a handshake brought the cookie of a session that the store does not have, and no request over HTTP has come through this session middleware. If it is not just one that has ended, as all in a store in memory have when the server was restarted, or of another application at this host: app.use(session) is missing, or has another middleware than shareSession, with another store. Without a store, each session() has a memory of its own. ${SAME}.`,
      );
    } else if (found === undefined && !isNameProved && signedCookieIn(header)) {
      warn(
        `a handshake brought no session's cookie, but a signed one of another name, and no request has brought one of the name yet. If that is the session's, and of this application: app.use has another middleware than shareSession, with another name. ${SAME}.`,
      );
    }
  };

  return {
    onHttp(request) {
      isProved = true;
      const header = cookiesOf(request);
      if (isNameProved || cookieName === undefined || typeof header !== "string") return;
      const found = idInCookie(header, cookieName);
      isNameProved = found !== undefined && found.id === property(request, "sessionID");
    },
    onHandshake(request) {
      const header = cookiesOf(request);
      if (hasWarned || cookieName === undefined || typeof header !== "string") return;
      check(header, property(request, "sessionID"), cookieName);
    },
  };
}

function cookiesOf(request: unknown): unknown {
  return property(property(request, "headers"), "cookie");
}
