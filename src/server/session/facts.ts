import type { Log } from "../../logger.js";
import { placeOf } from "../place-of-error.js";
import { TokenError } from "../token-error.js";

/** What is asked of a session: whether somebody is signed in, and who. */
export interface Facts {
  readonly isSignedIn: boolean;
  readonly identity: string;
  /** The user, where the application or the source has named one. */
  readonly user?: string;
}

/** Asks the application's functions about a session. A function that fails lets nobody in, and signs nobody out. */
export interface Judge {
  /** @throws {@link TokenError} `temporarily_unavailable` */
  judge(stored: object, key: string): Facts;
  /** The same where it decides over no connection: nothing, and no line of the log, where a function fails. */
  guess(stored: object, key: string): Facts | undefined;
  /** What a connection has to be told, if anything, whose session was `before` and is `after`. */
  refusal(before: Facts, after: Facts): TokenError | undefined;
}

export interface Questions<Session> {
  readonly isSignedIn: (session: Session) => boolean;
  readonly identify: ((session: Session) => string | undefined) | undefined;
}

/** What a function of the application's has done wrong. */
interface Failure {
  readonly name: "isSignedIn" | "identify";
  readonly what: string;
}

export function createJudge<Session extends object>(
  { isSignedIn, identify }: Questions<Session>,
  log: Log,
): Judge {
  const factsOf = (stored: Session, key: string): Facts | Failure => {
    const signedIn = ask(() => isSignedIn(stored));
    if ("thrown" in signedIn) return { name: "isSignedIn", what: signedIn.thrown };
    // A promise, which an async function answers, would sign everybody in.
    if (typeof signedIn.answer !== "boolean") {
      return { name: "isSignedIn", what: "did not answer true or false" };
    }
    // Whoever has begun to sign in, and is to give a second factor, is nobody yet.
    const named = signedIn.answer ? ask(() => identify?.(stored)) : { answer: undefined };
    if ("thrown" in named) return { name: "identify", what: named.thrown };
    const identity = named.answer ?? `session:${key}`;
    if (typeof identity !== "string" || identity === "") {
      return { name: "identify", what: "did not answer a string that is not empty, or undefined" };
    }
    return { isSignedIn: signedIn.answer, identity, ...(named.answer != null && { user: identity }) };
  };

  return {
    judge(stored, key) {
      if (!isSession<Session>(stored)) throw new TokenError("temporarily_unavailable");
      const facts = factsOf(stored, key);
      if ("identity" in facts) return facts;
      const { name, what } = facts;
      log.warnOnce(
        `session:${name}`,
        `shareSession: "${name}" ${what}, so that nobody is let in. It is called with what is stored of a session, of any session.`,
      );
      throw new TokenError("temporarily_unavailable");
    },

    guess(stored, key) {
      const facts = isSession<Session>(stored) ? factsOf(stored, key) : undefined;
      return facts !== undefined && "identity" in facts ? facts : undefined;
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
