/** What several rounds came to. */
export interface Spread {
  readonly least: number;
  readonly median: number;
  readonly greatest: number;
}

export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((one, other) => one - other);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.ceil((sorted.length - 1) / 2)];
  return { least: at(0), median: (at(low) + at(high)) / 2, greatest: at(sorted.length - 1) };
}

/** The quotient of each round: both sides of a round were measured one after the other. */
export function ratios(of: readonly number[], by: readonly number[]): number[] {
  return of.map((value, round) => value / (by[round] ?? Number.NaN));
}

/** A number with about three digits. */
export function short(value: number): string {
  if (Number.isNaN(value)) throw new Error("A figure is missing.");
  if (value !== 0 && Math.abs(value) < 0.01) return value.toPrecision(2);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return Number(value.toFixed(digits)).toLocaleString("en-US");
}

/** As a cell shows it: the median, and the least and the greatest where they differ. */
export function shown({ least, median, greatest }: Spread, unit = ""): string {
  const [low, middle, high] = [short(least), short(median), short(greatest)];
  return `${middle}${unit && ` ${unit}`}${low === high ? "" : ` (${low} to ${high})`}`;
}
