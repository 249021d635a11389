import { createLink, type Link } from "./link.js";
import { createRateLimit } from "./rate-limit.js";
import type { EngineConnection } from "./socket-io.js";
import { TokenError } from "./token-error.js";
import type { Verifier } from "./verification.js";

/** The links of one Socket.IO server on this node. */
export interface Links {
  /** How many there are. */
  readonly size: number;
  /** The link of a connection, made when it is asked for first, and forgotten when the connection closes. */
  open(conn: EngineConnection): Link;
  /** The link of a connection, if it has one. */
  of(conn: EngineConnection): Link | undefined;
}

const installed = new WeakMap<object, Links>();

/** The links of a server on which `authenticateToken` was called. */
export function linksOf(io: object): Links | undefined {
  return installed.get(io);
}

export function createLinks(io: object, verify: Verifier, maxReauthenticationsPerMinute: number): Links {
  const links = new Map<EngineConnection, Link>();
  const made: Links = {
    get size() {
      return links.size;
    },
    open(conn) {
      const known = links.get(conn);
      if (known !== undefined) return known;
      // Its "close" has been, so nothing would ever forget it.
      if (conn.readyState === "closed") {
        throw new TokenError("temporarily_unavailable", "The connection has ended.");
      }
      const link = createLink(conn, verify, createRateLimit(maxReauthenticationsPerMinute));
      links.set(conn, link);
      conn.once("close", () => links.delete(conn));
      return link;
    },
    of: (conn) => links.get(conn),
  };
  installed.set(io, made);
  return made;
}
