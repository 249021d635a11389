import { ConnectionError } from "../errors.js";
import { createLog, type Log } from "../logger.js";
import { reserveControl, serveControl } from "./control.js";
import { everyNamespace, useFirst } from "./every-namespace.js";
import { createLinks, type Links, linksOf } from "./links.js";
import { takeToken } from "./read-token.js";
import { property } from "./refusal.js";
import type { ServerSocket, SocketIoServer } from "./socket-io.js";
import { TokenError } from "./token-error.js";
import { resolveTokenOptions, type TokenOptions } from "./token-options.js";
import { createVerifier } from "./verification.js";

/**
 * Lets nobody into any namespace of a Socket.IO server without a token that was verified, and lets clients that use
 * socket-rotor replace their token without a new connection.
 *
 * The token is read from `socket.handshake.auth.token` and taken out of it. `socket.data.identity` is the subject, and
 * the `data` that `verify` answered is in `socket.data` too, both before any middleware of the application runs.
 * Namespaces that are made later, by a pattern for example, are covered. Connection state recovery stays possible, but
 * a recovered socket is verified like any other.
 *
 * What is started here ends with the server: each connection's record goes with the connection.
 *
 * @param io - The server; call it before clients connect.
 * @param options - `verify`, and limits. See {@link TokenOptions}.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for options, `ERR_SERVER_SETUP` where it was called before on
 * this server or the namespace `/rotor` is taken.
 * @example
 * ```ts
 * import { createSecretKey } from "node:crypto";
 * import { jwtVerify } from "jose";
 * import { Server } from "socket.io";
 * import { authenticateToken } from "socket-rotor/server";
 *
 * const key = createSecretKey(process.env.JWT_SECRET ?? "", "utf8");
 * const io = new Server(3000);
 * authenticateToken(io, {
 *   verify: async (token) => {
 *     const { payload } = await jwtVerify(token, key, { algorithms: ["HS256"], requiredClaims: ["sub", "exp"] });
 *     return { subject: payload.sub ?? "", expiresAt: (payload.exp ?? 0) * 1_000 };
 *   },
 * });
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc6750
 */
export function authenticateToken(io: SocketIoServer, options: TokenOptions): void {
  const { verify, verifyTimeout, maxReauthenticationsPerMinute, ...rest } = resolveTokenOptions(options);
  if (linksOf(io) !== undefined) {
    throw new ConnectionError(
      "ERR_SERVER_SETUP",
      "authenticateToken was called on this server before. Call it once; one verify function can tell several kinds of token apart.",
    );
  }
  const log = createLog(rest.logger);
  const control = reserveControl(io);
  verifyRecovered(io, log);
  const links = createLinks(io, createVerifier(verify, verifyTimeout, log), maxReauthenticationsPerMinute);

  everyNamespace(io, (namespace) => {
    useFirst(namespace, (socket, next) => {
      void admit(links, socket, rest.maxTokenLength).then(
        () => next(),
        (error: unknown) => {
          const refusal = error instanceof TokenError ? error : new TokenError("temporarily_unavailable");
          log.debug(`A client was refused in ${JSON.stringify(namespace.name)}: ${refusal.data.error}.`);
          next(refusal);
        },
      );
    });
    // The link may have been re-authenticated while the application's middlewares ran.
    namespace.prependListener("connect", (socket) => {
      const link = links.of(socket.conn);
      link?.carry(socket);
      link?.join(socket);
    });
  });
  serveControl(control, links, { ...rest, log });
}

async function admit(links: Links, socket: ServerSocket, maxTokenLength: number): Promise<void> {
  const token = takeToken(socket.handshake.auth, maxTokenLength);
  const link = links.open(socket.conn);
  await link.admit(token);
  const previous = property(socket.data, "identity");
  if (socket.recovered && previous !== link.credential?.subject) {
    throw new TokenError("identity_mismatch", "The state to recover is someone else's.");
  }
  link.carry(socket);
}

/** By default Socket.IO runs no middleware for a recovered socket, which would stay whoever it was. */
function verifyRecovered(io: SocketIoServer, log: Log): void {
  const recovery = property(Reflect.get(io, "opts"), "connectionStateRecovery");
  if (typeof recovery !== "object" || recovery === null) return;
  if (property(recovery, "skipMiddlewares") === false) return;
  Reflect.set(recovery, "skipMiddlewares", false);
  log.info(
    'authenticateToken: "connectionStateRecovery.skipMiddlewares" was set to false, as a recovered connection has to be verified too. Write it so, to be explicit.',
  );
}
