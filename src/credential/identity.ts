import { jwtDecode } from "jwt-decode";

/** What a token says of itself, as far as it can be read without verifying it. */
export interface TokenFacts {
  /** Who it stands for; `undefined` where that cannot be told. */
  identity: string | undefined;
  /** How long it lives from issue to expiry, in milliseconds. */
  lifetime: number | undefined;
  /** When it expires, in epoch milliseconds of the issuer's clock. */
  expiresAt: number | undefined;
}

interface Claims {
  iss?: unknown;
  sub?: unknown;
  act?: unknown;
  tid?: unknown;
  org_id?: unknown;
  exp?: unknown;
  iat?: unknown;
}

const OPAQUE: TokenFacts = { identity: undefined, lifetime: undefined, expiresAt: undefined };

/**
 * Reads the claims of a JWT (RFC 7519, section 4.1). The user is told by issuer, subject, actor and tenant;
 * a token without a subject, or one that is no JWT, tells nobody.
 */
export function readToken(token: string): TokenFacts {
  let claims: Claims | null;
  try {
    claims = jwtDecode<Claims | null>(token);
  } catch {
    return OPAQUE;
  }
  if (typeof claims !== "object" || claims === null) return OPAQUE;
  const { iss, sub, act, tid, org_id, exp, iat } = claims;
  return {
    identity:
      typeof sub === "string" && sub !== "" ? JSON.stringify([iss, sub, act, tid, org_id]) : undefined,
    lifetime:
      typeof exp === "number" && typeof iat === "number" && exp > iat ? (exp - iat) * 1_000 : undefined,
    expiresAt: typeof exp === "number" ? exp * 1_000 : undefined,
  };
}
