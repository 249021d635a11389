import { createLog } from "../logger.js";
import { property } from "../value.js";
import type { VerifiedToken } from "./credential.js";
import { type JoseOptions, type ResolvedJoseOptions, resolveJoseOptions } from "./jose-options.js";
import { TokenError } from "./token-error.js";

/** What jose says of a token that is bad. Whatever else it says is not the token's fault. */
const BAD_TOKEN: readonly unknown[] = [
  "ERR_JWT_EXPIRED",
  "ERR_JWT_CLAIM_VALIDATION_FAILED",
  "ERR_JWT_INVALID",
  "ERR_JWS_INVALID",
  "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
  "ERR_JOSE_ALG_NOT_ALLOWED",
  "ERR_JOSE_NOT_SUPPORTED",
];
const UNKNOWN_KEY = "ERR_JWKS_NO_MATCHING_KEY";
/** Below `verifyTimeout`, so that the reason is known. */
const FETCH_TIMEOUT = 3_000;

/** A token's claims, or an error of jose's. */
type Verify = (token: string) => Promise<Readonly<Record<string, unknown>>>;

/**
 * Makes a `verify` function for JWTs, with the package `jose`, which has to be installed beside this one.
 *
 * A token needs a good signature by one of the `algorithms`, `sub`, and `exp`, or it is `invalid_token`. Where the keys
 * cannot be had, or a key is not known and the keys were fetched so recently that they are not fetched again, it is
 * `temporarily_unavailable`: nobody is signed out by an outage of the issuer.
 *
 * The subject is `sub`, `tokenId` is `jti`, `issuedAt` is `iat`, and `expiresAt` is `exp` and the `clockTolerance`.
 *
 * @param options - See {@link JoseOptions}.
 * @returns The function for `verify` of {@link authenticateToken}.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for options.
 * @example
 * ```ts
 * import { createPublicKey } from "node:crypto";
 * import { joseVerifier } from "socket-rotor/server";
 *
 * const verify = joseVerifier({
 *   key: createPublicKey(process.env.JWT_PUBLIC_KEY ?? ""),
 *   issuer: "https://auth.example.com",
 *   audience: "https://api.example.com",
 *   algorithms: ["ES256"],
 *   data: ({ scope }) => ({ scope }),
 * });
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc8725
 */
export function joseVerifier(options: JoseOptions): (token: string) => Promise<VerifiedToken> {
  const resolved = resolveJoseOptions(options);
  const { data, clockTolerance } = resolved;
  const log = createLog(resolved.logger);
  // Only here, so that servers that verify otherwise do not need jose.
  const loading = load(resolved);
  loading.catch(() => {
    log.warn("joseVerifier: the package jose cannot be loaded, so nobody is let in. Run: npm install jose@6");
  });

  return async (token) => {
    const verify = await loading.catch(() => {
      throw new TokenError("temporarily_unavailable");
    });
    const claims = await verify(token);
    const { sub, exp, iat, jti } = claims;
    if (typeof sub !== "string" || sub === "" || typeof exp !== "number") {
      throw new TokenError("invalid_token", 'The claims "sub" and "exp" are needed.');
    }
    return {
      subject: sub,
      expiresAt: exp * 1_000 + clockTolerance,
      ...(typeof iat === "number" && { issuedAt: iat * 1_000 }),
      ...(typeof jti === "string" && { tokenId: jti }),
      ...(data !== undefined && { data: data(claims) }),
    };
  };
}

async function load(options: ResolvedJoseOptions): Promise<Verify> {
  const { source, algorithms, issuer, audience, clockTolerance } = options;
  const { createRemoteJWKSet, jwtVerify } = await import("jose");
  const rules = {
    algorithms,
    clockTolerance: clockTolerance / 1_000,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  };
  if ("key" in source) {
    return async (token) => {
      try {
        return (await jwtVerify(token, source.key, rules)).payload;
      } catch (error) {
        throw refusalOf(property(error, "code"), false);
      }
    };
  }
  const keys = createRemoteJWKSet(source.uri, { timeoutDuration: FETCH_TIMEOUT });
  return async (token) => {
    const { coolingDown } = keys;
    try {
      return (await jwtVerify(token, keys, rules)).payload;
    } catch (error) {
      throw refusalOf(property(error, "code"), coolingDown);
    }
  };
}

function refusalOf(code: unknown, isCoolingDown: boolean): TokenError {
  // A key that is not among those that were fetched for it is nobody's, or nobody's any more.
  const isBad = BAD_TOKEN.includes(code) || (code === UNKNOWN_KEY && !isCoolingDown);
  return new TokenError(isBad ? "invalid_token" : "temporarily_unavailable");
}
