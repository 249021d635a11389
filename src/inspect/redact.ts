/** The shortest run of characters by which a token would be recognised. */
const RECOGNISABLE = 12;
const WORDS = new RegExp(`[\\w.~+/=-]{${RECOGNISABLE},}`, "g");
const JWT = /^eyJ[\w-]*\.[\w.-]*$/;
const DEPTH = 6;

/**
 * Takes tokens out of a text: every word that shares twelve characters in a row with a secret, and everything
 * that looks like a JWT.
 */
export function redact(text: string, secrets: readonly string[]): string {
  return text.replace(WORDS, (word) =>
    JWT.test(word) || secrets.some((secret) => shares(word, secret)) ? "[redacted]" : word,
  );
}

/** The same for plain data: what is no plain data, or lies deeper than six levels, is left out. */
export function redactData(data: unknown, secrets: readonly string[], depth = DEPTH): unknown {
  if (typeof data === "string") return redact(data, secrets);
  if (data === null || typeof data === "number" || typeof data === "boolean") return data;
  if (typeof data !== "object" || depth === 0) return undefined;
  if (Array.isArray(data)) return data.map((item: unknown) => redactData(item, secrets, depth - 1));
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [redact(key, secrets), redactData(value, secrets, depth - 1)]),
  );
}

/** A copy of an error that keeps its name and its words, less the tokens in them. */
export function redactError(cause: unknown, secrets: readonly string[]): Error {
  if (!(cause instanceof Error))
    return new Error(`something other than an Error was thrown: ${typeof cause}`);
  const copy = new Error(redact(cause.message, secrets));
  copy.name = redact(cause.name, secrets);
  return copy;
}

function shares(word: string, secret: string): boolean {
  if (secret.length < RECOGNISABLE) return word.includes(secret);
  for (let at = 0; at + RECOGNISABLE <= word.length; at += 1) {
    if (secret.includes(word.slice(at, at + RECOGNISABLE))) return true;
  }
  return false;
}
