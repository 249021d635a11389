import type { Log } from "../../logger.js";
import type { RefusalData } from "../../protocol.js";
import { isDuration, property } from "../../value.js";
import { refusalDataOf, TokenError } from "../token-error.js";
import type { Credential } from "./credential.js";
import { createByName, isNamed, MOST, nameIn, namesOf, type Revoked } from "./link-index.js";

/** What was revoked and may still be presented. */
export interface Revocations {
  /** @param until - When it is forgotten, in epoch milliseconds; by default after `rememberFor`. */
  add(revocation: Revocation, until?: number): void;
  /** Warns where there is a credential without a name by which it could be revoked, and one was. */
  meetUnnamed(): void;
  /** Throws the refusal of a credential that was revoked. */
  check(credential: Credential): void;
}

export function createRevocations(rememberFor: number, log: Log): Revocations {
  const remembered = createByName<Pick<Revocation, "at" | "refusal">>(() =>
    log.warnOnce(
      "revocations:full",
      `revoke: more than ${MOST} revocations are remembered, so the oldest were forgotten. Set "rememberFor" of authenticateToken to the longest life of a token.`,
    ),
  );

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
      const earlier = remembered.get(revocation);
      // What another node has said may come late, and twice.
      const { at, refusal } = earlier !== undefined && earlier.at > revocation.at ? earlier : revocation;
      remembered.set(revocation, { at, refusal }, until);
    },

    meetUnnamed,

    check(credential) {
      const { tokenId, issuedAt } = credential;
      if (tokenId === undefined) meetUnnamed();
      if (remembered.isEmpty) return;
      for (const name of namesOf(credential)) {
        const revocation = remembered.get(name);
        if (revocation === undefined) continue;
        // A new sign-in has a newer token; which tokens are newer, only `issuedAt` tells.
        const isNewer = name.tokenId === undefined && issuedAt !== undefined && issuedAt > revocation.at;
        if (isNewer) continue;
        if (name.tokenId === undefined && issuedAt === undefined) {
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

export interface Revocation extends Revoked {
  /** When it was revoked, in epoch milliseconds. */
  readonly at: number;
  readonly refusal: RefusalData;
}

/** Whether a connection with this credential has to end. */
export function concerns(revocation: Revocation, credential: Credential): boolean {
  // A user who has signed in again since has a newer token.
  const { issuedAt } = credential;
  const { tokenId, at } = revocation;
  if (tokenId === undefined && issuedAt !== undefined && issuedAt > at) return false;
  return isNamed(revocation, credential);
}

/**
 * A revocation as another node has sent or stored it, which may have another version of this library and another
 * clock. One from the future counts from now, or it would refuse every token until then.
 */
export function revocationOf(message: unknown): Revocation | undefined {
  const at = property(message, "at");
  const name = nameIn(message);
  const refusal = refusalDataOf(property(message, "refusal"));
  if (!isDuration(at) || name === undefined || refusal === undefined) return undefined;
  return { ...name, at: Math.min(at, Date.now()), refusal };
}
