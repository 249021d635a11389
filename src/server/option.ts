import { invalidOption } from "../errors.js";
import { consoleLogger, type Logger } from "../logger.js";
import { describeNumber } from "../value.js";

/** Refuses what is no object of options, and any option that there is not. */
export function checkOptions(caller: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw invalidOption(`${caller} takes an object of options.`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw invalidOption(
      `${caller}: there is no option "${name}". The options are: ${[...known].sort().join(", ")}.`,
    );
  }
}

/** A number within its bounds, or the default where none was given. */
export function numberOption(
  name: string,
  value: unknown,
  [fallback, least, most]: readonly [fallback: number, least: number, most: number],
): number {
  if (value === undefined) return fallback;
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw invalidOption(
    `The option "${name}" takes a number from ${least} to ${most}, but got ${describeNumber(value)}.`,
  );
}

export function loggerOption(logger: unknown): Logger {
  if (logger === undefined) return consoleLogger;
  if (typeof logger === "object" && logger !== null) return logger;
  throw invalidOption('The option "logger" takes an object, such as console, or {} for silence.');
}
