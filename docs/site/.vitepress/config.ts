import { readFileSync } from "node:fs";
import { defineConfig } from "vitepress";
import { glossaryTerms } from "../markdown/glossary-terms.js";
import { homePage } from "../markdown/home-page.js";
import { mermaidPictures } from "../markdown/mermaid-pictures.js";
import { pictures } from "../markdown/pictures.js";
import { anchorOf, siteLinks } from "../markdown/site-links.js";
import { NO_PAGES, pathInSite, ROOT, rootPath } from "../pages.js";
import { mapSidebar, referenceSidebar } from "../sidebar.js";

const { version } = JSON.parse(readFileSync(rootPath("package.json"), "utf8"));
const favicon = readFileSync(rootPath("docs/playground/page/favicon.svg"), "utf8");
const languageOf = (page: string): string => (page.includes(".zh-CN.") ? "zh-CN" : "en");

/** The site is made of the repository's own Markdown: a page has the same folder here and there. */
export default defineConfig({
  title: "socket-rotor",
  description:
    "A Socket.IO connection that always carries the right credential, through refresh, user switch and sign-out.",
  lang: "en",
  srcDir: ROOT,
  srcExclude: NO_PAGES,
  outDir: "./dist",
  cacheDir: "./.vitepress/cache",
  rewrites: pathInSite,
  head: [["link", { rel: "icon", href: `data:image/svg+xml,${encodeURIComponent(favicon)}` }]],
  markdown: {
    anchor: { slugify: anchorOf },
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config(md) {
      md.use(siteLinks).use(pictures).use(mermaidPictures).use(glossaryTerms).use(homePage);
    },
  },
  transformPageData(page) {
    if (page.relativePath === "index.md") page.frontmatter["layout"] = "home";
    // Code has long lines, and no headings.
    if (page.relativePath.startsWith("code/")) page.frontmatter["aside"] = false;
    // It has a heading for each state.
    if (page.relativePath === "docs/statechart.md") page.frontmatter["outline"] = 2;
  },
  transformHtml: (html, _file, { page }) =>
    html.replace(/<html lang="\w+"/, `<html lang="${languageOf(page)}"`),
  vite: {
    publicDir: false,
    resolve: {
      alias: [
        { find: /^socket-rotor$/, replacement: rootPath("src/index.ts") },
        { find: /^socket-rotor\/inspect$/, replacement: rootPath("src/inspect/index.ts") },
        { find: /^socket-rotor\/testing$/, replacement: rootPath("src/testing/index.ts") },
      ],
    },
  },
  themeConfig: {
    nav: [
      { text: "Quick start", link: "/docs/quick-start" },
      { text: "All pages", link: "/docs/" },
      { text: "Glossary", link: "/docs/glossary" },
      { text: "Reference", link: "/api/reference/", activeMatch: "/api/reference/" },
      { text: version, link: "/CHANGELOG" },
    ],
    sidebar: { "/api/reference/": referenceSidebar(), "/": mapSidebar() },
    outline: { level: [2, 3], label: "On this page" },
    search: { provider: "local" },
  },
});
