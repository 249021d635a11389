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
  [/\.md$/, linksOf],
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

/** Where a document's links lead: inline, by reference, as HTML, and as a bare address. */
function linksOf(path: string): string[] {
  const text = withoutBlocks(path).replace(/`[^`\n]*`/g, "");
  return [
    ...all(text, /\]\(<?([^)\s#>]+)[^)]*\)/g),
    ...all(text, /^\[[^\]]+\]:\s*<?([^\s#>]+)/gm),
    ...all(text, /\b(?:href|src)=["']([^"'#]+)/g),
    ...all(text, /<([a-z]+:[^\s>]+)>/g),
    ...all(text, /(?<![(<"'\w])(https?:\/\/[^\s)>"']+)/g),
  ];
}

/** Whether anybody can open it: a page by `https:` whose host is neither reserved for examples nor in a private network. */
function isPublic(link: string): boolean {
  const { protocol, hostname } = new URL(link);
  const isReserved =
    /(^|\.)(localhost|local|internal|lan|home|corp|test|example|invalid|example\.(com|org|net))$/;
  return protocol === "https:" && /\.[a-z]{2,}$/.test(hostname) && !isReserved.test(hostname);
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

test.each(shipped.filter((path) => path.endsWith(".md")))(
  "%s leads outside of the package to public pages alone",
  (path) => {
    const outside = linksOf(path).filter((link) => /^[a-z][a-z+.-]*:/i.test(link));
    expect(outside.filter((link) => !isPublic(link))).toEqual([]);
  },
);

test.each([
  ["https://www.rfc-editor.org/rfc/rfc6750", true],
  ["http://www.rfc-editor.org/rfc/rfc6750", false],
  ["https://localhost:3000/", false],
  ["https://10.0.0.1/", false],
  ["https://wiki.corp/rotation", false],
  ["https://api.example.com/", false],
  ["file:///home/somebody/README.md", false],
  ["mailto:somebody@example.org", false],
])("%s is public: %s", (link, expected) => {
  expect(isPublic(link)).toBe(expected);
});

test.each(shipped)("%s refers to nothing that the package lacks", (path) => {
  const references = REFERENCES.flatMap(([ending, of]) => (ending.test(path) ? of(path) : []));
  const lacking = references.filter(
    (link) => !/^(https?|data|mailto):/.test(link) && !isPacked(normalize(join(dirname(path), link))),
  );
  expect(lacking).toEqual([]);
});
