import { REAUTHENTICATE_REQUIRED } from "../../protocol.js";
import { isFunction } from "../../value.js";
import { checkOptions } from "../../words/check-options.js";
import { hearOtherNodes } from "../cluster.js";
import type { Installed } from "../installed.js";
import { numberOption } from "../option.js";
import type { SocketIoServer } from "../socket-io-types.js";
import type { Revoked } from "./link-index.js";
import { checkName, requireTokens, tellEverywhere } from "./named-tokens.js";
import { askFor, LONGEST_WAIT, type Requirement, requirementOf } from "./requirements.js";
import type { Tokens } from "./tokens.js";

/** How long clients may take to bring a newer token. */
export interface ReauthenticationOptions {
  /**
   * How long a connection may go on without a newer token, in milliseconds; the clients come at any time within it.
   * From 2,000 to 86,400,000, a day. Give clients time for a refresh: 30,000 or more.
   */
  within: number;
}

const EVENT = "require-reauthentication";

/** A client leaves a token in peace for a second, and its refresh takes time. */
const SHORTEST_WAIT = 2_000;

/**
 * Asks the clients of a user, or of one token, for a newer token on the connection that they have, on all nodes: for
 * permissions that have changed. A client that brings one in time stays connected.
 *
 * Clients that use socket-rotor call their `refresh`, each at another time, or wait for another token in their storage
 * where they have none. A token counts where its text is another one, and it was issued after this call: by the
 * `issuedAt` that `verify` answers, or by another `tokenId` where it answers no `issuedAt`. A connection without one in
 * time is closed with `invalid_token`, also that of a stock client and of an older version, which are not asked.
 *
 * A client that connects meanwhile with a token from before is given the same time, and refused after it. By `subject`
 * that needs `issuedAt`. It is remembered for `rememberFor` of `authenticateToken`, where {@link revoke} is remembered too.
 * Called again for the same name before the time is over, a token has to be newer than the last call, and the time
 * that is over first counts.
 *
 * @param io - A server on which `authenticateToken` was called.
 * @param who - The `subject`, or the `tokenId`, as `verify` answers them; with both, only a token that fits both.
 * @param options - See {@link ReauthenticationOptions}.
 * @returns Whether every node that the adapter knows of has confirmed, and the store has it; `true` on a single node
 * without a store. It does not wait for the clients, and never rejects because of other nodes or the store.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for who and within, and for what is no Socket.IO server,
 * `ERR_SERVER_SETUP` without `authenticateToken`, both by rejection.
 * @example
 * ```ts
 * import type { Server } from "socket.io";
 * import { requireReauthentication } from "socket-rotor/server";
 *
 * async function onRoleChanged(io: Server, userId: string): Promise<void> {
 *   await requireReauthentication(io, { subject: userId }, { within: 60_000 });
 * }
 * ```
 */
export async function requireReauthentication(
  io: SocketIoServer,
  who: Revoked,
  options: ReauthenticationOptions,
): Promise<boolean> {
  const caller = "requireReauthentication";
  const { installed, tokens } = requireTokens(caller, io);
  checkName(caller, who);
  checkOptions(caller, options, ["within"]);
  const within = numberOption("within", options.within ?? Number.NaN, [0, SHORTEST_WAIT, LONGEST_WAIT]);
  const requirement: Requirement = { ...who, at: Date.now(), within };
  const until = endOf(requirement, tokens);
  applyRequirement(installed, tokens, requirement, requirement.at + within, until);
  return tellEverywhere({ caller, event: EVENT, fact: requirement, until, installed, tokens });
}

/** Applies what is required on other nodes, from the moment at which it is heard of: clocks may differ. */
export function hearRequirements(installed: Installed, tokens: Tokens): void {
  hearOtherNodes(installed.control, EVENT, (message, acknowledge) => {
    const requirement = requirementOf(message);
    if (requirement !== undefined) {
      const deadline = Date.now() + requirement.within;
      applyRequirement(installed, tokens, requirement, deadline, endOf(requirement, tokens));
    }
    if (isFunction(acknowledge)) acknowledge(true);
  });
}

/** Asks for newer tokens on the connections in question, and remembers it for those that are made later. */
export function applyRequirement(
  { log }: Pick<Installed, "log">,
  { requirements, index, require, lifetimeOf }: Tokens,
  requirement: Requirement,
  deadline: number,
  until: number,
): void {
  // First, for those whose token is being verified.
  const required = { at: requirement.at, deadline };
  if (!requirements.add(requirement, required, until)) return;
  if (requirement.subject === undefined && index.unnamed > 0) {
    log.warnOnce(
      "requirements:tokenId",
      'requireReauthentication: a "tokenId" was given, and there are tokens for which "verify" answers none: those are not asked for. Answer it: the claim "jti".',
    );
  }
  let count = 0;
  for (const link of index.find(requirement)) {
    if (!require(link, required)) continue;
    link.tell(REAUTHENTICATE_REQUIRED, askFor(lifetimeOf(link)));
    count += 1;
  }
  log.debug(`requireReauthentication: ${count} connections on this node were asked for a newer token.`);
}

/** When nobody can have a token from before any more. */
function endOf({ at, within }: Requirement, { rememberFor }: Tokens): number {
  return at + within + rememberFor;
}
