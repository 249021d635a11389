import { isDuration, property } from "../value.js";
import { nameIn, type Revoked } from "./by-name.js";
import type { Credential } from "./credential.js";

/** The most that `within` may be, a day in milliseconds. */
export const LONGEST_WAIT = 86_400_000;

/** Tokens in whose place newer ones are required. */
export interface Requirement extends Revoked {
  /** When it was asked for, in epoch milliseconds: newer is what was issued after that. */
  readonly at: number;
  /** How long a link may go on without a newer token, in milliseconds. */
  readonly within: number;
}

/** The same for one link, or for one name. */
export interface Required {
  /** As in {@link Requirement}. */
  readonly at: number;
  /** When a link without a newer token is closed, in epoch milliseconds. */
  readonly deadline: number;
}

/** Two of them as one: a token that is new enough for both, by the time that is over first. */
export function both(one: Required | undefined, other: Required): Required {
  if (one === undefined) return other;
  return { at: Math.max(one.at, other.at), deadline: Math.min(one.deadline, other.deadline) };
}

/** Whether a token was issued after it was required. Where nobody knows when it was issued, it was not. */
export function isIssuedAfter({ at }: Required, { issuedAt }: Credential): boolean {
  return issuedAt !== undefined && issuedAt > at;
}

/**
 * A requirement as another node has sent or stored it, which may have another version of this library and another
 * clock. One from the future counts from now, or no token would be new enough until then.
 */
export function requirementOf(message: unknown): Requirement | undefined {
  const at = property(message, "at");
  const within = property(message, "within");
  const name = nameIn(message);
  if (!isDuration(at) || !isDuration(within) || within > LONGEST_WAIT || name === undefined) return undefined;
  return { ...name, at: Math.min(at, Date.now()), within };
}
