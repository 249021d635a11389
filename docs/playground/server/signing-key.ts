import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

const KEY_BYTES = 32;

/**
 * Reads the key that signs the tokens, and makes one the first time, so that a token outlives a restart.
 *
 * @param file - where the key is kept as a JSON Web Key, readable by its owner only
 */
export async function loadSigningKey(file: string): Promise<Uint8Array> {
  const existing = await readKey(file);
  if (existing !== null) return existing;

  const key = randomBytes(KEY_BYTES);
  const jwk = { kty: "oct", alg: "HS256", use: "sig", k: key.toString("base64url") };
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, `${JSON.stringify(jwk)}\n`, { mode: 0o600, flag: "wx" });
    return key;
  } catch (error) {
    // Another playground was quicker: its key is as good as ours.
    if (!hasCode(error, "EEXIST")) throw error;
    return (await readKey(file)) ?? key;
  }
}

async function readKey(file: string): Promise<Uint8Array | null> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
  const key = parseKey(text);
  if (key === null) {
    throw new Error(
      `${file} holds no signing key of the playground. Delete it and start again: a new one is made.`,
    );
  }
  return key;
}

function parseKey(text: string): Uint8Array | null {
  try {
    const jwk: unknown = JSON.parse(text);
    if (typeof jwk !== "object" || jwk === null || !("k" in jwk) || typeof jwk.k !== "string") return null;
    const key = Buffer.from(jwk.k, "base64url");
    return key.length === KEY_BYTES ? key : null;
  } catch {
    return null;
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;
