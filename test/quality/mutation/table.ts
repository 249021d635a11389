import { fillMarkers } from "../../../scripts/markers.js";
import { MUTANTS } from "./mutants.js";
import { PROMISES } from "./promises.js";

/** The document with the table, from the root of the repository. */
export const DOCUMENT = "docs/guarantees.md";

/** From each promise to the protections that keep it, and the test that fails without each. */
export function table(): string {
  const rows = Object.entries(PROMISES).flatMap(([promise, words]) =>
    MUTANTS.filter((mutant) => mutant.promise === promise).map(
      ({ what, test: [file, title] }, index) =>
        `| ${index === 0 ? promise : ""} | ${index === 0 ? words : ""} | ${what} | ${title}: \`${file}\` |`,
    ),
  );
  return [
    "| | what is promised, or fails by hand | kept by | the test that fails without it |",
    "|---|---|---|---|",
    ...rows,
  ].join("\n");
}

/** The document with the table drawn anew. */
export function redraw(document: string): string {
  return fillMarkers(document, { promises: table() });
}
