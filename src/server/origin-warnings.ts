import type { Log } from "../logger.js";

/** How many origins are named: clients choose them. */
const MOST_NAMED = 5;
const LONGEST_NAMED = 100;

/**
 * Warns of each origin once, and not of endlessly many.
 *
 * @returns Takes what a request says its origin is, and what makes a line of the name, which is quoted and cut.
 */
export function createOriginWarnings(log: Log): (origin: unknown, line: (name: string) => string) => void {
  const named = new Set<string>();
  return (origin, line) => {
    if (typeof origin !== "string" || named.size >= MOST_NAMED) return;
    // What a program sends may hold anything, such as what moves the cursor of a terminal.
    const name = origin.replace(/[^\x21-\x7e]/g, "?").slice(0, LONGEST_NAMED);
    if (named.has(name)) return;
    named.add(name);
    const last = named.size === MOST_NAMED ? " Further origins are not named." : "";
    log.warn(`${line(JSON.stringify(name))}${last}`);
  };
}
