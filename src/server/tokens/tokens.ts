import { readToken } from "../../credential/token-text.js";
import type { Log } from "../../logger.js";
import { property } from "../../value.js";
import type { Authentication, Link } from "../link.js";
import { createNotes } from "../notes.js";
import { createRateLimit, type RateLimit } from "../timing.js";
import { TokenError } from "../token-error.js";
import type { Credential } from "./credential.js";
import { createLinkIndex, type LinkIndex } from "./link-index.js";
import { createLinkToken, type LinkToken, type TokenRules } from "./link-token.js";
import type { Required, Requirements } from "./requirements.js";
import type { StoredRevocations } from "./revocation-store.js";
import type { Revocations } from "./revocations.js";
import type { ResolvedTokenOptions } from "./token-options.js";
import type { Verifier } from "./verification.js";

/** Knowing a connection by its token. */
export interface Tokens extends Authentication {
  readonly revocations: Revocations;
  readonly requirements: Requirements;
  /** Those that outlive this process, where there is a store for them. */
  readonly stored: StoredRevocations | undefined;
  /** The links that have been admitted. */
  readonly index: LinkIndex;
  /** How long a revocation counts, in milliseconds. */
  readonly rememberFor: number;
  /** Milliseconds. */
  readonly verifyTimeout: number;
  /** Whether there was a good token of which a client cannot read who it stands for. */
  readonly hasUnreadable: boolean;
  /** Throws where an `auth` payload has no token that could be verified, for which there need not be a link. */
  check(auth: object): void;
  credentialOf(link: Link): Credential | undefined;
  /** How long a link is open with the token that it has, as it is told to the client. */
  lifetimeOf(link: Link): { expiresIn?: number };
  /** Closes a link at the deadline, unless it has a newer token by then. Answers whether that is news for its client. */
  require(link: Link, required: Required): boolean;
  /** Whether a link has to get a newer token. */
  isOutdated(link: Link): boolean;
  /** Answers a `reauthenticate` message, which is whatever the client has sent. */
  reauthenticate(link: Link, message: unknown): Promise<Credential>;
}

export interface TokenParts {
  readonly verifier: Verifier;
  readonly revocations: Revocations;
  readonly requirements: Requirements;
  readonly stored: StoredRevocations | undefined;
  readonly log: Log;
  /** Called once: there is a good token of which a client cannot read who it stands for. */
  readonly onUnreadable: () => void;
}

export function createTokens(
  { verifier, revocations, requirements, stored, log, onUnreadable }: TokenParts,
  options: ResolvedTokenOptions,
): Tokens {
  const { grace, maxTokenLength, maxReauthenticationsPerMinute, rememberFor, verifyTimeout } = options;
  const createLimit = (): RateLimit => {
    const limit = createRateLimit(maxReauthenticationsPerMinute);
    return {
      take() {
        const wait = limit.take();
        if (wait > 0) {
          log.warnOnce(
            "reauthentications",
            `authenticateToken: a connection presented more than ${maxReauthenticationsPerMinute} tokens in a minute after its first, and was told to wait. If tokens live for less than some 15 seconds, raise "maxReauthenticationsPerMinute": a client refreshes up to twice in the life of one.`,
          );
        }
        return wait;
      },
    };
  };
  let hasUnreadable = false;
  const verify: Verifier = async (token, ended) => {
    const credential = await verifier(token, ended);
    // Only now: a stranger costs the store nothing.
    if (stored !== undefined) await stored.read();
    // As the client reads it.
    if (!hasUnreadable && readToken(token).identity === undefined) {
      hasUnreadable = true;
      onUnreadable();
    }
    return credential;
  };
  const index = createLinkIndex();
  const rules: TokenRules = {
    verify,
    check(credential) {
      revocations.check(credential);
      return requirements.of(credential);
    },
    index,
    createLimit,
    grace,
    onExpired(expired, { data }) {
      log.debug(`A connection was ended: ${data.error_description}`);
      expired.disconnectWithReason(data);
    },
  };
  const tokens = createNotes<Link, LinkToken>();
  const tokenOf = (link: Link): LinkToken => {
    const known = tokens.get(link);
    if (known !== undefined) return known;
    const token = createLinkToken(link, rules);
    tokens.set(link, token);
    return token;
  };
  const credentialOf = (link: Link): Credential | undefined => tokens.get(link)?.credential;

  return {
    revocations,
    requirements,
    stored,
    index,
    rememberFor,
    verifyTimeout,
    get hasUnreadable() {
      return hasUnreadable;
    },
    credentialOf,
    lifetimeOf: (link) => tokens.get(link)?.lifetime ?? {},
    require: (link, required) => tokens.get(link)?.require(required) === true,
    isOutdated: (link) => tokens.get(link)?.isOutdated === true,
    check: (auth) => void tokenOfAuth(auth, maxTokenLength),
    hide: ({ handshake }) => Reflect.deleteProperty(handshake.auth, "token"),
    admit: (link, auth) => tokenOf(link).admit(tokenOfAuth(auth, maxTokenLength)),
    identityOf: (link) => credentialOf(link)?.subject,
    applyToSocket: (link, socket) => tokens.get(link)?.applyToSocket(socket),
    reauthenticate: (link, message) => tokenOf(link).reauthenticate(tokenOfMessage(message, maxTokenLength)),
  };
}

/** Reads the token of an `auth` payload, and leaves it there. */
function tokenOfAuth(auth: object, maxTokenLength: number): string {
  return requireToken(Reflect.get(auth, "token"), maxTokenLength);
}

/** Reads the token of a `reauthenticate` message, which is whatever the client has sent. */
function tokenOfMessage(message: unknown, maxTokenLength: number): string {
  const auth = property(message, "auth");
  if (typeof auth !== "object" || auth === null) {
    throw new TokenError("invalid_request", 'A re-authentication has the shape { auth: { token: "..." } }.');
  }
  return requireToken(property(auth, "token"), maxTokenLength);
}

function requireToken(token: unknown, maxTokenLength: number): string {
  if (token === undefined || token === null || token === "") {
    throw new TokenError("invalid_token", 'No token was sent. It is expected as "auth.token".');
  }
  if (typeof token !== "string") throw new TokenError("invalid_token", "The token must be a string.");
  if (token.length > maxTokenLength) {
    throw new TokenError("invalid_token", `The token is longer than ${maxTokenLength} characters.`);
  }
  return token;
}
