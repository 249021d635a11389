import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository, without a slash at its end. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/** A file of the repository, by its path from the root. */
export const rootPath = (path: string): string => join(ROOT, path);
export const readRoot = (path: string): string => readFileSync(rootPath(path), "utf8");

/** Markdown that is no page of the site. Paths from the root, as VitePress takes them. */
export const NO_PAGES = [
  "**/node_modules/**",
  ".*/**",
  "{coverage,dist,scripts,src,machines,test}/**",
  "api/*.md",
  "CONTRIBUTING.md",
  "docs/playground/**",
  "docs/site/!(code)/**",
];

/** The documents, by their paths from the root. The reference of `npm run docs:api` is not among them. */
export const documents = (): string[] =>
  ["", "docs/", "docs/recipes/"]
    .flatMap((folder) => readdirSync(rootPath(folder)).map((name) => folder + name))
    .filter((path) => path.endsWith(".md") && path !== "CONTRIBUTING.md");

/** Where a page is in the site: as in the repository, but that the README of a folder is its index. */
export const pathInSite = (path: string): string =>
  path.startsWith("docs/site/")
    ? path.slice("docs/site/".length)
    : path.replace(/(^|\/)README\.md$/, "$1index.md");

/** A relative link of a document, as a path from the root of the repository; `undefined` for what leads elsewhere. */
export function linkedFile(document: string, href: string): string | undefined {
  const [path = ""] = href.split("#");
  if (path === "" || /^([a-z]+:|\/)/.test(path)) return undefined;
  return posix.join(posix.dirname(document), decodeURI(path));
}
