// What an IO adapter reports, as far as it makes sense: adapters are anybody's, need not be written in TypeScript, and
// pass on what a server has sent.
import type { Log } from "../logger.js";
import { isDuration } from "../value.js";
import { isVerdict } from "./classify.js";
import type { LinkEvent, ReauthenticationAnswer } from "./io-adapter.js";

/** The longest time to stay away that is believed, a year in milliseconds; what is longer is no duration. */
const LONGEST_STAY = 31_536_000_000;

/** Beyond this, in milliseconds, a time to stay away is probably in a wrong unit. */
const LONG_STAY = 3_600_000;

/** The longest name of a user, in characters: it is kept for as long as the user is. A longer one names nobody. */
const LONGEST_NAME = 256;

/** A number that is no time counts as left out, an unknown verdict as `retry`, an event of another type as `failed`. */
export function readEvent(event: LinkEvent): LinkEvent {
  switch (event.type) {
    case "connected":
      return { type: "connected" };
    case "ready": {
      const { reauthenticate, identity } = event;
      const isName = typeof identity === "string" && identity !== "";
      return {
        type: "ready",
        reauthenticate: reauthenticate === true,
        ...lifetimeOf(event),
        ...(isName && identity.length <= LONGEST_NAME && { identity }),
      };
    }
    case "refused":
    case "disconnected": {
      const { verdict, error } = event;
      const refusal = { verdict: isVerdict(verdict) ? verdict : "retry", error, ...stayOf(event) } as const;
      if (event.type === "refused") return { type: "refused", ...refusal };
      const reason = typeof event.reason === "string" ? event.reason : "transport error";
      return { type: "disconnected", ...refusal, reason };
    }
    default:
      return { type: "failed", error: event.error };
  }
}

/** The same for the answer to another token on a link; without a verdict, that token needs another link. */
export function readAnswer(answer: ReauthenticationAnswer): ReauthenticationAnswer {
  if (answer.ok === true) return { ok: true, ...lifetimeOf(answer) };
  const { verdict, error, isOtherUser } = answer;
  return {
    ok: false,
    verdict: isVerdict(verdict) ? verdict : "replace",
    error,
    ...(isOtherUser === true && { isOtherUser }),
    ...stayOf(answer),
  };
}

/** How long the server asks us to stay away. */
function stayOf({ retryAfter }: { retryAfter?: number }): { retryAfter?: number } {
  return isDuration(retryAfter) && retryAfter <= LONGEST_STAY ? { retryAfter } : {};
}

/** How long a token still lives, by the server's word. */
function lifetimeOf({ expiresIn }: { expiresIn?: number }): { expiresIn?: number } {
  return isDuration(expiresIn) ? { expiresIn } : {};
}

/** Says once that a server keeps this client away for long. */
export function warnOfLongStay(event: object, log: Log): void {
  const { retryAfter = 0 }: { retryAfter?: number } = event;
  if (retryAfter <= LONG_STAY) return;
  log.warnOnce(
    "retryAfter",
    `The server asks this client to stay away for ${retryAfter} ms, or ${Math.round(retryAfter / LONG_STAY)} hours. Check the unit on the server: "retryAfter" is in milliseconds. Until then connect() tries again at once.`,
  );
}
