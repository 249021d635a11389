import { ConnectionError } from "../../errors.js";
import { warnOfProblems } from "../check-setup.js";
import { install } from "../install.js";
import { installedOn } from "../installed.js";
import { checkServer } from "../option.js";
import type { SocketIoServer } from "../socket-io-types.js";
import { applyRequirement, hearRequirements } from "./require-reauthentication.js";
import { createRequirements } from "./requirements.js";
import { createStoredRevocations } from "./revocation-store.js";
import { createRevocations } from "./revocations.js";
import { applyRevocation, hearRevocations } from "./revoke.js";
import { resolveTokenOptions, type TokenOptions } from "./token-options.js";
import { createTokens, type Tokens } from "./tokens.js";
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
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for options and for what is no Socket.IO server,
 * `ERR_SERVER_SETUP` where it was called before on this server or the namespace `/rotor` is taken.
 * @example
 * ```ts
 * import { Server } from "socket.io";
 * import { authenticateToken, joseVerifier } from "socket-rotor/server";
 *
 * const io = new Server(3000);
 * authenticateToken(io, {
 *   identityKey: process.env.IDENTITY_KEY ?? "",
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
  checkServer("authenticateToken", io);
  const resolved = resolveTokenOptions(options);
  if (installedOn(io)?.tokens !== undefined) {
    throw new ConnectionError(
      "ERR_SERVER_SETUP",
      "authenticateToken was called on this server before. Call it once; one verify function can tell several kinds of token apart.",
    );
  }
  const installed = install(io, resolved.logger);
  const { identityKey, log } = installed;
  identityKey.use(resolved.identityKey);
  const revocations = createRevocations(resolved.rememberFor, log);
  const verifier = createVerifier(resolved.verify, resolved.verifyTimeout, log);
  const onUnreadable = (): void => warnOfProblems(io, log, "first connection");
  const { revocations: store, revocationsTimeout } = resolved;
  const stored =
    store &&
    createStoredRevocations(
      store,
      revocationsTimeout,
      (stored, until) =>
        "within" in stored
          ? applyRequirement(installed, tokens, stored, stored.at + stored.within, until)
          : applyRevocation(installed, tokens, stored, until),
      log,
    );
  const requirements = createRequirements(log);
  const parts = { verifier, revocations, requirements, stored, log, onUnreadable };
  const tokens: Tokens = createTokens(parts, resolved);
  installed.tokens = tokens;
  hearRevocations(installed, tokens);
  hearRequirements(installed, tokens);
  // Each handshake reads again: what this one is good for is a store that fails, which the log says at the start.
  stored?.read().catch(() => {});
  warnOfProblems(io, log, "start");
}
