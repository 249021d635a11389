import type { RefusalData } from "../protocol.js";
import { isDuration, property } from "../value.js";
import { isNamed, nameIn, type Revoked } from "./by-name.js";
import type { Credential } from "./credential.js";
import { refusalDataOf } from "./token-error.js";

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
