/** The shortest run of characters by which a token would be recognised. */
const RECOGNISABLE = 12;
const WORDS = /[\w.~+/=-]+/g;
const JWT = /eyJ[\w-]+\.[\w.-]*/;
const DEPTH = 6;

/** Where errors have their codes. In what else an application gives them there may be anything, a refresh token too. */
const CODES = ["code", "error", "errno", "status", "statusCode", "statusText", "syscall", "type"];

/**
 * Takes tokens out of a text: whatever shares twelve characters in a row with a secret (or all of a shorter one), with
 * the rest of the word it stands in, and everything that looks like a JWT.
 */
export function mask(text: string, secrets: readonly string[]): string {
  const hidden = new Set<number>();
  const hide = (from: number, length: number): void => {
    for (let at = from; at < from + length; at += 1) hidden.add(at);
  };
  for (const secret of secrets) {
    const length = Math.min(RECOGNISABLE, secret.length);
    for (let at = 0; at + length <= text.length; at += 1) {
      if (secret.includes(text.slice(at, at + length))) hide(at, length);
    }
  }
  for (const { 0: word, index } of text.matchAll(WORDS)) {
    const isTouched = [...word].some((_, at) => hidden.has(index + at));
    if (isTouched || JWT.test(word)) hide(index, word.length);
  }
  return text.replace(/[\s\S]/g, (char, at: number) => {
    if (!hidden.has(at)) return char;
    return hidden.has(at - 1) ? "" : "[redacted]";
  });
}

/** The same for plain data: what is no plain data, or lies deeper than six levels, is left out. */
export function maskData(data: unknown, secrets: readonly string[], depth = DEPTH): unknown {
  if (typeof data === "string") return mask(data, secrets);
  if (data === null || typeof data === "number" || typeof data === "boolean") return data;
  if (typeof data !== "object" || depth === 0 || ArrayBuffer.isView(data)) return undefined;
  if (Array.isArray(data)) return data.map((item: unknown) => maskData(item, secrets, depth - 1));
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [mask(key, secrets), maskData(value, secrets, depth - 1)]),
  );
}

/**
 * A copy of an error for whoever looks for the mistake: its name and its words, the frames in which it came about, the
 * codes that it has of its own, and the errors behind it, all less the tokens in them.
 */
export function maskError(cause: unknown, secrets: readonly string[], depth = DEPTH): Error {
  if (!(cause instanceof Error))
    return new Error(`something other than an Error was thrown: ${typeof cause}`);
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
    if (typeof value === "string") Object.assign(copy, { [key]: hide(value) });
    // A number in which a secret shows cannot be masked.
    else if (typeof value === "number" && hide(value) === `${value}`) Object.assign(copy, { [key]: value });
  }
  return copy;
}
