import { invalidOption } from "./errors.js";
import { describeType } from "./value.js";

/** Refuses what is no object of options, and any option that there is not. */
export function checkOptions(caller: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw invalidOption(`${caller} takes an object of options, but got ${describeType(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw invalidOption(
      `${caller}: there is no option "${name}". The options are: ${[...known].sort().join(", ")}.`,
    );
  }
}
