import { describe, expect, test } from "vitest";
import { SUBJECTS } from "../bench/subjects.js";
import { anchorsOf, read } from "./documents.js";

describe("docs/performance.md", () => {
  const page = read("docs/performance.md");

  test("has every subject, and the budget", () => {
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([
      "How to read it",
      "How to repeat it",
      "The budget",
      ...SUBJECTS.map(({ title }) => title),
    ]);
    for (const name of ["the-budget", "another-token", "the-server-half"])
      expect(anchorsOf("docs/performance.md")).toContain(name);
  });

  test("names no path of the machine that it was measured on", () => {
    expect(page).not.toMatch(/\/(?:home|root|Users|work|tmp)\//);
  });
});
