import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A file by its path from the root. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The documents, by their paths from the root. */
export const DOCUMENTS: readonly string[] = [
  ...readdirSync(ROOT).filter((name) => name.endsWith(".md")),
  ...filesIn("docs", ".md"),
];

/** The files under a folder that end so, by their paths from the root, without those of installed packages. */
export function filesIn(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes("node_modules"))
    .sort();
}

/** A block of code in a document or a docstring. */
export interface Block {
  file: string;
  /** The line of its first line of code. */
  line: number;
  /** What follows the three backticks. */
  info: string;
  code: string;
}

/** The fenced blocks of a file; in sources those in comments, whose lines begin with a star. */
export function blocksOf(file: string): Block[] {
  const isSource = file.endsWith(".ts");
  const blocks: Block[] = [];
  let block: Block | undefined;
  for (const [index, whole] of read(file).split("\n").entries()) {
    const line = isSource ? (/^\s*\* ?(.*)$/.exec(whole)?.[1] ?? "") : whole;
    const info = /^```(.*)$/.exec(line)?.[1];
    if (block === undefined && info !== undefined) block = { file, line: index + 2, info, code: "" };
    else if (block !== undefined && info !== undefined) {
      blocks.push(block);
      block = undefined;
    } else if (block !== undefined) block.code += `${line}\n`;
  }
  if (block !== undefined) throw new Error(`${file}: the block at line ${block.line} has no end`);
  return blocks;
}

/** The names that links can point to in a document, as GitHub makes them of its headings. */
export function anchorsOf(document: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutBlocks(document).matchAll(/^#+ (.+)$/gm)) {
    const name = heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-");
    let unique = name;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${name}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

/** A document without its blocks of code. */
export function withoutBlocks(document: string): string {
  return read(document).replace(/^```[\s\S]*?^```$/gm, "");
}

/** The first cells of a document's tables that name a thing in code, with the cells that follow. */
export function rowsOf(document: string): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const [, name = "", rest = ""] of read(document).matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)) {
    rows.set(
      name,
      rest.split(/(?<!\\)\|/).map((cell) => cell.trim()),
    );
  }
  return rows;
}
