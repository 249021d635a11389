import type { Log } from "../logger.js";
import type { RefusalData } from "../protocol.js";
import { type Credential, digestOf } from "./credential.js";
import type { Revocation, Revoked } from "./revocation.js";
import { TokenError } from "./token-error.js";

/** What was revoked and may still be presented. */
export interface Revocations {
  /** @param until - When it is forgotten, in epoch milliseconds; by default after `rememberFor`. */
  add(revocation: Revocation, until?: number): void;
  /** Warns where there is a credential without a name by which it could be revoked, and one was. */
  meetUnnamed(): void;
  /** Throws the refusal of a credential that was revoked. */
  check(credential: Credential): void;
}

interface Remembered {
  readonly at: number;
  readonly refusal: RefusalData;
  readonly until: number;
}

/** Beyond it the oldest is forgotten: a list that grows without an end would take the server down. */
const MOST = 100_000;

export function createRevocations(rememberFor: number, log: Log): Revocations {
  /** In the order in which they came. */
  const remembered = new Map<string, Remembered>();

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
  const meetUnnamed = (): void => {
    if (!hasTokenIds) return;
    log.warnOnce(
      "revocations:tokenId",
      'revoke: a token was revoked by "tokenId", and there are some for which "verify" answers no "tokenId": none of those can be ended so. Answer it: the claim "jti".',
    );
  };

  return {
    add(revocation, until = Date.now() + rememberFor) {
      if (revocation.subject === undefined) hasTokenIds = true;
      const key = keyOf(revocation);
      const earlier = remembered.get(key);
      remembered.delete(key);
      makeRoom();
      // What another node has said may come late, and twice.
      const { at, refusal } = earlier !== undefined && earlier.at > revocation.at ? earlier : revocation;
      remembered.set(key, { at, refusal, until: Math.max(until, earlier?.until ?? 0) });
    },

    meetUnnamed,

    check(credential) {
      const { subject, tokenId, issuedAt } = credential;
      if (tokenId === undefined) meetUnnamed();
      if (remembered.size === 0) return;
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

/** A digest, as another node may have sent a name without an end. */
function keyOf({
  subject = null,
  tokenId = null,
}: {
  subject?: string | null;
  tokenId?: string | null;
}): string {
  return digestOf(JSON.stringify([subject, tokenId]));
}
