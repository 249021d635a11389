import { KeyObject } from "node:crypto";
import { LONGEST_DELAY } from "../../clock.js";
import { invalidOption } from "../../errors.js";
import type { Logger } from "../../logger.js";
import { property } from "../../value.js";
import { checkOptions } from "../../words/check-options.js";
import { loggerOption, numberOption } from "../option.js";

/** A key that is no bytes: a `KeyObject` of Node, as `createPublicKey` makes it, or a `CryptoKey`. */
export interface VerificationKey {
  readonly type: string;
}

/** How JWTs are verified. Times are milliseconds. An unknown option is an error. */
export interface JoseOptions {
  /**
   * Where the issuer publishes its keys, in place of `key`. Fetched when they are needed, and kept. It begins with
   * `https://`: in clear text an attacker on the way could replace the keys, and sign tokens that are accepted. Only this
   * machine may be asked over `http://`: `localhost` and what ends so, 127.0.0.0/8, and `[::1]`.
   *
   * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
   * @see https://www.rfc-editor.org/rfc/rfc8414#section-2
   */
  jwksUri?: string | URL | undefined;
  /**
   * The one key, in place of `jwksUri`: a public one that is for one of the `algorithms`, of RSA at least 2,048 bits, or for `HS256` and its like a secret, as a `Buffer` or another
   * `Uint8Array` of at least 32 bytes.
   */
  key?: VerificationKey | Uint8Array | undefined;
  /** Who has to have issued the token (`iss`). Required with `jwksUri`. */
  issuer?: string | string[] | undefined;
  /**
   * Whom the token has to be for (`aud`). Required with `jwksUri`: without it a token that the same issuer made for
   * another application would do.
   */
  audience?: string | string[] | undefined;
  /**
   * The algorithms (`alg`) that are accepted, such as `["RS256"]`; secret and public ones are not mixed. Those of RFC
   * 7518 but `none`, `EdDSA`, `Ed25519`, and `ML-DSA-44`, `ML-DSA-65` and `ML-DSA-87` where Node and jose know them.
   */
  algorithms: string[];
  /**
   * How far the issuer's clock may differ. A token is good for so much longer after its `exp`. From 0 to 2,147,483,647.
   * @defaultValue 0
   */
  clockTolerance?: number | undefined;
  /** What of the claims goes into `socket.data`. Answer with the same keys each time. @defaultValue nothing */
  data?: ((claims: Readonly<Record<string, unknown>>) => object) | undefined;
  /**
   * Where mistakes in the set-up go, and as `debug` why each token was refused: jose's error code, and the name of the
   * claim. @defaultValue the console, without what is said of each token
   */
  logger?: Logger | undefined;
}

/** Where the key comes from. */
type KeySource = { readonly uri: URL } | { readonly key: KeyObject | CryptoKey | Uint8Array };

export interface ResolvedJoseOptions extends Omit<JoseOptions, "jwksUri" | "key" | "logger"> {
  readonly source: KeySource;
  readonly clockTolerance: number;
  readonly logger: Logger;
}

const KNOWN = ["jwksUri", "key", "issuer", "audience", "algorithms", "clockTolerance", "data", "logger"];
/** Those that jose 6 verifies with: of RFC 7518, section 3.1, of RFC 8037 and RFC 9864, and of FIPS 204. */
const ALGORITHMS: readonly string[] = [
  ...["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"],
];
/** This machine, as `URL` writes it, on the way to which there is nobody. */
const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;
/** RFC 7518, section 3.2. */
const SHORTEST_SECRET = 32;

/**
 * Checks options. What would let a forged token in is refused here, before there is any token.
 *
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`, naming the option and what it takes.
 */
export function resolveJoseOptions(options: JoseOptions): ResolvedJoseOptions {
  checkOptions("joseVerifier", options, KNOWN);
  const { algorithms, issuer, audience, data } = options;
  if (!isNames(algorithms) || algorithms.some((algorithm) => algorithm.toLowerCase() === "none")) {
    throw invalidOption(
      'The option "algorithms" takes a list of the algorithms that are accepted, such as ["RS256"]. "none" is none.',
    );
  }
  const unknown = algorithms.find((algorithm) => !ALGORITHMS.includes(algorithm));
  if (unknown !== undefined) {
    throw invalidOption(
      `The option "algorithms" has ${JSON.stringify(unknown)}, which is none that jose verifies. There are: ${ALGORITHMS.join(", ")}.`,
    );
  }
  const secret = algorithms.filter((algorithm) => algorithm.startsWith("HS")).length;
  if (secret !== 0 && secret !== algorithms.length) {
    throw invalidOption(
      'The option "algorithms" mixes HS256 or its like with others. Anyone who knows the public key could sign with it; accept one kind only.',
    );
  }
  for (const [name, value] of Object.entries({ issuer, audience })) {
    const isMissing = value === undefined && options.jwksUri === undefined;
    if (isMissing || (typeof value === "string" && value !== "") || isNames(value)) continue;
    throw invalidOption(
      `The option "${name}" takes a string or a list of strings. It is required with "jwksUri".`,
    );
  }
  if (data !== undefined && typeof data !== "function") {
    throw invalidOption('The option "data" takes a function: (claims) => object.');
  }
  const source = sourceOf(options, secret > 0);
  const isPublic = "key" in source && !(source.key instanceof Uint8Array) && secret === 0;
  return {
    algorithms: isPublic ? algorithmsOf(source.key, algorithms) : [...algorithms],
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    ...(data !== undefined && { data }),
    source,
    clockTolerance: numberOption("clockTolerance", options.clockTolerance, [0, 0, LONGEST_DELAY]),
    logger: loggerOption(options.logger),
  };
}

function sourceOf({ jwksUri, key }: JoseOptions, isSecret: boolean): KeySource {
  if ((jwksUri === undefined) === (key === undefined)) {
    throw invalidOption('joseVerifier takes either "jwksUri" or "key".');
  }
  if (key === undefined) {
    const url = URL.canParse(String(jwksUri)) ? new URL(String(jwksUri)) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
      throw invalidOption('The option "jwksUri" takes an address that begins with https://.');
    }
    if (url.protocol === "http:" && !LOOPBACK.test(url.hostname)) {
      throw invalidOption(
        'The option "jwksUri" takes an address that begins with https://. Over http:// an attacker on the way could replace the keys, and sign tokens that are accepted; only this machine (localhost, 127.0.0.1, [::1]) may be asked so. Use https://, or give the public key itself as "key".',
      );
    }
    if (isSecret)
      throw invalidOption('The option "algorithms" has a secret one, and a JWKS is public. Use "key".');
    return { uri: url };
  }
  if (key instanceof Uint8Array) {
    const isText = Buffer.from(key.subarray(0, 10)).toString("latin1") === "-----BEGIN";
    if (isSecret && !isText && key.length >= SHORTEST_SECRET) return { key };
    throw invalidOption(
      `The option "key" is bytes, which is for a secret of at least ${SHORTEST_SECRET} of them and for HS256 or its like. A public key goes through createPublicKey() of node:crypto.`,
    );
  }
  const wanted = isSecret ? "secret" : "public";
  const isKey = key instanceof KeyObject || key instanceof CryptoKey;
  if (isKey && key.type === wanted) return { key };
  const bytes = isSecret ? `, or a Buffer of at least ${SHORTEST_SECRET} bytes` : "";
  throw invalidOption(
    `The option "key" takes a ${wanted} key for these algorithms, as create${isSecret ? "Secret" : "Public"}Key() of node:crypto makes it${bytes}, but got ${isKey ? `a ${key.type} one` : `a ${String(property(key, "type") ?? typeof key)}`}.`,
  );
}

function isNames(value: unknown): value is string[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string" && name !== "")
  );
}

/** RFC 7518, sections 3.3 and 3.5. */
const SHORTEST_RSA = 2_048;
/** By the curve as OpenSSL names it: RFC 7518, section 3.4. */
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: "ES256",
  secp384r1: "ES384",
  secp521r1: "ES512",
};

/**
 * Those of the algorithms that a public key is for. A token by another one is bad, whatever the key.
 *
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` where there is none, or the key is too short for any.
 */
function algorithmsOf(key: KeyObject | CryptoKey, algorithms: readonly string[]): string[] {
  const { asymmetricKeyType: type = "unknown", asymmetricKeyDetails: details = {} } =
    key instanceof KeyObject ? key : KeyObject.from(key);
  const { modulusLength = SHORTEST_RSA, namedCurve = "" } = details;
  if (modulusLength < SHORTEST_RSA) {
    throw invalidOption(
      `The option "key" is an RSA key of ${modulusLength} bits. It takes one of at least 2,048 bits; with a shorter one nobody would be let in.`,
    );
  }
  const isFor = (algorithm: string): boolean => {
    if (type === "rsa") return /^[RP]S/.test(algorithm);
    if (type === "rsa-pss") return algorithm.startsWith("PS");
    if (type === "ec") return algorithm === CURVES[namedCurve];
    if (type === "ed25519") return algorithm === "EdDSA" || algorithm === "Ed25519";
    return algorithm === type.toUpperCase();
  };
  const fitting = algorithms.filter(isFor);
  if (fitting.length > 0) return fitting;
  const kind = namedCurve === "" ? type : `${type}, ${namedCurve}`;
  throw invalidOption(
    `The option "key" is for none of the "algorithms": it is of the type ${kind}, and they are ${algorithms.join(", ")}. RS256 and PS256 and their like take an RSA key, ES256 an EC key of the curve P-256, ES384 of P-384, ES512 of P-521, EdDSA and Ed25519 a key of that type.`,
  );
}
