import type { Log } from "../../logger.js";
import { TokenError } from "../token-error.js";

/** What is asked of a session: whether somebody is signed in, and who. */
export interface Facts {
  readonly isSignedIn: boolean;
  readonly identity: string;
}

/** Asks the application's functions about a session. A function that fails lets nobody in, and signs nobody out. */
export interface Judge {
  /** @throws {@link TokenError} `temporarily_unavailable` */
  judge(stored: object, key: string): Facts;
  /** What a connection has to be told, if anything, whose session was `before` and is `after`. */
  refusal(before: Facts, after: Facts): TokenError | undefined;
}

export interface Questions<Session> {
  readonly isSignedIn: (session: Session) => boolean;
  readonly identify: ((session: Session) => string | undefined) | undefined;
}

export function createJudge<Session extends object>(
  { isSignedIn, identify }: Questions<Session>,
  log: Log,
): Judge {
  const ask = (name: string, question: () => unknown): unknown => {
    try {
      return question();
    } catch (error) {
      throw useless(name, `threw a ${error instanceof Error ? error.name : typeof error}`);
    }
  };
  const useless = (name: string, what: string): TokenError => {
    log.warnOnce(
      `session:${name}`,
      `shareSession: "${name}" ${what}, so that nobody is let in. It is called with what is stored of a session, of any session.`,
    );
    return new TokenError("temporarily_unavailable");
  };

  return {
    judge(stored, key) {
      if (!isSession<Session>(stored)) throw new TokenError("temporarily_unavailable");
      const signedIn = ask("isSignedIn", () => isSignedIn(stored));
      // A promise, which an async function answers, would sign everybody in.
      if (typeof signedIn !== "boolean") throw useless("isSignedIn", "did not answer true or false");
      // Whoever has begun to sign in, and is to give a second factor, is nobody yet.
      const named = signedIn ? ask("identify", () => identify?.(stored)) : undefined;
      const identity = named ?? `session:${key}`;
      if (typeof identity !== "string" || identity === "") {
        throw useless("identify", "did not answer a string that is not empty, or undefined");
      }
      return { isSignedIn: signedIn, identity };
    },

    refusal(before, after) {
      if (before.isSignedIn && !after.isSignedIn) return new TokenError("session_ended");
      const isSame = before.isSignedIn === after.isSignedIn && before.identity === after.identity;
      return isSame ? undefined : new TokenError("session_changed");
    },
  };
}

/** What a session holds is the application's word. */
export function isSession<Session extends object>(stored: object): stored is Session {
  return typeof stored === "object";
}
