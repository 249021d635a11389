import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readGlossary } from "../../../docs/site/markdown/glossary.js";
import { read } from "../../docs/documents.js";
import { faintIn } from "../../support/contrast.js";
import { testPlayground } from "./playground-tests.js";
import { siteHarness } from "./site-harness.js";
import { brokenLinks, foreignLoads } from "./site-links.js";

const site = siteHarness();
const NARROW = { width: 390, height: 844 };
/** What is read most, and the ones with the widest contents. */
const MAIN_PAGES = [
  "",
  "docs/",
  "docs/quick-start.html",
  "docs/rotation.html",
  "docs/comparison.html",
  "docs/statechart.html",
  "docs/glossary.html",
  "docs/options.html",
  "code/docs/recipes/react/app-tsx.html",
  "api/reference/index/functions/createConnection.html",
];

test("every link leads to a page of the site and to a place in it, and nothing is loaded from elsewhere", () => {
  const paths = site.paths();
  for (const page of ["index", "docs/index", "docs/rotation", "docs/recipes/index", "api/reference/index"])
    expect(paths).toContain(`${page}.html`);
  expect(brokenLinks(site.folder, paths)).toEqual([]);
  expect(foreignLoads(site.folder, paths)).toEqual([]);
});

test("the pages beside the text are those of the map, in its order", async () => {
  const { page } = await site.visit("docs/rotation.html");
  const links = await page
    .locator(".VPSidebar a")
    .evaluateAll((all) => all.map((each) => each.getAttribute("href")));
  const mapped = [...read("docs/README.md").matchAll(/\]\(([^)]+)\.md\)/g)].map(([, name = ""]) => name);
  const expected = mapped
    .filter((name) => !name.endsWith(".zh-CN"))
    .map((name) => `/docs/${name.replace("README", "")}${name.endsWith("README") ? "" : ".html"}`);
  expect(links.filter((href) => href?.startsWith("/docs/"))).toEqual(expected);
});

test("at 390 px no page of the documents says an error, asks for what is not there, or has to be scrolled sideways", async () => {
  const { page, console, requests } = await site.visit("", { viewport: NARROW });
  const wide: string[] = [];
  for (const [index, path] of site.paths().entries()) {
    // It says of itself that it is not there.
    if (path === "404.html") continue;
    // Pages that a program makes are alike: one in ten of them is enough.
    if (/^(api|code)\//.test(path) && index % 10 > 0) continue;
    await page.goto(`${site.url}/${path}`);
    const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    if (isWide) wide.push(path);
  }
  expect(wide).toEqual([]);
  expect(console.errors).toEqual([]);
  expect(requests).toEqual([]);
}, 900_000);

test("search finds a term, and leads to it by keyboard alone", async () => {
  const { page, console } = await site.visit("docs/");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("barrier");
  const first = page.locator(".VPLocalSearchBox .result").first();
  await expect.poll(() => first.innerText()).toMatch(/ways|Rotation|Glossary|wait/);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/docs\/.+\.html/);
  expect(await page.locator("main").innerText()).toMatch(/barrier/i);
  expect(console.errors).toEqual([]);
});

test("a term is explained where it stands first, by keyboard and by pointer, in the words of the glossary", async () => {
  const { page } = await site.visit("docs/rotation.html");
  const terms = await page.locator("main .glossary-term > button").allInnerTexts();
  expect(new Set(terms.map((term) => term.toLowerCase())).size).toBe(terms.length);
  expect(terms.length).toBeGreaterThan(3);
  const button = page.locator("main .glossary-term > button").first();
  const word = (await button.innerText()).toLowerCase().replace(/s$/, "");
  const meaning = readGlossary().find(({ words }) => words.includes(word))?.meaning ?? "none";
  const box = page.locator(".meaning");
  await button.focus();
  await expect.poll(() => box.innerText()).toContain(meaning);
  await page.keyboard.press("Escape");
  await expect.poll(() => box.count()).toBe(0);
  await button.hover();
  await expect.poll(() => box.count()).toBe(1);
  await box.getByRole("link").click();
  await page.waitForURL(/glossary\.html#term-/);
  expect(
    await page
      .locator(`tr${new URL(page.url()).hash} td`)
      .first()
      .innerText(),
  ).toContain(word);
});

test.each(["light", "dark"] as const)(
  "in %s, every text can be read on what is behind it",
  async (colorScheme) => {
    const { page } = await site.visit("", { colorScheme, reducedMotion: "reduce" });
    for (const path of MAIN_PAGES) {
      await page.goto(`${site.url}/${path}`);
      expect(await page.evaluate(() => document.documentElement.classList.contains("dark"))).toBe(
        colorScheme === "dark",
      );
      expect(await faintIn(page), path).toEqual([]);
    }
  },
);

test("the theme is chosen by a switch, and pictures follow it", async () => {
  const { page } = await site.visit("docs/statechart.html", { colorScheme: "light" });
  const box = page.locator(".statechart .state.leaf > rect").first();
  const colour = (): Promise<string> => box.evaluate((rect) => getComputedStyle(rect).fill);
  const before = await colour();
  await page.locator(".VPNavBar .VPSwitchAppearance").click();
  await expect.poll(colour).not.toBe(before);
});

test("everything that can be used has a name and is reached by Tab, the text first of all", async () => {
  const { page } = await site.visit("");
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/Skip to content/);
  const reached: string[] = [];
  for (let press = 0; press < 40; press += 1) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(() => document.activeElement?.textContent?.trim() ?? ""));
  }
  for (const name of ["Quick start", "Sign in as Ada", "Cut the network", "Send a note", "The whole chart"])
    expect(reached).toContain(name);
});

test("a page in Chinese says so, and the others are in English", () => {
  expect(site.paths()).toContain("README.zh-CN.html");
  const languageOf = (page: string) =>
    /<html lang="([^"]*)"/.exec(readFileSync(join(site.folder, page), "utf8"))?.[1];
  expect(languageOf("README.zh-CN.html")).toBe("zh-CN");
  expect(languageOf("index.html")).toBe("en");
});

testPlayground(site);
