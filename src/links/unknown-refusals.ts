import type { ConnectionError } from "../errors.js";
import type { Log } from "../logger.js";

/** So many different ones are said and remembered: a server may put a number of its own into each. */
const LIMIT = 10;
/** How much of a server's words stands in a line, in characters. */
const LONGEST = 200;

/**
 * Says of refusals that nothing is known of them, once for each set of words. They count as outages, and are tried
 * again for ever: without a line nobody would know why.
 */
export function createUnknownRefusals(log: Log): (refusal: ConnectionError) => void {
  const said = new Set<string>();
  return ({ message, reason }) => {
    const words = [message, ...(reason === undefined ? [] : [reason])]
      .map((text) => JSON.stringify(text.slice(0, LONGEST)))
      .join(", ");
    if (said.size >= LIMIT || said.has(words)) return;
    said.add(words);
    const end = said.size === LIMIT ? " Further ones are not logged." : "";
    log.warn(
      `The server refuses for an unknown reason: ${words}. This counts as an outage: it is tried again, and the token is not refreshed. Send data: { error: "invalid_token" } or another error code of docs/errors.md, or give the option "classify".${end}`,
    );
  };
}
