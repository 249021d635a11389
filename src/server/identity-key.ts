import { createHmac, randomBytes } from "node:crypto";
import { ConnectionError, invalidOption } from "../errors.js";

/** The secret under which clients are told whether they are still the same user. */
export interface IdentityKey {
  /** Whether it is of this process alone. */
  readonly isRandom: boolean;
  /** Takes the one that was given, in place of a random one. */
  use(key: string | Uint8Array | undefined): void;
  /** What a client is told of an identity: the same for the same one, and nothing that could be read. */
  hash(identity: string): string;
}

const SHORTEST_KEY = 16;
const KEY_BYTES = 32;

export function createIdentityKey(): IdentityKey {
  const random = randomBytes(KEY_BYTES);
  let given: string | Uint8Array | undefined;
  const hash = (identity: string, key = given ?? random): string =>
    createHmac("sha256", key).update(identity).digest("base64url");
  return {
    get isRandom() {
      return given === undefined;
    },
    use(key) {
      if (key !== undefined && given !== undefined && hash("", key) !== hash("")) {
        throw new ConnectionError(
          "ERR_SERVER_SETUP",
          'authenticateToken and shareSession were given two different "identityKey". Give both the same, or only one of them.',
        );
      }
      given ??= key;
    },
    hash: (identity) => hash(identity),
  };
}

export function identityKeyOption(key: unknown): string | Uint8Array | undefined {
  if (key === undefined) return undefined;
  if ((typeof key === "string" || key instanceof Uint8Array) && key.length >= SHORTEST_KEY) return key;
  throw invalidOption(
    `The option "identityKey" takes a string of at least ${SHORTEST_KEY} characters or a Uint8Array of at least ${SHORTEST_KEY} bytes.`,
  );
}
