/** A property of a value that may be anything, inherited ones included: what a library has, or an application gave. */
export function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** A field of what a server sent: its own alone, so that a prototype that somebody extended decides nothing. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

export function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === "function";
}

/** Whether a value is a time to wait, in milliseconds. */
export function isDuration(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/** The kind of a value, for an error message that must not show the value. */
export function describeType(value: unknown): string {
  if (value === undefined) return "undefined";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (value === "") return "an empty string";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** The same, but a number is shown: it can be no secret. */
export function describeNumber(value: unknown): string {
  return typeof value === "number" ? String(value) : describeType(value);
}

export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && "then" in value;
}

/** An address, which may be relative to the page's; `undefined` where it is none. */
export function parseUrl(url: string | URL, base?: string): URL | undefined {
  try {
    return new URL(url, globalThis.location?.href ?? base);
  } catch {
    return undefined;
  }
}

/** How much of what a server has sent may wait in one place until it is delivered, in bytes, more or less. */
export const MOST_HELD = 16_777_216;

/** What it costs that something waits, and what a value costs beside its text. */
const ENTRY = 256;
const VALUE = 8;

/** How much memory something that waits takes, roughly; where it is more than may wait, at least that. */
export function sizeOf(value: unknown): number {
  let size = ENTRY;
  // A list and no recursion: it may be nested deeper than the stack is.
  const pending = [value];
  while (pending.length > 0 && size <= MOST_HELD) {
    const next = pending.pop();
    size += VALUE;
    if (typeof next === "string") size += next.length;
    else if (ArrayBuffer.isView(next) || next instanceof ArrayBuffer) size += next.byteLength;
    else if (Array.isArray(next)) for (const each of next) pending.push(each);
    else if (typeof next === "object" && next !== null) {
      for (const [key, each] of Object.entries(next)) {
        size += key.length;
        pending.push(each);
      }
    }
  }
  return size;
}
