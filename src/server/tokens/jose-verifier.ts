import { createLog, type Log } from "../../logger.js";
import { property } from "../../value.js";
import { TokenError } from "../token-error.js";
import type { VerifiedToken } from "./credential.js";
import { type JoseOptions, type ResolvedJoseOptions, resolveJoseOptions } from "./jose-options.js";

const BAD_SIGNATURE = "ERR_JWS_SIGNATURE_VERIFICATION_FAILED";
/** What jose says of a token that is bad. Whatever else it says is not the token's fault. */
const BAD_TOKEN: readonly unknown[] = [
  "ERR_JWT_EXPIRED",
  "ERR_JWT_CLAIM_VALIDATION_FAILED",
  "ERR_JWT_INVALID",
  "ERR_JWS_INVALID",
  BAD_SIGNATURE,
  "ERR_JOSE_ALG_NOT_ALLOWED",
  "ERR_JOSE_NOT_SUPPORTED",
];
const UNKNOWN_KEY = "ERR_JWKS_NO_MATCHING_KEY";
const SEVERAL_KEYS = "ERR_JWKS_MULTIPLE_MATCHING_KEYS";
/** What jose says where the keys cannot be had now. `fetch` has a cause. */
const NO_KEYS: readonly unknown[] = [UNKNOWN_KEY, "ERR_JWKS_TIMEOUT", "ERR_JOSE_GENERIC"];
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
  const loading = load(resolved, log).catch(() => {
    log.warn("joseVerifier: the package jose cannot be loaded, so nobody is let in. Run: npm install jose@6");
    return undefined;
  });

  return async (token) => {
    const verify = await loading;
    if (verify === undefined) throw new TokenError("temporarily_unavailable");
    const claims = await verify(token);
    const { sub, exp, iat, jti } = claims;
    const expiresAt = Number(exp) * 1_000 + clockTolerance;
    // A number that is too large for one would be a token without an end.
    const hasEnd = typeof exp === "number" && Number.isFinite(expiresAt);
    if (typeof sub !== "string" || sub === "" || !hasEnd) {
      log.debug(`joseVerifier: a token was refused: it has no ${hasEnd ? "sub" : "exp"}.`);
      throw new TokenError("invalid_token", 'The claims "sub" and "exp" are needed.');
    }
    return {
      subject: sub,
      expiresAt,
      ...(typeof iat === "number" && { issuedAt: iat * 1_000 }),
      ...(typeof jti === "string" && { tokenId: jti }),
      ...(data !== undefined && { data: data(claims) }),
    };
  };
}

async function load(options: ResolvedJoseOptions, log: Log): Promise<Verify> {
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
        throw refusalOf(error, false, log);
      }
    };
  }
  const keys = createRemoteJWKSet(source.uri, { timeoutDuration: FETCH_TIMEOUT });
  return async (token) => {
    const { coolingDown } = keys;
    try {
      return (await jwtVerify(token, keys, rules)).payload;
    } catch (error) {
      if (!isKeys(error)) throw refusalOf(error, coolingDown, log);
      let failure: unknown = { code: BAD_SIGNATURE };
      for await (const key of error) {
        try {
          return (await jwtVerify(token, key, rules)).payload;
        } catch (reason) {
          const code = property(reason, "code");
          // That it is not this one, or that this one is of no use, says nothing of the others.
          if (code === BAD_SIGNATURE) continue;
          if (BAD_TOKEN.includes(code)) throw refusalOf(reason, coolingDown, log);
          failure = reason;
        }
      }
      throw refusalOf(failure, coolingDown, log);
    }
  };
}

/** What jose throws where a token names no key, and several would do: it gives them all. */
function isKeys(error: unknown): error is AsyncIterable<CryptoKey> {
  return property(error, "code") === SEVERAL_KEYS;
}

/** Logs of the reason its code and the name of a claim alone: neither is the token's word. */
function refusalOf(error: unknown, isCoolingDown: boolean, log: Log): TokenError {
  const code = property(error, "code");
  // A key that is not among those that were fetched for it is nobody's, or nobody's any more.
  if (BAD_TOKEN.includes(code) || (code === UNKNOWN_KEY && !isCoolingDown)) {
    const claim = property(error, "claim");
    log.debug(
      `joseVerifier: a token was refused: ${String(code)}${typeof claim === "string" ? `: ${claim}` : ""}.`,
    );
    return new TokenError("invalid_token");
  }
  const kind = String(code ?? (error instanceof Error ? error.name : typeof error));
  log.debug(`joseVerifier: a token could not be verified: ${kind}.`);
  if (!NO_KEYS.includes(code) && property(error, "cause") === undefined) {
    log.warnOnce(
      `jose:${kind}`,
      `joseVerifier: a token could not be verified, and not by its own fault (${kind}): clients are told temporarily_unavailable, and come again. Look at the keys: what "jwksUri" answers has to be a JWKS, and an RSA key of at least 2,048 bits.`,
    );
  }
  return new TokenError("temporarily_unavailable");
}
