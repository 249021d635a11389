import { execFileSync } from "node:child_process";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { ROOT, read, withoutBlocks } from "./documents.js";

/** What is packed. `dist` is missing where nothing was built; no document links to it. */
const [{ files }] = JSON.parse(
  execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: ROOT, encoding: "utf8" }),
) as [{ files: Array<{ path: string }> }];
const packed = new Set(files.map(({ path }) => path));
const folders = new Set([...packed].map((path) => dirname(path)));

/** What a file refers to by a relative path, by how the name of the file ends. */
const REFERENCES: readonly [RegExp, (path: string) => string[]][] = [
  [/\.md$/, (path) => all(withoutBlocks(path), /\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g)],
  [/\.html$/, (path) => all(read(path), /(?:src|href)="([^"#]+)"/g)],
  [/\.json$/, (path) => all(read(path), /"(\.[^"]*\/[^"]*|\.\.)"/g)],
  [
    /\.(tsx?|vue|svelte)$/,
    (path) => all(read(path), /(?:\bfrom|\bimport|\bimport\(|\bnew URL\(|\bat\()\s*["'`](\.[^"'`]*)["'`]/g),
  ],
];

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = ""]) => found);
}

/** Whether it is packed: as it is named, as a folder, or as the source of the module that is named. */
function isPacked(path: string): boolean {
  const sources = [".ts", ".tsx"].map((ending) => path.replace(/\.js$/, ending));
  return folders.has(path) || [path, ...sources].some((each) => packed.has(each));
}

const shipped = [...packed].filter((path) => !path.startsWith("dist/") && path !== "package.json");

test("the package has documents, recipes and the machine", () => {
  expect(shipped).toEqual(
    expect.arrayContaining(["README.md", "docs/recipes/vue/tsconfig.json", "machines/connection.machine.ts"]),
  );
});

test.each(shipped)("%s refers to nothing that the package lacks", (path) => {
  const references = REFERENCES.flatMap(([ending, of]) => (ending.test(path) ? of(path) : []));
  const lacking = references.filter(
    (link) => !/^(https?|data|mailto):/.test(link) && !isPacked(normalize(join(dirname(path), link))),
  );
  expect(lacking).toEqual([]);
});
