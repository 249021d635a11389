import { ConnectionError } from "../errors.js";
import { createLog } from "../logger.js";
import { property } from "../value.js";
import { warnOfProblems } from "./check-setup.js";
import { createConnects } from "./connects.js";
import { reserveControl, sayGoodbye, serveControl } from "./control.js";
import { everyNamespace, useFirst } from "./every-namespace.js";
import { type Installed, install, installedOn } from "./installed.js";
import { createLink } from "./link.js";
import { createLinks } from "./links.js";
import { createRateLimit } from "./rate-limit.js";
import { peekToken, takeToken } from "./read-token.js";
import { guardRecovery, verifyRecovered } from "./recovery.js";
import { createRevocations } from "./revocations.js";
import { heedOtherNodes } from "./revoke.js";
import type { EngineConnection, ServerSocket, SocketIoServer } from "./socket-io.js";
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
 * a recovered socket is verified like any other, and nobody resumes what was another user's.
 *
 * When the token expires the client is told goodbye and the whole connection ends, unless another token of the same
 * user has taken its place.
 *
 * What is started here ends with the server: each connection's record goes with the connection.
 *
 * @param io - The server; call it before clients connect.
 * @param options - `verify`, and limits. See {@link TokenOptions}.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for options, `ERR_SERVER_SETUP` where it was called before on
 * this server or the namespace `/rotor` is taken.
 * @example
 * ```ts
 * import { Server } from "socket.io";
 * import { authenticateToken, joseVerifier } from "socket-rotor/server";
 *
 * const io = new Server(3000);
 * authenticateToken(io, {
 *   verify: joseVerifier({
 *     jwksUri: "https://auth.example.com/.well-known/jwks.json",
 *     issuer: "https://auth.example.com",
 *     audience: "https://api.example.com",
 *     algorithms: ["RS256"],
 *   }),
 * });
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc6750
 */
export function authenticateToken(io: SocketIoServer, options: TokenOptions): void {
  const { verify, verifyTimeout, grace, maxTokenLength, ...rest } = resolveTokenOptions(options);
  if (installedOn(io) !== undefined) {
    throw new ConnectionError(
      "ERR_SERVER_SETUP",
      "authenticateToken was called on this server before. Call it once; one verify function can tell several kinds of token apart.",
    );
  }
  const log = createLog(rest.logger);
  const control = reserveControl(io);
  const revocations = createRevocations(rest.rememberFor, log);
  const verifier = createVerifier(verify, verifyTimeout, log);
  let isComplete = false;
  const links = createLinks((conn) => {
    if (!isComplete) warnOfProblems(io, log, "first connection");
    isComplete = true;
    return createLink(conn, {
      verify: verifier,
      check: revocations.check,
      limit: createRateLimit(rest.maxReauthenticationsPerMinute),
      grace,
      onExpired(link) {
        log.debug("A connection was ended, as its token has expired.");
        sayGoodbye(link, new TokenError("invalid_token", "The token has expired.").data);
      },
      onListenerThrew(error) {
        const name = error instanceof Error ? error.name : typeof error;
        log.warn(
          `A listener of the application's threw (${name}) when a socket was disconnected. The connection was ended all the same.`,
        );
      },
    });
  });
  const installed: Installed = {
    links,
    control,
    revocations,
    log,
    verifyTimeout,
    isIdentityKeyRandom: options.identityKey === undefined,
  };
  install(io, installed);
  warnOfProblems(io, log, "start");
  verifyRecovered(io);
  heedOtherNodes(installed);

  const connects = createConnects(({ name }) =>
    log.debug(`A CONNECT to ${JSON.stringify(name)} was ignored: the one before is still being answered.`),
  );
  everyNamespace(io, (namespace) => {
    useFirst(namespace, (socket, next) => {
      void admit(installed, socket, maxTokenLength).then(
        () => next(),
        (error: unknown) => {
          const refusal = error instanceof TokenError ? error : new TokenError("temporarily_unavailable");
          log.debug(`A client was refused in ${JSON.stringify(namespace.name)}: ${refusal.data.error}.`);
          next(refusal);
        },
      );
    });
    const recovery = guardRecovery(namespace);
    connects.guard(namespace, ({ conn }, auth) =>
      recovery.prepare(auth, () => subjectOf(installed, conn, auth, maxTokenLength)),
    );
    // The link may have been re-authenticated while the application's middlewares ran.
    namespace.prependListener("connect", (socket) => {
      const link = links.of(socket.conn);
      link?.carry(socket);
      link?.join(socket);
    });
  });
  serveControl(control, links, { identityKey: rest.identityKey, maxTokenLength, log });
}

async function admit(
  { links, refuseAll }: Installed,
  socket: ServerSocket,
  maxLength: number,
): Promise<void> {
  const token = takeToken(socket.handshake.auth, maxLength);
  if (refuseAll !== undefined) throw refuseAll();
  const link = links.open(socket.conn);
  await link.admit(token);
  const previous = property(socket.data, "identity");
  if (socket.recovered && previous !== link.credential?.subject) {
    throw new TokenError("identity_mismatch", "The state to recover is someone else's.");
  }
  link.carry(socket);
}

/** Whom the token of a CONNECT stands for, before there is a socket. The reason of a refusal is left to `admit`. */
async function subjectOf(
  { links, refuseAll }: Installed,
  conn: EngineConnection,
  auth: object,
  maxLength: number,
): Promise<string | undefined> {
  if (refuseAll !== undefined) return undefined;
  try {
    const link = links.open(conn);
    await link.admit(peekToken(auth, maxLength));
    return link.credential?.subject;
  } catch {
    return undefined;
  }
}
