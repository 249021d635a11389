import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { blocksOf, filesIn, read, withoutBlocks } from "./documents.js";

const TRANSLATIONS = ["README.zh-CN.md", ...filesIn("docs", ".zh-CN.md")];

function originalOf(translation: string): string {
  return translation.replace(".zh-CN.md", ".md");
}

/** What runs of a document's code: comments are translated. */
function codeOf(document: string): string[] {
  return blocksOf(document).map(({ info, code }) => `${info}\n${code.replace(/ *\/\/ .*$/gm, "")}`);
}

/** The depths of the headings, in order. */
function headingsOf(document: string): string[] {
  return [...withoutBlocks(document).matchAll(/^(#+) /gm)].map(([, depth = ""]) => depth);
}

/** How many rows each table has, in order. */
function tablesOf(document: string): number[] {
  return [...withoutBlocks(document).matchAll(/(?:^\|.*\n)+/gm)].map(([table]) => table.split("\n").length);
}

/** Where the links lead, but for the one to the other language; a page that is translated counts as its original. */
function linksOf(document: string): string[] {
  const links = [...withoutBlocks(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) =>
    originalOf(link),
  );
  return links.filter((link) => link !== posix.basename(originalOf(document))).sort();
}

test("README and the quick start are in Chinese too", () => {
  expect(TRANSLATIONS).toEqual(expect.arrayContaining(["README.zh-CN.md", "docs/quick-start.zh-CN.md"]));
});

describe.each(TRANSLATIONS)("%s", (translation) => {
  const original = originalOf(translation);

  test("has the code of its original, with comments of its own", () => {
    expect(codeOf(translation)).toEqual(codeOf(original));
  });

  test("has its headings, tables and links", () => {
    expect(headingsOf(translation)).toEqual(headingsOf(original));
    expect(tablesOf(translation)).toEqual(tablesOf(original));
    expect(linksOf(translation)).toEqual(linksOf(original));
  });

  test("is a link away from its original, and back", () => {
    expect(read(translation)).toContain(`](${posix.basename(original)})`);
    expect(read(original)).toContain(`](${posix.basename(translation)})`);
  });

  test("has the figures of its original", () => {
    const figures = (document: string) => read(document).match(/\d+(?:\.\d+)+(?: kB)?/g) ?? [];
    expect(figures(translation).sort()).toEqual(figures(original).sort());
  });
});
