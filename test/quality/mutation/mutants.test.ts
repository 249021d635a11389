import { describe, expect, test } from "vitest";
import { read } from "../../docs/documents.js";
import { type Mutant, mutate } from "./mutant.js";
import { MUTANTS } from "./mutants.js";
import { PROMISES } from "./promises.js";
import { DOCUMENT, redraw, table } from "./table.js";
import { testsIn } from "./titles.js";

const numbers = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);

test("every promise has a mutant, and there is no other", () => {
  const promised = [...numbers("G", 10), ...numbers("F", 34)];
  expect(Object.keys(PROMISES)).toEqual(expect.arrayContaining(promised));
  expect(
    Object.keys(PROMISES).filter((promise) => MUTANTS.every((mutant) => mutant.promise !== promise)),
  ).toEqual([]);
  expect(MUTANTS.filter(({ promise }) => !(promise in PROMISES))).toEqual([]);
});

const cases = MUTANTS.map((mutant) => [mutant.promise, mutant.what, mutant] as const);

describe.each(cases)("the mutant of %s, %s", (promise, _what, mutant) => {
  test("takes away what is there exactly once", () => {
    const text = read(mutant.file);
    expect(mutate(mutant, text)).not.toBe(text);
  });

  test("names a test that is there once, under the number of the promise", () => {
    const [file, title] = mutant.test;
    const number = new RegExp(`\\b${promise}\\b`);
    const named = testsIn(file, read(file)).filter(({ pattern }) => pattern.test(title));
    expect(named.filter(({ full }) => number.test(full))).toHaveLength(1);
  });
});

test("a mutant whose text is not there once says so", () => {
  const mutant: Mutant = { promise: "G1", what: "", file: "a.ts", find: "x", replace: "", test: ["", ""] };
  expect(mutate(mutant, "axb")).toBe("ab");
  expect(() => mutate(mutant, "ab")).toThrow("G1 looks for a text in a.ts that is not there");
  expect(() => mutate(mutant, "xax")).toThrow("there 2 times");
});

test(`the table in ${DOCUMENT} is that of the mutants; else run \`npm run promises\``, () => {
  expect(read(DOCUMENT)).toContain(table());
  expect(read(DOCUMENT)).toBe(redraw(read(DOCUMENT)));
});
