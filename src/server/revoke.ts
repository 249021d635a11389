import { ConnectionError, invalidOption } from "../errors.js";
import { isDuration, isFunction, property } from "../value.js";
import { checkOptions } from "../words/check-options.js";
import { hearOtherNodes, tellOtherNodes } from "./cluster.js";
import { sayGoodbye } from "./control.js";
import { type Installed, requireInstalled } from "./installed.js";
import { checkServer } from "./option.js";
import { refusalDataOf } from "./refusal.js";
import { concerns, type Revocation, type Revoked } from "./revocations.js";
import type { SocketIoServer } from "./socket-io.js";
import { TokenError } from "./token-error.js";
import type { Tokens } from "./tokens.js";

const EVENT = "revoke";

/**
 * Ends the connections of a user or of one token now, on all nodes, and refuses the same tokens from now on.
 *
 * Each client is told goodbye and why, and its whole connection is closed, also one whose token is being verified. By
 * subject, tokens that were issued at or before this moment are refused, so that the user can sign in again; where
 * `verify` answers no `issuedAt`, all of them are. It is remembered for `rememberFor` of `authenticateToken`, in the
 * memory of each node that runs now: what has to outlive a restart belongs into `verify`.
 *
 * @param io - A server on which `authenticateToken` was called.
 * @param revoked - The `subject`, or the `tokenId`, as `verify` answers them; with both, only a token that fits both.
 * @param error - What the clients are told. The default lets them refresh once.
 * @returns Whether every node that the adapter knows of has confirmed; `true` on a single node. This node has done its
 * part before the call returns. It never rejects because of other nodes.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` where neither is given and for what is no Socket.IO server,
 * `ERR_SERVER_SETUP` without `authenticateToken`, both by rejection.
 * @example
 * ```ts
 * import type { Server } from "socket.io";
 * import { revoke, TokenError } from "socket-rotor/server";
 *
 * async function onAccountClosed(io: Server, userId: string): Promise<void> {
 *   await revoke(io, { subject: userId }, new TokenError("access_denied", "The account was closed."));
 * }
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc7009
 */
export async function revoke(
  io: SocketIoServer,
  revoked: Revoked,
  error: TokenError = new TokenError("invalid_token", "The token was revoked."),
): Promise<boolean> {
  checkServer("revoke", io);
  const installed = requireInstalled(io, "revoke");
  const { tokens, control, log } = installed;
  if (tokens === undefined) {
    throw new ConnectionError(
      "ERR_SERVER_SETUP",
      "revoke is about tokens, and this server takes none. To end a session, destroy it in its store, or call end(sessionId) of what shareSession has returned.",
    );
  }
  checkOptions("revoke", revoked, ["subject", "tokenId"]);
  const named = [revoked.subject, revoked.tokenId].filter((name) => name !== undefined);
  if (named.length === 0 || named.some((name) => typeof name !== "string" || name === "")) {
    throw invalidOption(
      'revoke takes { subject } or { tokenId }, or both, each a string that is not empty. To end all connections use "drain".',
    );
  }
  if (!(error instanceof TokenError)) {
    throw invalidOption(
      'The third argument of revoke is a TokenError, such as new TokenError("access_denied").',
    );
  }
  const revocation: Revocation = { ...revoked, at: Date.now(), refusal: error.data };
  apply(installed, tokens, revocation);
  const isConfirmed = await tellOtherNodes(control, EVENT, revocation);
  if (!isConfirmed) {
    log.warn(
      "revoke: not every node has confirmed in time. Connections there may go on; call revoke again, and look at the Socket.IO adapter.",
    );
  }
  return isConfirmed;
}

/** Applies what is revoked on other nodes. */
export function heedOtherNodes(installed: Installed, tokens: Tokens): void {
  hearOtherNodes(installed.control, EVENT, (message, acknowledge) => {
    const revocation = revocationOf(message);
    if (revocation !== undefined) apply(installed, tokens, revocation);
    if (isFunction(acknowledge)) acknowledge(true);
  });
}

function apply({ links, log }: Installed, tokens: Tokens, revocation: Revocation): void {
  // First, for those whose token is being verified.
  tokens.revocations.add(revocation);
  let count = 0;
  for (const link of links) {
    const credential = tokens.credentialOf(link);
    if (credential === undefined) continue;
    tokens.revocations.meet(credential);
    if (!concerns(revocation, credential)) continue;
    sayGoodbye(link, revocation.refusal);
    count += 1;
  }
  log.debug(`revoke: ${count} connections were ended on this node.`);
}

/** A revocation as another node has sent it, which may have another version of this library. */
function revocationOf(message: unknown): Revocation | undefined {
  const at = property(message, "at");
  const subject = property(message, "subject");
  const tokenId = property(message, "tokenId");
  const refusal = refusalDataOf(property(message, "refusal"));
  if (!isDuration(at) || refusal === undefined) return undefined;
  if (typeof subject === "string") {
    return { at, refusal, subject, ...(typeof tokenId === "string" && { tokenId }) };
  }
  return typeof tokenId === "string" ? { at, refusal, tokenId } : undefined;
}
