import type { SessionWord } from "../../machines/index.js";
import type { ConnectionError } from "../errors.js";

const WORDS: ReadonlyMap<string | undefined, SessionWord> = new Map([
  ["session_changed", "changed"],
  ["session_required", "required"],
  ["session_ended", "ended"],
]);

/** What a refusal says of the session, for the statechart, where it says something. */
export function sessionWord({ reason }: ConnectionError): { session?: SessionWord } {
  const session = WORDS.get(reason);
  return session === undefined ? {} : { session };
}
