import { invalidOption } from "../errors.js";
import { describeType } from "../value.js";

/** Refuses settings of an adapter that are no object, or among which is one that it does not have. */
export function checkSettings(adapter: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== "object" || given === null) {
    throw invalidOption(`${adapter} takes an object of settings, but got ${describeType(given)}.`);
  }
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw invalidOption(
      `${adapter} has no setting "${name}". Its settings are: ${[...known].sort().join(", ")}.`,
    );
  }
}
