import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";
import { type Block, blocksOf, DOCUMENTS, filesIn, ROOT, read } from "./documents.js";

const SOURCES = [...filesIn("src", ".ts"), ...filesIn("machines", ".ts")];
const blocks = [...DOCUMENTS, ...SOURCES].flatMap(blocksOf);
const examples = blocks
  .filter(({ info }) => /^tsx?$/.test(info))
  .map((block) => ({ ...block, name: nameOf(block) }));

/** The declarations in which Express's request is both Node's and that of express-session. */
const EXPRESS = "node_modules/@types/express-serve-static-core/index.d.ts";

function nameOf({ file, line }: Block): string {
  return `${file}:${line}`;
}

describe("code in the docs", () => {
  let problems: Map<string, string[]>;
  beforeAll(() => {
    problems = compile(examples);
  }, 240_000);

  test("is there, in the documents and in the docstrings", () => {
    expect(examples.some(({ file }) => file === "README.md")).toBe(true);
    expect(examples.some(({ file }) => file.startsWith("src/"))).toBe(true);
  });

  test("says what language it is, so that none is left out", () => {
    const known = ["ts", "tsx", "vue", "svelte", "sh", "mermaid"];
    expect(blocks.filter(({ info }) => !known.includes(info)).map(nameOf)).toEqual([]);
  });

  test.each(examples)("$name is compiled against the sources", ({ name }) => {
    expect(problems.get(name) ?? []).toEqual([]);
  });

  test("that adds to Node's request fits the declarations of Express, for readers without skipLibCheck", () => {
    expect(problems.get(EXPRESS)).toEqual([]);
  });
});

test.each(
  blocks
    .filter(({ info }) => /^(vue|svelte)$/.test(info))
    .map((block) => ({ ...block, name: nameOf(block) })),
)("$name is a recipe as it is, which the compiler of its framework checks", ({ info, code }) => {
  expect(filesIn(`docs/recipes/${info}`, `.${info}`).map(read)).toContain(code);
});

test("the docs show the storage contract as it is", () => {
  const shape = /interface StorageAdapter \{[\s\S]*?\n\}/;
  const shown = shape.exec(read("docs/storage-adapters.md"))?.[0];
  const real = shape
    .exec(read("src/credential/storage-adapter.ts"))?.[0]
    .replace(/ *\/\*\*[\s\S]*?\*\/\n/g, "");
  expect(shown).toBe(real);
});

/** The packages of others that are in a document alone, each in its folder of `test/ecosystem`. */
function packagesOfExamples(): Record<string, string[]> {
  const names = {
    "better-auth": "better-auth",
    "@auth/core": "auth-js",
    "iron-session": "iron-session",
    "@fastify/cookie": "fastify-session",
    "@fastify/session": "fastify-session",
    fastify: "fastify-session",
    "@nestjs/common": "nestjs",
    "@nestjs/platform-socket.io": "nestjs",
    "@nestjs/websockets": "nestjs",
    "@hono/node-server": "hono",
    hono: "hono",
    next: "next",
    "@auth0/auth0-spa-js": "auth-clients",
    "@azure/msal-browser": "auth-clients",
    "@clerk/clerk-js": "auth-clients",
    "@supabase/supabase-js": "auth-clients",
    "aws-amplify": "auth-clients",
    axios: "auth-clients",
    firebase: "auth-clients",
    "keycloak-js": "auth-clients",
    pinia: "stores",
    "pinia-plugin-persistedstate": "stores",
    redux: "stores",
    "redux-persist": "stores",
    zustand: "stores",
  };
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, folder]) => {
      const path = `./test/ecosystem/${folder}/node_modules/${name}`;
      return [
        [name, [path, `${path}/lib/keycloak.d.ts`]],
        [`${name}/*`, [`${path}/*`, `${path}/dist/*/index.d.mts`, `${path}/dist/integrations/*.d.mts`]],
      ];
    }),
  );
}

/** Checks each block as a module of its own, as strictly as the sources; the problems by block, with their lines. */
function compile(given: ReadonlyArray<Block & { name: string }>): Map<string, string[]> {
  const config = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  // As strict as a reader may be, less what is a matter of style: an example need not use all that it shows.
  const lenient = {
    ...options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    noPropertyAccessFromIndexSignature: false,
    // As projects of NestJS have it.
    experimentalDecorators: true,
    skipLibCheck: false,
    paths: { ...options.paths, ...packagesOfExamples() },
  };
  // Files that are not on disk, in a place from which packages are found as from the sources.
  const virtual = new Map(
    given.map((block) => [join(ROOT, `${block.name.replace(/\W/g, "_")}.${block.info}`), block]),
  );
  const textOf = (path: string): string | undefined => {
    const code = virtual.get(path)?.code;
    return code === undefined || /^(import|export)\b/m.test(code) ? code : `${code}export {};\n`;
  };
  const host = ts.createCompilerHost(lenient);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => virtual.has(path) || fileExists(path);
  host.readFile = (path) => textOf(path) ?? readFile(path);
  host.getSourceFile = (path, ...rest) => {
    const text = textOf(path);
    return text === undefined ? getSourceFile(path, ...rest) : ts.createSourceFile(path, text, rest[0]);
  };
  host.getCurrentDirectory = () => dirname(join(ROOT, "package.json"));
  const program = ts.createProgram([...virtual.keys()], lenient, host);
  const found = new Map<string, string[]>();
  for (const [path, { file, line, name }] of virtual) {
    const source = program.getSourceFile(path);
    for (const { start = 0, messageText } of ts.getPreEmitDiagnostics(program, source)) {
      const at = line + (source?.getLineAndCharacterOfPosition(start).line ?? 0);
      const problem = `${file}:${at} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
      found.set(name, [...(found.get(name) ?? []), problem]);
    }
  }
  const express = program.getSourceFile(realpathSync(join(ROOT, EXPRESS)));
  const clashes = program.getSemanticDiagnostics(express);
  found.set(
    EXPRESS,
    clashes.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
  );
  return found;
}
