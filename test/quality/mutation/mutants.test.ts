import { describe, expect, test } from "vitest";
import { read } from "../../docs/documents.js";
import { pull, type Tooth } from "./mutant.js";
import { TEETH } from "./mutants.js";
import { PROMISES } from "./promises.js";
import { DOCUMENT, redraw, table } from "./table.js";
import { testsIn } from "./titles.js";

const numbers = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);

test("every promise has a tooth, and there is no other", () => {
  const promised = [...numbers("G", 10), ...numbers("F", 34)];
  expect(Object.keys(PROMISES)).toEqual(expect.arrayContaining(promised));
  expect(
    Object.keys(PROMISES).filter((promise) => TEETH.every((tooth) => tooth.promise !== promise)),
  ).toEqual([]);
  expect(TEETH.filter(({ promise }) => !(promise in PROMISES))).toEqual([]);
});

const cases = TEETH.map((tooth) => [tooth.promise, tooth.what, tooth] as const);

describe.each(cases)("the tooth of %s, %s", (promise, _what, tooth) => {
  test("takes away what is there exactly once", () => {
    const text = read(tooth.file);
    expect(pull(tooth, text)).not.toBe(text);
  });

  test("names a test that is there once, under the number of the promise", () => {
    const [file, title] = tooth.test;
    const number = new RegExp(`\\b${promise}\\b`);
    const named = testsIn(file, read(file)).filter(({ pattern }) => pattern.test(title));
    expect(named.filter(({ full }) => number.test(full))).toHaveLength(1);
  });
});

test("a tooth whose text is not there once says so", () => {
  const tooth: Tooth = { promise: "G1", what: "", file: "a.ts", find: "x", replace: "", test: ["", ""] };
  expect(pull(tooth, "axb")).toBe("ab");
  expect(() => pull(tooth, "ab")).toThrow("G1 looks for a text in a.ts that is not there");
  expect(() => pull(tooth, "xax")).toThrow("there 2 times");
});

test(`the table in ${DOCUMENT} is that of the teeth; else run \`npm run promises\``, () => {
  expect(read(DOCUMENT)).toContain(table());
  expect(read(DOCUMENT)).toBe(redraw(read(DOCUMENT)));
});
