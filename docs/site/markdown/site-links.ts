import { existsSync } from "node:fs";
import type { MarkdownRenderer } from "vitepress";
import { documents, linkedFile, pathInSite, readRoot, rootPath } from "../pages.js";
import { inlineTokens, sourceOf } from "./tokens.js";

/** The anchor of a heading, as GitHub makes it: links in the documents are made for there. */
export const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");

/** The name of the page that shows a file of code. Its ending would be taken for that of a page. */
export const codeName = (path: string): string => path.replace(/\.(\w+)$/, "-$1");

/**
 * Documents link to files as they lie in the repository. Here the README of a folder is its index, and a file that is
 * no document has a page that shows its code.
 */
export function siteLinks(md: MarkdownRenderer): void {
  md.core.ruler.push("site links", (state) => {
    for (const token of inlineTokens(state.tokens)) {
      const href = token.type === "link_open" ? token.attrGet("href") : null;
      if (href === null) continue;
      const path = linkedFile(sourceOf(state.env), href);
      if (path === undefined) continue;
      if (path.endsWith(".md"))
        token.attrSet("href", pathInSite(href.replace(/#.*/, "")) + (/#.*/.exec(href)?.[0] ?? ""));
      else if (existsSync(rootPath(path))) token.attrSet("href", `/code/${codeName(path)}.html`);
    }
  });
}

/** The files of code that documents link to. */
export function linkedCode(): string[] {
  const found = new Set<string>();
  for (const document of documents()) {
    for (const [, href = ""] of readRoot(document).matchAll(/(?<!!\[[^\]]*)\]\(([^)]+)\)/g)) {
      const path = linkedFile(document, href);
      if (path !== undefined && /\.(ts|tsx|vue|svelte|html)$/.test(path)) found.add(path);
    }
  }
  return [...found].sort();
}
