import type { Log } from "../logger.js";
import { isDuration } from "../value.js";
import { isVerdict } from "./classify.js";
import type { LinkEvent, ReauthenticationAnswer } from "./io-adapter.js";

/** The longest time to stay away that is believed, a year in milliseconds; what is longer is no duration. */
const LONGEST_STAY = 31_536_000_000;

/** The longest name of a user, in characters: it is kept for as long as the user is. A longer one names nobody. */
const LONGEST_NAME = 256;

/**
 * What an IO adapter reports, as far as it makes sense: adapters are anybody's, need not be written in TypeScript, and
 * pass on what a server has sent. A number that is no time counts as left out, a verdict that is none as `retry`, and
 * an event of another type as `failed`.
 */
export function readEvent(event: LinkEvent): LinkEvent {
  switch (event.type) {
    case "connected":
      return { type: "connected" };
    case "ready": {
      const { identity } = event;
      return {
        type: "ready",
        reauthenticate: event.reauthenticate === true,
        ...lifetimeOf(event),
        ...(typeof identity === "string" &&
          identity !== "" &&
          identity.length <= LONGEST_NAME && { identity }),
      };
    }
    case "refused":
      return { type: "refused", ...refusalOf(event) };
    case "disconnected": {
      const { reason } = event;
      return {
        type: "disconnected",
        ...refusalOf(event),
        reason: typeof reason === "string" ? reason : "transport error",
      };
    }
    default:
      return { type: "failed", error: event.error };
  }
}

/** The same for the answer to another token on a link; where none can be made out, this way is not open. */
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

type Refused = Extract<LinkEvent, { type: "refused" }>;

function refusalOf(event: Omit<Refused, "type">): Omit<Refused, "type"> {
  const { verdict, error } = event;
  return { verdict: isVerdict(verdict) ? verdict : "retry", error, ...stayOf(event) };
}

/** How long the server asks us to stay away. */
function stayOf({ retryAfter }: { retryAfter?: number }): { retryAfter?: number } {
  return isDuration(retryAfter) && retryAfter <= LONGEST_STAY ? { retryAfter } : {};
}

/** Beyond this it is probably a wrong unit; and nobody should wonder why a client is away. */
const LONG_STAY = 3_600_000;

/** Says once that a server keeps this client away for long. */
export function warnOfLongStay(event: object, log: Log): void {
  const { retryAfter }: { retryAfter?: number } = event;
  if (retryAfter === undefined || retryAfter <= LONG_STAY) return;
  log.warnOnce(
    "retryAfter",
    `The server asks this client to stay away for ${retryAfter} ms, or ${Math.round(retryAfter / LONG_STAY)} hours. Check the unit on the server: "retryAfter" is in milliseconds. Until then connect() tries again at once.`,
  );
}

/** How long a token still lives, by the server's word. */
function lifetimeOf({ expiresIn }: { expiresIn?: number }): { expiresIn?: number } {
  return isDuration(expiresIn) ? { expiresIn } : {};
}
