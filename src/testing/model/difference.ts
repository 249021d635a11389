import { property } from "../../value.js";

/**
 * What one state is and the other is not, a line each, by the keys that the graph tells them apart by.
 *
 * @param expected - The key of the state that the graph leads to.
 * @param got - The key of the state that there is.
 */
export function differenceOf(expected: string, got: string): string {
  const [wanted, found]: unknown[] = [JSON.parse(expected), JSON.parse(got)];
  const names = new Set([wanted, found].flatMap((each) => Object.keys(Object(each))));
  const shown = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));
  return [...names]
    .map((name) => ({ name, a: shown(property(wanted, name)), b: shown(property(found, name)) }))
    .filter(({ a, b }) => a !== b)
    .map(({ name, a, b }) => `  ${name === "value" ? "state" : name}: expected ${a}, got ${b}`)
    .join("\n");
}

/** The state of a key, in a line. */
export function shortOf(key: string): string {
  const state: unknown = JSON.parse(key);
  return JSON.stringify(property(state, "value"));
}
