import { ConnectionError, invalidOption } from "../../errors.js";
import { checkOptions } from "../../words/check-options.js";
import { tellOtherNodes } from "../cluster.js";
import { type Installed, requireInstalled } from "../installed.js";
import { checkServer } from "../option.js";
import type { SocketIoServer } from "../socket-io-types.js";
import type { Revoked } from "./link-index.js";
import type { Stored } from "./revocation-store.js";
import type { Tokens } from "./tokens.js";

// What `revoke` and `requireReauthentication` have in common.

/** What a server knows of tokens. Throws where it takes none. */
export function requireTokens(caller: string, io: SocketIoServer): { installed: Installed; tokens: Tokens } {
  checkServer(caller, io);
  const installed = requireInstalled(io, caller);
  const { tokens } = installed;
  if (tokens !== undefined) return { installed, tokens };
  throw new ConnectionError(
    "ERR_SERVER_SETUP",
    `${caller} is about tokens, and this server takes none. To end a session, destroy it in its store, or call end(sessionId) of what shareSession has returned.`,
  );
}

/** Refuses what names no token and nobody. */
export function checkName(caller: string, name: Revoked): void {
  checkOptions(caller, name, ["subject", "tokenId"]);
  const given = [name.subject, name.tokenId].filter((text) => text !== undefined);
  if (given.length > 0 && given.every((text) => typeof text === "string" && text !== "")) return;
  throw invalidOption(
    `${caller} takes { subject } or { tokenId }, or both, each a string that is not empty. To end all connections use "drain".`,
  );
}

/** What is told, and to whom. */
interface News {
  caller: string;
  event: string;
  fact: Stored;
  /** When the store may forget it, in epoch milliseconds. */
  until: number;
  installed: Installed;
  tokens: Tokens;
}

/**
 * Tells the other nodes and the store what was done on this one.
 *
 * @returns Whether all have confirmed; a warning says what has not. It does not reject.
 */
export async function tellEverywhere({
  caller,
  event,
  fact,
  until,
  installed,
  tokens,
}: News): Promise<boolean> {
  const { control, log } = installed;
  const [isConfirmed, isStored = true] = await Promise.all([
    tellOtherNodes(control, event, fact),
    tokens.stored?.add(fact, until),
  ]);
  if (!isConfirmed) {
    log.warn(
      `${caller}: not every node has confirmed in time. Connections there may go on; call ${caller} again, and look at the Socket.IO adapter. Another Socket.IO server on the same broker needs a key or a channel prefix of its own.`,
    );
  }
  if (!isStored) {
    log.warn(
      `${caller}: the store of revocations has not taken it in time, so that a node which starts later does not know of it. Call ${caller} again, and look at the store.`,
    );
  }
  return isConfirmed && isStored;
}
