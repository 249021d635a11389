import { checkOptions } from "../words/check-options.js";
import { hear } from "./hooks.js";
import { requireInstalled } from "./installed.js";
import type { Link } from "./link.js";
import { checkServer, numberOption } from "./option.js";
import { connectionsOf } from "./socket-io-private.js";
import type { EngineConnection, SocketIoServer } from "./socket-io-types.js";
import { LONGEST_STAY, TokenError } from "./token-error.js";

/** How a server says goodbye to everybody. */
export interface DrainOptions {
  /**
   * Over how long the clients come back, in milliseconds: each is told another time to stay away, evenly spread from 0
   * up to this. From 0, which is all at once, to 86,400,000, a day.
   */
  within: number;
}

/** How long a client that does not read may keep what was written to it from being given up. */
const FLUSH_TIMEOUT = 2_000;

/**
 * Sends everybody away before a deploy, so that they come back to other nodes spread over time instead of all at once.
 *
 * Each client is told goodbye, `temporarily_unavailable` with its own `retryAfter`, and its connection is closed, at the
 * latest after two seconds; that of a client too which has joined no namespace by then.
 * Who connects from now on is refused in the same way, before a token is verified or a session is read. Handlers that run are not
 * waited for. There is no way back: the process is meant to end.
 *
 * @param io - A server on which `authenticateToken` or `shareSession` was called.
 * @param options - See {@link DrainOptions}.
 * @returns A promise that resolves when all connections of this node are closed, after at most some two seconds.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` and `ERR_SERVER_SETUP`, both by rejection.
 * @example
 * ```ts
 * import type { Server } from "socket.io";
 * import { drain } from "socket-rotor/server";
 *
 * function endWell(io: Server): void {
 *   process.once("SIGTERM", async () => {
 *     await drain(io, { within: 10_000 });
 *     await io.close();
 *   });
 * }
 * ```
 */
export async function drain(io: SocketIoServer, options: DrainOptions): Promise<void> {
  checkServer("drain", io);
  const installed = requireInstalled(io, "drain");
  checkOptions("drain", options, ["within"]);
  const within = numberOption("within", options.within ?? Number.NaN, [0, 0, LONGEST_STAY]);
  installed.refuseAll = () => comeBack(Math.random() * within);
  const links = [...installed.links];
  const strangers = connectionsOf(io).filter((conn) => installed.links.of(conn) === undefined);
  installed.log.info(`drain: ${links.length} connections are sent away.`);
  await Promise.all([
    // Each has a slice of the time, and comes back somewhere in it.
    ...links.map((link, index) => sendAway(link, ((index + Math.random()) / links.length) * within)),
    // They have joined nothing: most are about to, and are told when to come back.
    ...strangers.map(closed),
  ]);
}

function sendAway(link: Link, retryAfter: number): Promise<void> {
  const isClosed = closed(link.conn);
  link.disconnectWithReason(comeBack(retryAfter).data);
  return isClosed;
}

/** Resolves when a connection has ended, by itself or as it is given up. */
function closed(conn: EngineConnection): Promise<void> {
  if (conn.readyState === "closed") return Promise.resolve();
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => {
      resolve();
      conn.close(true);
    }, FLUSH_TIMEOUT);
    hear(conn, "close", () => {
      clearTimeout(giveUp);
      resolve();
    });
  });
}

function comeBack(retryAfter: number): TokenError {
  return new TokenError("temporarily_unavailable", "The server is shutting down.", {
    retryAfter: Math.floor(retryAfter),
  });
}
