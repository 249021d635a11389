import { type Credential, carry, digestOf, isExpired } from "./credential.js";
import { createExpiry } from "./expiry.js";
import type { Link } from "./link.js";
import type { LinkIndex } from "./link-index.js";
import type { RateLimit } from "./rate-limit.js";
import type { ServerSocket } from "./socket-io.js";
import { TokenError } from "./token-error.js";
import type { Verifier } from "./verification.js";

/** The token of a link: its sockets in all namespaces share the one credential. */
export interface LinkToken {
  /** What was verified last; none until the first token has been. */
  readonly credential: Credential | undefined;
  /**
   * Verifies the token of a CONNECT. The link's credential stays what it is, if there is one: only
   * `reauthenticate` replaces it.
   */
  admit(token: string): Promise<void>;
  /** Verifies another token of the same user, and gives it to all sockets or to none. */
  reauthenticate(token: string): Promise<Credential>;
  /** Gives a socket the link's credential as it is now. */
  carry(socket: ServerSocket): void;
}

/** What a link does about its token. */
export interface TokenRules {
  readonly verify: Verifier;
  /** Throws where a verified token is not to be used, as it was revoked. */
  readonly check: (credential: Credential) => void;
  /** Where the link is found by its credential, for as long as it lives. */
  readonly index: LinkIndex;
  readonly limit: RateLimit;
  /** How long a token is good for after its expiry, in milliseconds. */
  readonly grace: number;
  /** Has to close the link. */
  readonly onExpired: (link: Link) => void;
}

/** The token that came last with a CONNECT or a re-authentication, without the token. */
interface Presented {
  readonly digest: string;
  readonly answer: Promise<Credential>;
}

/** How many tokens of one connection may wait for their turn: each is kept until then. */
const MOST_WAITING = 64;
const WAIT = 1_000;

export function createLinkToken(link: Link, rules: TokenRules): LinkToken {
  const { sockets, ended } = link;
  const { verify, check, index, limit, grace, onExpired } = rules;
  const expiry = createExpiry(() => onExpired(link));
  ended.addEventListener("abort", () => {
    expiry.stop();
    if (credential !== undefined) index.remove(link, credential);
  });

  let credential: Credential | undefined;
  let presented: Presented | undefined;
  let isFirst = true;
  let queue: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  /** One verification after the other, so that answers come in the order of the questions. */
  const verifyInTurn = (token: string, use: (verified: Credential) => void): Promise<Credential> => {
    if (waiting >= MOST_WAITING) throw tooMany(WAIT);
    waiting += 1;
    const answer = queue.then(async () => {
      const verified = await verify(token, ended);
      // Nothing would take it out of the index any more.
      if (ended.aborted) throw new TokenError("temporarily_unavailable", "The connection has ended.");
      // It would be let in only to be disconnected at once.
      if (isExpired(verified, grace)) throw new TokenError("invalid_token", "The token has expired.");
      check(verified);
      if (credential !== undefined && credential.subject !== verified.subject) {
        throw new TokenError("identity_mismatch");
      }
      use(verified);
      return verified;
    });
    const done = (): void => {
      waiting -= 1;
    };
    queue = answer.then(done, done);
    return answer;
  };

  /** The first token is free; a client that presents others over and over would have us verify them all. */
  const take = (): void => {
    const retryAfter = isFirst ? 0 : limit.take();
    isFirst = false;
    if (retryAfter > 0) throw tooMany(retryAfter);
  };

  const replace = (next: Credential): void => {
    const previous = credential;
    try {
      for (const socket of sockets) carry(socket, next);
    } catch {
      // An application may have frozen its `data`. Half of the sockets must not go on with another credential.
      for (const socket of sockets) {
        try {
          if (previous !== undefined) carry(socket, previous);
        } catch {
          // It is the one that could not be changed.
        }
      }
      throw new TokenError("temporarily_unavailable", "The sockets of this connection could not be updated.");
    }
    adopt(next);
  };

  const adopt = (next: Credential): void => {
    index.put(link, next, credential);
    credential = next;
    expiry.set(next.expiresAt === undefined ? undefined : next.expiresAt + grace);
  };

  return {
    get credential() {
      return credential;
    },

    async admit(token) {
      const digest = digestOf(token);
      if (presented?.digest === digest) {
        const verified = await presented.answer;
        if (!isExpired(verified, grace)) {
          check(verified);
          return;
        }
      }
      take();
      const answer = verifyInTurn(token, (verified) => {
        if (credential === undefined) adopt(verified);
      });
      const mine: Presented = { digest, answer };
      presented = mine;
      try {
        await answer;
      } catch (error) {
        // A token that was refused stays refused here; an outage says nothing about the token.
        const isOutage = error instanceof TokenError && error.data.error === "temporarily_unavailable";
        if (isOutage && presented === mine) presented = undefined;
        throw error;
      }
    },

    async reauthenticate(token) {
      take();
      const verified = await verifyInTurn(token, replace);
      presented = { digest: digestOf(token), answer: Promise.resolve(verified) };
      return verified;
    },

    carry(socket) {
      if (credential !== undefined) carry(socket, credential);
    },
  };
}

function tooMany(retryAfter: number): TokenError {
  return new TokenError("temporarily_unavailable", "Too many tokens were presented on this connection.", {
    retryAfter,
  });
}
