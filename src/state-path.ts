/** A state's value as a path, such as `rotating.replacing.settling`. */
export function pathOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, child]) => `${name}.${pathOf(child)}`)
    .join(" ");
}

/** What XState calls the end of a delay, such as `xstate.after.timeout.connection.connecting.opening`. */
const AFTER = /^xstate\.after\.(\w+)\..*$/;

/** The type of an event as people read it, such as `after timeout`. */
export function wordsOf(eventType: string): string {
  return eventType.replace(AFTER, "after $1");
}
