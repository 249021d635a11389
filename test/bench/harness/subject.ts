import type { Built } from "./edition.js";
import type { Spread } from "./spread.js";

/** One thing that is measured, and its table. */
export interface Subject {
  /** As in `npm run bench -- <name>`. */
  readonly name: string;
  readonly title: string;
  /** What is measured, and how, in plain sentences. */
  readonly about: string;
  run(bench: Bench): Promise<Result>;
}

/** What a subject is given. */
export interface Bench {
  /** Whether a smoke run is wanted: all of it, and little of each. */
  readonly isQuick: boolean;
  /** This edition, and the first one where its commit is there; the first one first. */
  readonly editions: readonly Built[];
  /** A number for the full run, and one for the quick run. */
  amount(full: number, quick: number): number;
  /** Takes what ends a part of the subject; the last part is ended first. */
  onEnd(cleanUp: () => Promise<void> | void): void;
}

export interface Result {
  readonly table: Table;
  /** What the figures mean, in plain sentences. */
  readonly notes?: readonly string[];
  readonly budget?: readonly BudgetRow[] | undefined;
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A row of the budget: what may not grow. */
export interface BudgetRow {
  readonly what: string;
  readonly unit: string;
  readonly limit: number;
  /** By the name of the edition. */
  readonly figures: ReadonlyMap<string, Spread>;
}
