import { isWithin } from "../../playground/page/state-path.js";
import type { User } from "./playground.js";

/** What the reader has done already. */
export type Action = "signIn" | "refresh" | "signOut" | "network" | "kick" | "refuse" | "send";

interface Situation {
  path: string;
  user: User | undefined;
  isCut: boolean;
  /** Whether a message waits for a link. */
  isWaiting: boolean;
  done: ReadonlySet<Action>;
}

/** What to try next. */
export function hintFor({ path, user, isCut, isWaiting, done }: Situation): string {
  if (isWithin(path, "loggedOut.rejected"))
    return "The server refused the token, and a fresh one too. Sign in again: only another token can help.";
  if (user === undefined)
    return done.has("signOut") ? "Sign in as the other user." : "Start here: sign in as Ada.";
  const other = user === "Ada" ? "Grace" : "Ada";
  if (isCut && isWaiting)
    return `Mend the network, and the note is sent. Or sign in as ${other}: then it never is, as it is ${user}’s.`;
  if (isCut) return `Send a note now. It waits, and it belongs to ${user}.`;
  if (!isWithin(path, "connected")) return "Watch the chart: each arrow that is taken is a decision.";
  if (!done.has("refresh")) return "Now refresh the token, and compare the three lines of events.";
  if (!done.has("network")) return "Cut the network, and send a note meanwhile.";
  if (!done.has("kick")) return "Kick the client: the server ends the connection and gives no reason.";
  if (!done.has("refuse"))
    return "Refuse the token: the server takes no token of this user any more, a fresh one either.";
  return "Choose another of the three lines: the chart and the notes are those of that client.";
}
