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
