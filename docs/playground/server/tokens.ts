import { createHash, randomUUID } from "node:crypto";
import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { isUser, type User } from "../events.js";
import { Refusal } from "./refusal.js";

const ISSUER = "socket-rotor-playground";

/** `typ` of the two kinds of token, so that one is never taken for the other. */
const ACCESS = "at+jwt";
const REFRESH = "refresh+jwt";

export interface Accepted {
  user: User;
  /** Epoch milliseconds. */
  expiresAt: number;
}

export interface Tokens {
  issueAccess(user: User): Promise<string>;
  issueRefresh(user: User): Promise<string>;
  /** @throws {Refusal} where the token is missing, malformed, expired or not ours. */
  checkAccess(token: unknown): Promise<Accepted>;
  /** @throws {Refusal} as above. */
  checkRefresh(token: unknown): Promise<Accepted>;
}

/**
 * Issues and checks the signed tokens of the playground.
 *
 * @param key - the secret of HS256
 * @param lifetime - how long each kind of token is good for, in milliseconds, whole seconds
 */
export function createTokens(key: Uint8Array, lifetime: { access: number; refresh: number }): Tokens {
  const issue = (user: User, typ: string, milliseconds: number) => {
    const now = Math.floor(Date.now() / 1_000);
    // Each token is a new one, even where two are issued within a second.
    return new SignJWT({ name: user, jti: randomUUID() })
      .setProtectedHeader({ alg: "HS256", typ })
      .setIssuer(ISSUER)
      .setSubject(user.toLowerCase())
      .setIssuedAt(now)
      .setExpirationTime(now + milliseconds / 1_000)
      .sign(key);
  };

  const check = async (token: unknown, typ: string): Promise<Accepted> => {
    if (token === undefined || token === null || token === "") throw invalidToken("No token was sent.");
    if (typeof token !== "string") throw invalidToken("The token must be a string.");
    try {
      const options = { typ, issuer: ISSUER, algorithms: ["HS256"], requiredClaims: ["sub", "exp"] };
      return accept((await jwtVerify(token, key, options)).payload);
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw invalidToken("The token has expired.");
      if (error instanceof errors.JOSEError) throw invalidToken("The token was not issued by this server.");
      throw error;
    }
  };

  return {
    issueAccess: (user) => issue(user, ACCESS, lifetime.access),
    issueRefresh: (user) => issue(user, REFRESH, lifetime.refresh),
    checkAccess: (token) => check(token, ACCESS),
    checkRefresh: (token) => check(token, REFRESH),
  };
}

/** The first eight hex characters of the token's SHA-256: enough to tell tokens apart, of no use to a thief. */
export const fingerprint = (token: string): string =>
  createHash("sha256").update(token).digest("hex").slice(0, 8);

function accept(payload: JWTPayload): Accepted {
  const user: unknown = payload["name"];
  if (!isUser(user) || payload.exp === undefined) throw invalidToken("The token names nobody known here.");
  return { user, expiresAt: payload.exp * 1_000 };
}

const invalidToken = (error_description: string) =>
  new Refusal({ error: "invalid_token", error_description });
