import { ConnectionError, invalidOption } from "../errors.js";
import { isFunction } from "../value.js";
import { checkOptions } from "../words/check-options.js";
import { hearOtherNodes, tellOtherNodes } from "./cluster.js";
import { sayGoodbye } from "./control.js";
import { type Installed, requireInstalled } from "./installed.js";
import { checkServer } from "./option.js";
import { concerns, type Revocation, type Revoked, revocationOf } from "./revocation.js";
import type { SocketIoServer } from "./socket-io-types.js";
import { TokenError } from "./token-error.js";
import type { Tokens } from "./tokens.js";

const EVENT = "revoke";

/**
 * Ends the connections of a user or of one token now, on all nodes, and refuses the same tokens from now on.
 *
 * Each client is told goodbye and why, and its whole connection is closed, also one whose token is being verified. By
 * subject, tokens that were issued at or before this moment are refused, so that the user can sign in again; where
 * `verify` answers no `issuedAt`, all of them are. It is remembered for `rememberFor` of `authenticateToken`: in the
 * memory of each node that runs now, and in the store of its option `revocations`, which nodes that start later read.
 *
 * @param io - A server on which `authenticateToken` was called.
 * @param revoked - The `subject`, or the `tokenId`, as `verify` answers them; with both, only a token that fits both.
 * @param error - What the clients are told. The default lets them refresh once.
 * @returns Whether every node that the adapter knows of has confirmed, and the store has it; `true` on a single node
 * without a store. This node has done its part before the call returns. It never rejects because of other nodes or the
 * store.
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
  const until = revocation.at + tokens.rememberFor;
  applyRevocation(installed, tokens, revocation, until);
  const [isConfirmed, isStored = true] = await Promise.all([
    tellOtherNodes(control, EVENT, revocation),
    tokens.stored?.add(revocation, until),
  ]);
  if (!isConfirmed) {
    log.warn(
      "revoke: not every node has confirmed in time. Connections there may go on; call revoke again, and look at the Socket.IO adapter. Another Socket.IO server on the same broker needs a key or a channel prefix of its own.",
    );
  }
  if (!isStored) {
    log.warn(
      "revoke: the store of revocations has not taken it in time, so that a node which starts later does not know of it. Call revoke again, and look at the store.",
    );
  }
  return isConfirmed && isStored;
}

/** Applies what is revoked on other nodes. */
export function heedOtherNodes(installed: Installed, tokens: Tokens): void {
  hearOtherNodes(installed.control, EVENT, (message, acknowledge) => {
    const revocation = revocationOf(message);
    if (revocation !== undefined) applyRevocation(installed, tokens, revocation);
    if (isFunction(acknowledge)) acknowledge(true);
  });
}

/** Ends the connections that a revocation is about, and refuses its tokens from now on. */
export function applyRevocation(
  { log }: Pick<Installed, "log">,
  { revocations, index, credentialOf }: Tokens,
  revocation: Revocation,
  until?: number,
): void {
  // First, for those whose token is being verified.
  revocations.add(revocation, until);
  if (index.unnamed > 0) revocations.meetUnnamed();
  let count = 0;
  for (const link of index.find(revocation)) {
    const credential = credentialOf(link);
    if (credential === undefined || !concerns(revocation, credential)) continue;
    sayGoodbye(link, revocation.refusal);
    count += 1;
  }
  log.debug(`revoke: ${count} connections were ended on this node.`);
}
