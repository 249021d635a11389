import type { StateValue } from "xstate";

/** A state of the chart as a path: `rotating.replacing.settling`. */
export function pathOf(value: StateValue): string {
  if (typeof value === "string") return value;
  return Object.entries(value)
    .map(([key, child]) => (child === undefined ? key : `${key}.${pathOf(child)}`))
    .join(" + ");
}

/** Whether a state is the current one, or one that it is in. */
export const isWithin = (current: string, path: string): boolean =>
  current === path || current.startsWith(`${path}.`);

/** The one of the five states that a path begins with. */
export const outermost = (path: string): string => path.split(".")[0] ?? path;
