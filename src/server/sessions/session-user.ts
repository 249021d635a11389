import type { Log } from "../../logger.js";
import { placeOf } from "../thrown.js";
import { TokenError } from "../token-error.js";

/** Whether anybody is signed in in a session, and who. */
export interface SessionUser {
  readonly isSignedIn: boolean;
  readonly identity: string;
  /** The user, where the application or the source names one. */
  readonly name?: string;
}

/** Asks the application's functions about a session. Where one fails, nobody is let in, and nobody is signed out. */
export interface SessionPolicy {
  /** @throws {@link TokenError} `temporarily_unavailable` */
  userOf(stored: object, key: string): SessionUser;
  /** The same where it decides over no connection: nothing, and no line of the log, where a function fails. */
  guessUser(stored: object, key: string): SessionUser | undefined;
  /** What a connection has to be told, if anything, whose session was `before` and is `after`. */
  refusal(before: SessionUser, after: SessionUser): TokenError | undefined;
}

export interface PolicyOptions<Session> {
  readonly isSignedIn: (session: Session) => boolean;
  readonly identify: ((session: Session) => string | undefined) | undefined;
}

/** What a function of the application's has done wrong. */
interface Failure {
  readonly name: "isSignedIn" | "identify";
  readonly what: string;
}

export function createSessionPolicy<Session extends object>(
  { isSignedIn, identify }: PolicyOptions<Session>,
  log: Log,
): SessionPolicy {
  const read = (stored: Session, key: string): SessionUser | Failure => {
    const signedIn = ask(() => isSignedIn(stored));
    if ("thrown" in signedIn) return { name: "isSignedIn", what: signedIn.thrown };
    // A promise, which an async function answers, would sign everybody in.
    if (typeof signedIn.answer !== "boolean") {
      return { name: "isSignedIn", what: "did not answer true or false" };
    }
    // A user who has yet to give a second factor is nobody.
    const named = signedIn.answer ? ask(() => identify?.(stored)) : { answer: undefined };
    if ("thrown" in named) return { name: "identify", what: named.thrown };
    const identity = named.answer ?? `session:${key}`;
    if (typeof identity !== "string" || identity === "") {
      return { name: "identify", what: "did not answer a string that is not empty, or undefined" };
    }
    return { isSignedIn: signedIn.answer, identity, ...(named.answer != null && { name: identity }) };
  };

  return {
    userOf(stored, key) {
      if (!isSession<Session>(stored)) throw new TokenError("temporarily_unavailable");
      const answer = read(stored, key);
      if ("identity" in answer) return answer;
      const { name, what } = answer;
      log.warnOnce(
        `session:${name}`,
        `shareSession: "${name}" ${what}, so that nobody is let in. It is called with what is stored of a session, of any session.`,
      );
      throw new TokenError("temporarily_unavailable");
    },

    guessUser(stored, key) {
      const answer = isSession<Session>(stored) ? read(stored, key) : undefined;
      return answer !== undefined && "identity" in answer ? answer : undefined;
    },

    refusal(before, after) {
      if (before.isSignedIn && !after.isSignedIn) return new TokenError("session_ended");
      const isSame = before.isSignedIn === after.isSignedIn && before.identity === after.identity;
      return isSame ? undefined : new TokenError("session_changed");
    },
  };
}

/** What a function answers, or what it has thrown, in words that hold nothing of a session. */
function ask(question: () => unknown): { answer: unknown } | { thrown: string } {
  try {
    return { answer: question() };
  } catch (error) {
    const place = placeOf(error);
    const kind = error instanceof Error ? error.name : typeof error;
    return { thrown: `threw a ${kind}${place === undefined ? "" : ` at ${place}`}` };
  }
}

/** What a session holds is the application's word. */
export function isSession<Session extends object>(stored: object): stored is Session {
  return typeof stored === "object";
}
