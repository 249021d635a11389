import { isDuration, property } from "../value.js";
import { type Requirement, requirementOf } from "./requirement.js";
import { type Revocation, revocationOf } from "./revocation.js";

/** What a store keeps: what `revoke` or `requireReauthentication` was given, and when. */
export type Stored = Revocation | Requirement;

/** It and its end as one text. */
export function textOf(stored: Stored, until: number): string {
  return JSON.stringify({ ...stored, until });
}

/** What a store has under such a text; nothing where it is another's. */
export function readText(text: unknown): { stored: Stored; until: number } | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const message: unknown = JSON.parse(text);
    const stored = revocationOf(message) ?? requirementOf(message);
    const until = property(message, "until");
    // JSON has no Infinity.
    return stored && { stored, until: isDuration(until) ? until : Number.POSITIVE_INFINITY };
  } catch {
    return undefined;
  }
}
