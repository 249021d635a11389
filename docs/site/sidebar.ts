import { existsSync, readdirSync } from "node:fs";
import type { DefaultTheme } from "vitepress";
import { linkedFile, pathInSite, readRoot, rootPath } from "./pages.js";

type Item = DefaultTheme.SidebarItem;

const MAP = "docs/README.md";

const linkTo = (path: string): string => `/${pathInSite(path).replace(/(index)?\.md$/, "")}`;

/** The order of the pages is that of the map: a group for each heading, an entry for each link before a colon. */
export function mapSidebar(): Item[] {
  const [, ...sections] = readRoot(MAP).split(/^## /m);
  const groups = sections.map((section): Item => {
    const [title = "", ...lines] = section.split("\n");
    const heads = lines.filter((line) => line.startsWith("- ")).map((line) => line.split(": ")[0] ?? "");
    return { text: title, items: heads.flatMap((head) => linksIn(MAP, head)) };
  });
  return [...groups, { text: "More", items: [...REFERENCE, { text: "Changelog", link: "/CHANGELOG" }] }];
}

const REFERENCE: Item[] = [{ text: "API reference", link: "/api/reference/" }];

function linksIn(document: string, text: string): Item[] {
  return [...text.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].flatMap(([, name = "", href = ""]) => {
    const path = linkedFile(document, href);
    return path === undefined ? [] : [{ text: name, link: linkTo(path) }];
  });
}

const FOLDER = "api/reference";

/** What `npm run docs:api` has written: an entry of the package, the kinds of its exports, their names. */
export function referenceSidebar(): Item[] {
  if (!existsSync(rootPath(FOLDER))) return [];
  const entries = foldersIn(FOLDER).map((entry): Item => {
    const folder = `${FOLDER}/${entry}`;
    const kinds = foldersIn(folder).map((kind) => ({
      text: kind.replaceAll("-", " ").replace(/^./, (first) => first.toUpperCase()),
      collapsed: true,
      items: readdirSync(rootPath(`${folder}/${kind}`)).map((name) => ({
        text: name.replace(/\.md$/, ""),
        link: linkTo(`${folder}/${kind}/${name}`),
      })),
    }));
    const text = entry === "index" ? "socket-rotor" : `socket-rotor/${entry}`;
    return { text, link: linkTo(`${folder}/README.md`), items: kinds, collapsed: entry !== "index" };
  });
  return [{ text: "All pages", link: "/docs/" }, ...entries];
}

const foldersIn = (path: string): string[] =>
  readdirSync(rootPath(path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
