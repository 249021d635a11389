import type { Log } from "../logger.js";
import type { RefusalData } from "../protocol.js";
import type { Credential } from "./credential.js";
import { TokenError } from "./token-error.js";

/** What is revoked: one token, or every token of a user that was issued so far. */
export interface Revoked {
  readonly subject?: string;
  readonly tokenId?: string;
}

export interface Revocation extends Revoked {
  /** When it was revoked, in epoch milliseconds. */
  readonly at: number;
  readonly refusal: RefusalData;
}

/** What was revoked and may still be presented. */
export interface Revocations {
  add(revocation: Revocation): void;
  /** Warns where a credential has no name by which it could be revoked, and one was. */
  meet(credential: Credential): void;
  /** Throws the refusal of a credential that was revoked. */
  check(credential: Credential): void;
}

/** Beyond it the oldest is forgotten: a list that grows without an end would take the server down. */
const MOST = 100_000;

export function createRevocations(rememberFor: number, log: Log): Revocations {
  /** In the order in which they came, which is the order in which they end. */
  const remembered = new Map<string, Revocation & { readonly until: number }>();

  const makeRoom = (): void => {
    for (const [key, { until }] of remembered) {
      if (until > Date.now() && remembered.size < MOST) return;
      if (until > Date.now()) {
        log.warnOnce(
          "revocations:full",
          `revoke: more than ${MOST} revocations are remembered, so the oldest were forgotten. Set "rememberFor" of authenticateToken to the longest life of a token.`,
        );
      }
      remembered.delete(key);
    }
  };

  /** Whether any token was revoked by its own name alone. */
  let hasTokenIds = false;
  const meet = ({ tokenId }: Credential): void => {
    if (!hasTokenIds || tokenId !== undefined) return;
    log.warnOnce(
      "revocations:tokenId",
      'revoke: a token was revoked by "tokenId", and there are some for which "verify" answers no "tokenId": none of those can be ended so. Answer it: the claim "jti".',
    );
  };

  return {
    add(revocation) {
      if (revocation.subject === undefined) hasTokenIds = true;
      const key = keyOf(revocation);
      const earlier = remembered.get(key);
      remembered.delete(key);
      makeRoom();
      // What another node has said may come late, and twice.
      const newest = earlier !== undefined && earlier.at > revocation.at ? earlier : revocation;
      remembered.set(key, { ...newest, until: Date.now() + rememberFor });
    },

    meet,

    check(credential) {
      meet(credential);
      const { subject, tokenId, issuedAt } = credential;
      const ways: Revoked[] = [{ subject }];
      if (tokenId !== undefined) ways.push({ tokenId }, { subject, tokenId });
      for (const way of ways) {
        const revocation = remembered.get(keyOf(way));
        if (revocation === undefined || revocation.until <= Date.now()) continue;
        // Whoever signs in again has a newer token; which tokens are newer, only `issuedAt` tells.
        const isNewer = way.tokenId === undefined && issuedAt !== undefined && issuedAt > revocation.at;
        if (isNewer) continue;
        if (way.tokenId === undefined && issuedAt === undefined) {
          log.warnOnce(
            "revocations:issuedAt",
            'revoke: a user who was revoked by subject cannot sign in again until "rememberFor" has passed, because "verify" does not answer "issuedAt". Answer it: the claim "iat" times 1,000.',
          );
        }
        const { error, error_description, retryAfter } = revocation.refusal;
        throw new TokenError(error, error_description, retryAfter === undefined ? {} : { retryAfter });
      }
    },
  };
}

/** Whether a connection with this credential has to end. */
export function concerns({ subject, tokenId, at }: Revocation, credential: Credential): boolean {
  // Whoever has signed in again since has a newer token.
  const { issuedAt } = credential;
  if (tokenId === undefined && issuedAt !== undefined && issuedAt > at) return false;
  return (
    (subject === undefined || subject === credential.subject) &&
    (tokenId === undefined || tokenId === credential.tokenId)
  );
}

function keyOf({
  subject = null,
  tokenId = null,
}: {
  subject?: string | null;
  tokenId?: string | null;
}): string {
  return JSON.stringify([subject, tokenId]);
}
