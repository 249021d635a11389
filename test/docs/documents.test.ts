import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { memoryStorage } from "socket-rotor";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { ERROR_CODES } from "../../src/errors.js";
import { resolveOptions } from "../../src/options.js";
import { resolveSessionOptions } from "../../src/server/sessions/session-options.js";
import { resolveTokenOptions } from "../../src/server/tokens/token-options.js";
import { anchorsOf, blocksOf, DOCUMENTS, filesIn, ROOT, read, rowsOf, withoutBlocks } from "./documents.js";

const SERVER_PAGES = ["docs/server-tokens.md", "docs/server-sessions.md", "docs/operations.md"];

describe("links", () => {
  test.each(DOCUMENTS)("of %s lead somewhere", (document) => {
    const links = [...withoutBlocks(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
    const broken = links.filter((link) => {
      if (/^https?:/.test(link)) return false;
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? document : normalize(join(dirname(document), path));
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchorsOf(target).has(anchor);
    });
    expect(broken).toEqual([]);
  });
});

test("docs/README.md, the map, has every page", () => {
  const pages = DOCUMENTS.filter((path) => dirname(path) === "docs" && path !== "docs/README.md");
  const map = read("docs/README.md");
  expect(pages.filter((path) => !map.includes(`](${path.slice("docs/".length)})`))).toEqual([]);
});

test.each(DOCUMENTS)("%s names test files that there are", (document) => {
  const named = [...withoutBlocks(document).matchAll(/`(test\/[^`\s]+)`/g)].map(([, path = ""]) => path);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

describe("README", () => {
  test("has fewer than 200 lines", () => {
    expect(read("README.md").trimEnd().split("\n").length).toBeLessThan(200);
  });

  test("has the two commands, each in a block of its own", () => {
    const commands = blocksOf("README.md").map(({ info, code }) => [info, code]);
    expect(commands).toContainEqual(["sh", "npm ci && npm start\n"]);
    expect(commands).toContainEqual(["sh", "npm ci && npm test\n"]);
  });

  test("installs the package with its peers", () => {
    const { name, peerDependencies, peerDependenciesMeta } = JSON.parse(read("package.json")) as {
      name: string;
      peerDependencies: Record<string, string>;
      peerDependenciesMeta: Record<string, { optional?: boolean }>;
    };
    const needed = Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional);
    const line = /^npm install (.+)$/m.exec(read("README.md"))?.[1];
    expect(line?.split(" ").sort()).toEqual([name, ...needed].sort());
  });
});

test("README says what the size check allows an application", () => {
  const [application] = JSON.parse(read(".size-limit.json")) as Array<{ limit: string }>;
  expect(read("README.md")).toContain(`| nothing | nothing | ${application?.limit} `);
});

test("README speaks of the versions in package.json", () => {
  const { engines, devDependencies } = JSON.parse(read("package.json")) as {
    engines: { node: string };
    devDependencies: Record<string, string>;
  };
  expect(devDependencies["socket.io"]).toBe(devDependencies["socket.io-client"]);
  expect(read("README.md")).toContain(`Socket.IO ${devDependencies["socket.io"]} on both sides`);
  expect(read("README.md")).toContain(`Node ${engines.node.replace(">=", "")} or newer`);
});

describe("F54 a set-up in the documents", () => {
  const call = /\b(?:authenticateToken|shareSession)(?:<[^(]*>)?\(io, [^)]/;
  const blocks = [...DOCUMENTS, ...filesIn("src/server", ".ts")]
    .flatMap(blocksOf)
    .map(({ file, line, code }) => ({ name: `${file}:${line}`, code }));
  const programs = ["docs/recipes", "docs/playground"]
    .flatMap((folder) => filesIn(folder, ".ts"))
    .map((name) => ({ name, code: read(name) }));
  const setUps = [...blocks, ...programs].filter(({ code }) => call.test(code));

  test("is there for tokens and for sessions, in each document that has one", () => {
    const files = new Set(setUps.map(({ name }) => name.split(":")[0]));
    expect([...files].sort()).toEqual([
      "README.md",
      "README.zh-CN.md",
      "docs/frameworks.md",
      "docs/operations.md",
      "docs/playground/server/nodes.ts",
      "docs/recipes/another-origin/server.ts",
      "docs/recipes/before-and-after.md",
      "docs/scale.md",
      "docs/server-sessions.md",
      "docs/server-tokens.md",
      "docs/session-sources.md",
      "src/server/sessions/share-session.ts",
      "src/server/tokens/authenticate-token.ts",
    ]);
  });

  test.each(setUps)("has an identityKey, which is no literal: $name", ({ code }) => {
    const given = code.match(/\bidentityKey\b/g) ?? [];
    expect(given.length).toBeGreaterThanOrEqual(code.match(new RegExp(call, "g"))?.length ?? 1);
    expect(code).not.toMatch(/identityKey: *["'`]/);
  });
});

describe("docs/options.md", () => {
  const rows = rowsOf("docs/options.md");
  const defaults: Record<string, unknown> = { ...resolveOptions(required()) };
  const numbers = Object.keys(defaults).filter((name) => typeof defaults[name] === "number");

  test("has every option, and no other", () => {
    expect([...rows.keys()].sort()).toEqual(membersOf("src/options.ts", "ConnectionOptions").sort());
  });

  test.each(numbers)("gives the default and the bound of %s", (name) => {
    const [byDefault = "", least = ""] = rows.get(name) ?? [];
    expect(Number(byDefault.replaceAll(",", ""))).toBe(defaults[name]);
    expect(() => resolveOptions({ ...required(), [name]: Number(least) })).not.toThrow();
    expect(() => resolveOptions({ ...required(), [name]: Number(least) - 1 })).toThrow(name);
  });
});

describe("the pages of the server", () => {
  const rows = new Map(SERVER_PAGES.flatMap((page) => [...rowsOf(page)]));
  const verify = async () => ({ subject: "alice" });
  const numbersOf = (options: object) =>
    Object.entries(options).filter(([, value]) => typeof value === "number");
  const cases = [
    ...numbersOf(resolveTokenOptions({ verify })).map(([name, value]) => {
      return { name, value, resolve: (given: object) => resolveTokenOptions({ verify, ...given }) };
    }),
    ...numbersOf(resolveSessionOptions({})).map(([name, value]) => {
      return { name, value, resolve: (given: object) => resolveSessionOptions(given) };
    }),
  ];

  test("has every option of authenticateToken, joseVerifier and shareSession, and every problem that is looked for", () => {
    const names = [
      ...membersOf("src/server/sessions/session-options.ts", "SourceOptions"),
      ...membersOf("src/server/sessions/session-options.ts", "SessionOptions"),
      ...membersOf("src/server/tokens/token-options.ts", "TokenOptions"),
      ...membersOf("src/server/tokens/jose-options.ts", "JoseOptions"),
      ...literalsOf("src/server/setup-problem.ts", "SetupProblemCode"),
    ];
    const tables = SERVER_PAGES.flatMap((page) => [...read(page).matchAll(/^\| (.+?) \|/gm)])
      .map(([, cell = ""]) => cell)
      .join(" ");
    expect(names.filter((name) => !tables.includes(`\`${name}\``))).toEqual([]);
  });

  test.each(cases)("gives the default and the bound of $name", ({ name, value, resolve }) => {
    const [byDefault = "", least = ""] = rows.get(name) ?? [];
    expect(Number(byDefault.replaceAll(",", ""))).toBe(value);
    expect(() => resolve({ [name]: Number(least) })).not.toThrow();
    expect(() => resolve({ [name]: Number(least) - 1 })).toThrow(name);
  });
});

test("docs/session-sources.md has every member of a session source, and of what it finds", () => {
  const page = read("docs/session-sources.md");
  const members = ["SessionSource", "FoundSession"].flatMap((name) =>
    membersOf("src/server/sessions/session-source.ts", name),
  );
  expect(members).toContain("isAlive");
  expect(members.filter((name) => !new RegExp(`\`${name}\\b`).test(page))).toEqual([]);
});

describe("docs/glossary.md", () => {
  const sources = ["src", "machines"].flatMap((folder) => filesIn(folder, ".ts"));
  const code = sources.map(read).join("\n");
  const cells = [...read("docs/glossary.md").matchAll(/^\| (?!term |---)([^|]+) \| [^|]+ \| ([^|]*)\|/gm)];
  const names = cells.flatMap(([, term, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => ({ term, name })),
  );

  test("has at least twenty terms, each once", () => {
    const terms = cells.map(([, term]) => term);
    expect(terms.length).toBeGreaterThanOrEqual(20);
    expect(new Set(terms).size).toBe(terms.length);
  });

  test.each(names)("$term is in the code as $name", ({ name }) => {
    const isPath = /[/.]/.test(name) && !name.includes(".data.") && !name.startsWith("io.");
    if (isPath) expect(sources.some((path) => path.includes(name))).toBe(true);
    else expect(code).toContain(name.replace("()", ""));
  });
});

describe("docs/errors.md", () => {
  test("has every code, and no other", () => {
    const codes = [...rowsOf("docs/errors.md").keys()].filter((name) => name.startsWith("ERR_"));
    expect(codes.sort()).toEqual([...ERROR_CODES].sort());
  });

  test("no document speaks of a code that there is not", () => {
    const codes = new Set<string>(ERROR_CODES);
    const spoken = DOCUMENTS.flatMap((document) =>
      [...read(document).matchAll(/\bERR_[A-Z_]+\b/g)].map(([code]) => code),
    );
    expect(spoken.filter((code) => !codes.has(code))).toEqual([]);
  });
});

function required(): { url: string; storage: ReturnType<typeof memoryStorage> } {
  return { url: "https://api.example.com", storage: memoryStorage() };
}

function declarationsOf(file: string): readonly ts.Statement[] {
  return ts.createSourceFile(file, read(file), ts.ScriptTarget.ES2022).statements as readonly ts.Statement[];
}

/** The names of an interface's members. */
function membersOf(file: string, name: string): string[] {
  const found = declarationsOf(file)
    .filter(ts.isInterfaceDeclaration)
    .find((each) => each.name.text === name);
  return (found?.members ?? []).flatMap((member) =>
    member.name !== undefined && ts.isIdentifier(member.name) ? [member.name.text] : [],
  );
}

/** The strings of which a type is the union. */
function literalsOf(file: string, name: string): string[] {
  const found = declarationsOf(file)
    .filter(ts.isTypeAliasDeclaration)
    .find((each) => each.name.text === name);
  if (found === undefined || !ts.isUnionTypeNode(found.type)) return [];
  return found.type.types.flatMap((type) =>
    ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [type.literal.text] : [],
  );
}
