import { createHash, createHmac, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { joseVerifier, TokenError, type VerifiedToken } from "socket-rotor/server";
import { isUser, type User } from "../events.js";

const ISSUER = "socket-rotor-playground";
const ALGORITHM = "HS256";

/** Whom a token is for, so that one kind is never taken for another. */
const AUDIENCE = {
  access: "https://playground.example/sockets",
  refresh: "https://playground.example/auth",
};

type Verify = (token: string) => Promise<VerifiedToken>;

export interface Tokens {
  issueAccess(user: User): Promise<string>;
  /** An access token that ended a second ago. */
  issueExpired(user: User): Promise<string>;
  issueRefresh(user: User): Promise<string>;
  /**
   * What `authenticateToken` asks. `data` becomes a part of `socket.data`.
   *
   * @throws {TokenError} where the token is malformed, expired, signed by another key or for somebody else.
   */
  verifyAccess: Verify;
  /** @throws {TokenError} as above, and where no token was sent. */
  userOfAccess(token: string | undefined): Promise<User>;
  /** @throws {TokenError} as above. */
  userOfRefresh(token: string | undefined): Promise<User>;
  /**
   * Signs access tokens with another key from now on, and takes none of the old key any more.
   *
   * @param generation - what the key is derived from, so that every node has the same
   */
  rotateKey(generation: string): void;
}

/**
 * Issues and verifies the signed tokens of the playground.
 *
 * @param key - the secret of HS256; refresh tokens keep it, access tokens begin with it
 * @param lifetime - how long each kind of token is good for, in milliseconds
 */
export function createTokens(key: Uint8Array, lifetime: { access: number; refresh: number }): Tokens {
  let accessKey = key;
  let verify = verifier(key, AUDIENCE.access);
  const verifyRefresh = verifier(key, AUDIENCE.refresh);

  const verifyAccess: Verify = async (token) => {
    const verified = await verify(token);
    return { ...verified, data: { ...verified.data, fingerprint: fingerprint(token) } };
  };

  const issueUntil = (user: User, end: number) =>
    issue(accessKey, user, AUDIENCE.access, { from: end - lifetime.access, to: end });

  return {
    issueAccess: (user) => issueUntil(user, Date.now() + lifetime.access),
    issueExpired: (user) => issueUntil(user, Date.now() - 1_000),
    issueRefresh: (user) =>
      issue(key, user, AUDIENCE.refresh, { from: Date.now(), to: Date.now() + lifetime.refresh }),
    verifyAccess,
    userOfAccess: (token) => userOf(verifyAccess, token),
    userOfRefresh: (token) => userOf(verifyRefresh, token),
    rotateKey(generation) {
      accessKey = createHmac("sha256", key).update(`access ${generation}`).digest();
      verify = verifier(accessKey, AUDIENCE.access);
    },
  };
}

const verifier = (key: Uint8Array, audience: string): Verify =>
  joseVerifier({
    key,
    issuer: ISSUER,
    audience,
    algorithms: [ALGORITHM],
    data: ({ name }) => ({ user: name }),
  });

/** To the millisecond, which the claims allow: a token that follows a revocation within a second is a newer one. */
function issue(key: Uint8Array, user: User, audience: string, life: { from: number; to: number }) {
  // Each token is a new one, even where two are issued within a millisecond.
  return new SignJWT({ name: user, jti: randomUUID() })
    .setProtectedHeader({ alg: ALGORITHM })
    .setIssuer(ISSUER)
    .setAudience(audience)
    .setSubject(subjectOf(user))
    .setIssuedAt(life.from / 1_000)
    .setExpirationTime(life.to / 1_000)
    .sign(key);
}

/** The claim `sub` of a user's tokens. */
export const subjectOf = (user: User): string => user.toLowerCase();

async function userOf(verify: Verify, token: string | undefined): Promise<User> {
  if (token === undefined) throw new TokenError("invalid_token", "No token was sent.");
  const { data } = await verify(token);
  if (data !== undefined && "user" in data && isUser(data.user)) return data.user;
  throw new TokenError("invalid_token", "The token names nobody known here.");
}

/** The first eight hex characters of the token's SHA-256: enough to tell tokens apart, of no use to a thief. */
const fingerprint = (token: string): string => createHash("sha256").update(token).digest("hex").slice(0, 8);
