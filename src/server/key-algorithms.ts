import { KeyObject } from "node:crypto";
import { invalidOption } from "../errors.js";

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
export function algorithmsOf(key: KeyObject | CryptoKey, algorithms: readonly string[]): string[] {
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
