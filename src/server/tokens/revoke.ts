import { invalidOption } from "../../errors.js";
import { isFunction } from "../../value.js";
import { hearOtherNodes } from "../cluster.js";
import type { Installed } from "../installed.js";
import type { SocketIoServer } from "../socket-io-types.js";
import { TokenError } from "../token-error.js";
import type { Revoked } from "./link-index.js";
import { checkName, requireTokens, tellEverywhere } from "./named-tokens.js";
import { concerns, type Revocation, revocationOf } from "./revocations.js";
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
  const { installed, tokens } = requireTokens("revoke", io);
  checkName("revoke", revoked);
  if (!(error instanceof TokenError)) {
    throw invalidOption(
      'The third argument of revoke is a TokenError, such as new TokenError("access_denied").',
    );
  }
  const revocation: Revocation = { ...revoked, at: Date.now(), refusal: error.data };
  const until = revocation.at + tokens.rememberFor;
  applyRevocation(installed, tokens, revocation, until);
  return tellEverywhere({ caller: "revoke", event: EVENT, fact: revocation, until, installed, tokens });
}

/** Applies what is revoked on other nodes. */
export function hearRevocations(installed: Installed, tokens: Tokens): void {
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
    link.disconnectWithReason(revocation.refusal);
    count += 1;
  }
  log.debug(`revoke: ${count} connections were ended on this node.`);
}
