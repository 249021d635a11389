import { readRoot } from "../pages.js";

/** A row of docs/glossary.md. */
export interface GlossaryTerm {
  /** Its anchor. */
  id: string;
  /** The words that stand for it. */
  words: string[];
  /** What it means, without markup. */
  meaning: string;
}

/** Reads the tables of the glossary: a row for each term, with its meaning in the second cell. */
export function readGlossary(): GlossaryTerm[] {
  const rows = readRoot("docs/glossary.md")
    .split("\n")
    .filter((line) => /^\| (?!term \|)/.test(line));
  return rows.map((row) => {
    const [names = "", meaning = ""] = row.slice("| ".length).split(" | ");
    const words = plain(names).split(", ");
    return { id: `term-${(words[0] ?? "").replaceAll(" ", "-")}`, words, meaning: plain(meaning) };
  });
}

const plain = (markdown: string): string => markdown.replaceAll(/[*`]/g, "");
