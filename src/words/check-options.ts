import { invalidOption } from "../errors.js";
import { describeType } from "../value.js";

/** Refuses what is no object of options, and unknown names in it. */
export function checkOptions(caller: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null)
    throw invalidOption(`${caller} takes an object of options, but got ${describeType(options)}.`);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw invalidOption(
    `${caller}: there is no option "${unknown}". The options are: ${[...known].sort().join(", ")}.`,
  );
}
