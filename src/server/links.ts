import type { Link } from "./link.js";
import { hear } from "./own-hooks.js";
import type { EngineConnection } from "./socket-io.js";
import { TokenError } from "./token-error.js";

/** The links of one Socket.IO server on this node. */
export interface Links extends Iterable<Link> {
  /** How many there are. */
  readonly size: number;
  /** The link of a connection, made when it is asked for first, and forgotten when the connection closes. */
  open(conn: EngineConnection): Link;
  /** The link of a connection, if it has one. */
  of(conn: object): Link | undefined;
}

export function createLinks(create: (conn: EngineConnection) => Link): Links {
  const links = new Map<object, Link>();
  return {
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
      const link = create(conn);
      links.set(conn, link);
      hear(conn, "close", () => links.delete(conn));
      return link;
    },
    of: (conn) => links.get(conn),
    [Symbol.iterator]: () => [...links.values()].values(),
  };
}
