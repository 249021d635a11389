import type { RefusalData } from "../protocol.js";
import { isDuration, property } from "../value.js";
import type { Credential } from "./credential.js";
import { refusalDataOf } from "./token-error.js";

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

/** Whether a connection with this credential has to end. */
export function concerns({ subject, tokenId, at }: Revocation, credential: Credential): boolean {
  // A user who has signed in again since has a newer token.
  const { issuedAt } = credential;
  if (tokenId === undefined && issuedAt !== undefined && issuedAt > at) return false;
  return (
    (subject === undefined || subject === credential.subject) &&
    (tokenId === undefined || tokenId === credential.tokenId)
  );
}

/**
 * A revocation as another node has sent or stored it, which may have another version of this library and another
 * clock. One from the future counts from now, or it would refuse every token until then.
 */
export function revocationOf(message: unknown): Revocation | undefined {
  const at = property(message, "at");
  const subject = property(message, "subject");
  const tokenId = property(message, "tokenId");
  const refusal = refusalDataOf(property(message, "refusal"));
  if (!isDuration(at) || refusal === undefined) return undefined;
  const common = { at: Math.min(at, Date.now()), refusal };
  const hasTokenId = typeof tokenId === "string" && tokenId !== "";
  if (typeof subject === "string" && subject !== "") {
    return { ...common, subject, ...(hasTokenId && { tokenId }) };
  }
  return hasTokenId ? { ...common, tokenId } : undefined;
}

/** A revocation and its end as one text, for a store. */
export function textOf(revocation: Revocation, until: number): string {
  return JSON.stringify({ ...revocation, until });
}

/** What a store has under such a text; nothing where it is another's. */
export function readText(text: unknown): { revocation: Revocation; until: number } | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const message: unknown = JSON.parse(text);
    const revocation = revocationOf(message);
    const until = property(message, "until");
    // JSON has no Infinity.
    return revocation && { revocation, until: isDuration(until) ? until : Number.POSITIVE_INFINITY };
  } catch {
    return undefined;
  }
}
