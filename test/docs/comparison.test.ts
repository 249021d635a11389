import { describe, expect, test } from "vitest";
import { read, rowsOf } from "./documents.js";

const PAGE = "docs/comparison.md";
const page = read(PAGE);
const NOT_VERIFIED = "not verified";
const OURS = "socket-rotor";

/** The cells of each table row in a text, without the header and the line below it. */
function cellsOf(text: string): string[][] {
  const rows = text.split("\n").filter((line) => line.startsWith("| ") || line.startsWith("|-"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The text below each second heading, the first one being what is above all of them. */
const [introduction = "", ...chapters] = page.split(/^## /m);
const sections = new Map(
  chapters.map((chapter) => {
    const [heading = "", ...lines] = chapter.split("\n");
    return [heading, lines.join("\n")];
  }),
);
const section = (heading: string) => cellsOf(sections.get(heading) ?? "");

const everybody = (/^\| \|(.*)\|$/m.exec(introduction)?.[1] ?? "").split("|").map((name) => name.trim());
const overview = cellsOf(introduction).map(([link = "", ...verdicts]) => ({
  topic: /^\[(.+)\]/.exec(link)?.[1] ?? link,
  verdicts,
}));
const better = section("Where others are better").map(([what = "", , sources = ""]) => ({ what, sources }));
const cells = overview.flatMap(({ topic }) =>
  section(topic).map(([who = "", verdict = "", how = "", sources = ""]) => {
    return { topic, who, verdict, how, sources };
  }),
);

const packages = rowsOf(PAGE);
const addresses = new Map(
  [...page.matchAll(/^\[(.+?)\]: (\S+)$/gm)].map(([, name = "", url = ""]) => [name, url]),
);

/** Whether it is a file of a package that the page lists, or a page with an address. */
function isSource(source: string): boolean {
  const [, name = ""] = /^`([^:`]+): [^`\s]+\.[a-z]+`$/.exec(source) ?? [];
  return packages.has(name) || addresses.has(/^\[(.+)\]$/.exec(source)?.[1] ?? "");
}

test("there are eight others on eleven topics", () => {
  expect(everybody).toHaveLength(9);
  expect(everybody[0]).toBe(OURS);
  expect(overview).toHaveLength(11);
});

describe.each(overview)("$topic", ({ topic, verdicts }) => {
  test("says of everybody what the overview says", () => {
    const here = cells.filter((cell) => cell.topic === topic);
    expect(here).toHaveLength(everybody.length);
    expect(new Map(here.map(({ who, verdict }) => [who, verdict]))).toEqual(
      new Map(everybody.map((who, index) => [who, verdicts[index]])),
    );
    expect(here.filter(({ how }) => how === "")).toEqual([]);
    const words = ["yes", "partly", "no", NOT_VERIFIED];
    expect(verdicts.filter((verdict) => !words.includes(verdict))).toEqual([]);
  });
});

test("each cell about others has a source that can be looked up, or says that it is not verified", () => {
  const theirs = [
    ...cells.filter(({ who }) => who !== OURS),
    ...better.map((row) => ({ ...row, verdict: "" })),
  ];
  expect(better.length).toBeGreaterThan(0);
  expect(
    theirs.filter(({ verdict, sources }) => {
      const given = sources.split("; ");
      const isOpen = given.at(-1) === NOT_VERIFIED;
      return isOpen !== (verdict === NOT_VERIFIED) || !(isOpen ? given.slice(0, -1) : given).every(isSource);
    }),
  ).toEqual([]);
});

test("each cell about this library names tests, and nothing else", () => {
  const ours = cells.filter(({ who }) => who === OURS);
  expect(ours).toHaveLength(overview.length);
  expect(
    ours.filter(({ sources }) => !sources.split("; ").every((each) => /^`test\/\S+\.test\.ts`$/.test(each))),
  ).toEqual([]);
});

test("no package and no address is there that no cell names", () => {
  const named = [...cells, ...better].map(({ sources }) => sources).join("; ");
  expect([...packages.keys()].filter((name) => !named.includes(`\`${name}: `))).toEqual([]);
  expect([...addresses.keys()].filter((name) => !named.includes(`[${name}]`))).toEqual([]);
  expect([...addresses.values()].filter((url) => !url.startsWith("https://"))).toEqual([]);
});

test("versions are in the list of packages, and nowhere else", () => {
  for (const [version = ""] of packages.values()) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  const elsewhere = page.replace(sections.get("Packages")?.split("\n\n[")[0] ?? "", "");
  expect(elsewhere.match(/\b\d+\.\d+\.\d+\b/g)).toBeNull();
});
