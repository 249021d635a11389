import { inspect } from "node:util";
import { Secrets } from "./secrets.js";

/** The credentials that the tests of this file have used: what one of them began may end after it. */
const planted = new Secrets();
/** What left the library in this test, by the way that it took. */
const left = new Map<string, Set<string>>();

/** A token, or the value of a cookie, that must not be found in anything that leaves. */
export function plant(credential: string): void {
  planted.add(credential);
}

/** Something that somebody may see. Texts are kept as they are, all else as the console would show it. */
export function keep(way: string, ...values: readonly unknown[]): void {
  const texts = left.get(way) ?? new Set();
  left.set(way, texts);
  for (const value of values) texts.add(typeof value === "string" ? value : shown(value));
}

const shown = (value: unknown): string =>
  inspect(value, { depth: 6, maxArrayLength: null, maxStringLength: null });

/** Where parts of what was planted are found in what left since the last call. */
export function takeLeaks(): string[] {
  const ways = Object.fromEntries([...left].map(([way, texts]) => [way, [...texts]]));
  left.clear();
  return planted.findIn(ways);
}
