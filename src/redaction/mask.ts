import { isRefusalCode } from "../error-codes.js";
import { noError } from "../words/messages.js";

/** Why a socket was disconnected, in fixed words with which code compares: Socket.IO's, and ours. */
export const REASONS: readonly string[] = [
  "io server disconnect",
  "io client disconnect",
  "ping timeout",
  "transport close",
  "transport error",
  "parse error",
  "forced close",
  "token rotation",
];

/** The shortest run of characters by which a token would be recognised. */
const RECOGNISABLE = 12;
const WORDS = /[\w.~+/=-]+/g;
const DEPTH = 6;

/** Where errors have their codes. In what else an application gives them there may be anything, a refresh token too. */
const CODES = ["code", "error", "errno", "status", "statusCode", "statusText", "syscall", "type"];

/** How much of a text, or of data, is kept, in characters: a server may send a megabyte. No real token is longer either. */
const LIMIT = 2 ** 14;
const HIDDEN = "[redacted]";
const CUT = "[cut]";

/** What is looked for in texts, by its length: any twelve characters in a row of a secret, or all of a shorter one. */
type Pieces = ReadonlyMap<number, ReadonlySet<string>>;

/** The pieces of the secrets that were asked for last: an error has many texts. */
let last: { secrets: readonly string[]; pieces: Pieces } | undefined;

function piecesOf(secrets: readonly string[]): Pieces {
  if (last?.secrets === secrets) return last.pieces;
  const pieces = new Map<number, Set<string>>();
  for (const secret of secrets) {
    const length = Math.min(RECOGNISABLE, secret.length);
    const known = pieces.get(length) ?? new Set();
    pieces.set(length, known);
    for (let at = 0; at + length <= secret.length; at += 1) known.add(secret.slice(at, at + length));
  }
  // Pieces of a token stay in memory no longer than they are needed.
  queueMicrotask(() => {
    last = undefined;
  });
  last = { secrets, pieces };
  return pieces;
}

/** Each character is looked at once: a pattern that has the dot in it takes quadratic time for `eyJeyJeyJ`. */
const isJwt = (word: string): boolean => /eyJ[^.]{2}/.test(word.slice(0, Math.max(0, word.lastIndexOf("."))));

/**
 * Takes tokens out of a text: whatever shares twelve characters in a row with a secret (or all of a shorter one), with
 * the rest of the word it stands in, and everything that looks like a JWT. A text that is too long is cut, and says so.
 * Fixed words stay as they are, because code compares with them: they say nothing of a token that looks like one.
 */
export function mask(text: string, secrets: readonly string[], limit = LIMIT): string {
  if (REASONS.includes(text) || isRefusalCode(text)) return text;
  if (secrets.some(({ length }) => length > LIMIT)) return HIDDEN;
  const isCut = text.length > limit;
  // A little more than is kept, in which a secret is found that begins before the cut.
  const seen = text.slice(0, limit + RECOGNISABLE);
  const hidden = new Uint8Array(seen.length);
  for (const [length, looked] of piecesOf(secrets)) {
    for (let at = 0; at + length <= seen.length; at += 1) {
      if (looked.has(seen.slice(at, at + length))) hidden.fill(1, at, at + length);
    }
  }
  for (const { 0: word, index } of seen.matchAll(WORDS)) {
    const end = index + word.length;
    const isAcross = index < limit && end > limit;
    if (isAcross || hidden.subarray(index, end).includes(1) || isJwt(word)) hidden.fill(1, index, end);
  }
  let masked = "";
  for (let at = 0; at < Math.min(limit, seen.length); at += 1) {
    if (!hidden[at]) masked += seen[at];
    else if (!hidden[at - 1]) masked += HIDDEN;
  }
  return isCut ? masked + CUT : masked;
}

/**
 * The same for plain data: what is no plain data, or lies deeper than six levels, is left out.
 *
 * @param rest - How much is still kept: characters, and one for each value.
 */
export function maskData(
  data: unknown,
  secrets: readonly string[],
  depth = DEPTH,
  rest = { length: LIMIT },
): unknown {
  const take = (text: string): string => {
    const masked = mask(text, secrets, Math.max(0, rest.length));
    rest.length -= text.length;
    return masked;
  };
  rest.length -= 1;
  if (typeof data === "string") return take(data);
  if (data === null || typeof data === "number" || typeof data === "boolean") return data;
  if (typeof data !== "object" || depth === 0 || ArrayBuffer.isView(data)) return undefined;
  const isList = Array.isArray(data);
  const entries: [key: string, value: unknown][] = [];
  for (const key of isList ? data.keys() : Object.keys(data)) {
    if (rest.length <= 0) {
      entries.push([CUT, CUT]);
      break;
    }
    const value: unknown = Reflect.get(data, key);
    entries.push([isList ? "" : take(String(key)), maskData(value, secrets, depth - 1, rest)]);
  }
  return isList ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

/** A copy of an error without tokens: its name, words, stack frames and codes, and the errors behind it. */
export function maskError(cause: unknown, secrets: readonly string[], depth = DEPTH): Error {
  if (!(cause instanceof Error)) return new Error(noError(cause));
  const hide = (value: unknown): string => mask(String(value), secrets);
  const copy = new Error(
    hide(cause.message),
    cause.cause instanceof Error && depth > 1 ? { cause: maskError(cause.cause, secrets, depth - 1) } : {},
  );
  copy.name = hide(cause.name);
  const lines = hide(cause.stack).split("\n");
  const frames = lines.filter((line) => /^ +at /.test(line));
  const others = lines.filter((line) => /@.*:\d+$/.test(line));
  // V8 begins with the words of the error, the other engines with the first frame.
  const stack = frames.length === 0 && others.length > 0 ? others : [String(copy), ...frames];
  Object.defineProperty(copy, "stack", { value: stack.join("\n") });
  for (const key of CODES) {
    const value: unknown = Reflect.getOwnPropertyDescriptor(cause, key)?.value;
    const isText = typeof value === "string";
    if (!isText && typeof value !== "number") continue;
    const shown = hide(value);
    // A number in which a secret shows cannot be masked.
    if (isText || shown === `${value}`) Object.assign(copy, { [key]: isText ? shown : value });
  }
  return copy;
}
