import { readFileSync } from "node:fs";
import { join, posix } from "node:path";

interface Html {
  ids: Set<string>;
  hrefs: string[];
}

/** The links of a built site that lead to no page, or to no place in it, with the page that has them. */
export function brokenLinks(folder: string, paths: readonly string[]): string[] {
  const pages = new Map(paths.map((path) => [path, read(join(folder, path))]));
  return paths.flatMap((path) =>
    (pages.get(path)?.hrefs ?? [])
      .filter((href) => !/^([a-z]+:|\/assets\/)/.test(href))
      .filter((href) => {
        const { pathname, hash } = new URL(href, `http://site/${path}`);
        const file = decodeURI(pathname)
          .slice(1)
          .replace(/(^|\/)$/, "$1index.html");
        const target = pages.get(posix.normalize(file));
        return target === undefined || (hash !== "" && !target.ids.has(decodeURIComponent(hash.slice(1))));
      })
      .map((href) => `${path}: ${href}`),
  );
}

/** What a page loads from other hosts. A link that is followed by the reader alone is none. */
export const foreignLoads = (folder: string, paths: readonly string[]): string[] =>
  paths.flatMap((path) =>
    [...readFileSync(join(folder, path), "utf8").matchAll(/<(?:link|script|img|source|iframe)\b[^>]*/g)]
      .filter(([tag]) => /(?:href|src)="(?:https?:)?\/\//.test(tag))
      .map(([tag]) => `${path}: ${tag}`),
  );

function read(file: string): Html {
  const html = readFileSync(file, "utf8");
  const all = (pattern: RegExp): string[] => [...html.matchAll(pattern)].map(([, value = ""]) => value);
  return {
    ids: new Set(all(/\sid="([^"]*)"/g)),
    hrefs: all(/<a\b[^>]*?\shref="([^"]*)"/g).map((href) => href.replaceAll("&amp;", "&")),
  };
}
