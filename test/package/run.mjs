// @ts-check
// Packs the package and uses it as applications do: from the tarball, unpacked into a temporary folder outside this
// repository, beside nothing but its declared dependencies and peers. Those are linked from our node_modules, so this
// needs no network. One line a check; `npm run build` comes first.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, Script } from "node:vm";
// @ts-expect-error: jsdom ships no types, and this is the one place that imports it
import { JSDOM } from "jsdom";
import ts from "typescript";
import { build } from "vite";
import * as xstate from "xstate";
import { folder, installPackage, link, root, run, runChecks } from "./folder.mjs";

const installed = join(folder, "node_modules", "socket-rotor");

/** Optional peers, which the checks that need them link. */
const LATER = new Set(["jose", "react", "solid-js", "svelte", "vue"]);

/** @param {"Node16" | "NodeNext" | "bundler"} moduleResolution @param {string[]} files */
function compile(moduleResolution, files) {
  const module = moduleResolution === "bundler" ? "ESNext" : moduleResolution;
  const lib = ["ES2022", "DOM"];
  const checked = { strict: true, skipLibCheck: false, noEmit: true };
  const compilerOptions = { target: "ES2022", lib, types: [], module, moduleResolution, ...checked };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder]);
}

/** @type {[name: string, check: () => unknown][]} */
const checks = [
  [
    "tarball: dist, machines, docs, README, LICENSE, CHANGELOG, SECURITY and package.json, nothing else",
    pack,
  ],
  ["tarball: what its documents link to is in it", followLinks],
  ["ESM: import of each entry, without a DOM, and without jose", () => run(process.execPath, ["esm.mjs"])],
  ["CJS: require of each entry, without a DOM, and without jose", () => run(process.execPath, ["cjs.cjs"])],
  ["importing has no effect", () => run(process.execPath, ["no-effects.mjs"])],
  ["browser: Vite production bundle runs in a window, and has the build without words", bundle],
  ["browser: a bundle for development has the build with every word", bundleForDevelopment],
  ["Node has every word; errors, actors and the machine pass from one build to another", twoBuilds],
  ["the machine file of the tarball runs alone, with nothing to import but xstate", runMachineFile],
  ["ESM and CJS: joseVerifier, with jose and without", verifyWithJose],
  ["testing kit: in node:test", () => run(process.execPath, ["--test", "kit.node.test.mjs"])],
  ["testing kit: in Jest", runJest],
  ["testing kit: in Vitest", runVitest],
  ["types: nodenext, from ESM and from CJS", () => compile("NodeNext", ["types.mts", "types.cts"])],
  ["types: bundler", () => compile("bundler", ["types.mts"])],
  ["bindings: import of each, with its framework alone", importBindings],
  ["bindings: types, node16 and nodenext, from ESM and from CJS, and bundler", checkBindings],
  ["recipes: those for Vue and Svelte are checked as they are, in a folder of their own", checkRecipes],
];

function pack() {
  const paths = installPackage();
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(installed, "package.json"), "utf8"),
  );
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
    if (!LATER.has(name)) link(name);
  }

  const single = ["CHANGELOG.md", "LICENSE", "README.md", "README.zh-CN.md", "SECURITY.md", "package.json"];
  const missing = [...single, "dist/index.js", "machines/connection.machine.ts"].filter(
    (path) => !paths.includes(path),
  );
  const wanted = /^(dist|machines|docs\/recipes)\/|^docs\/[^/]+\.(md|svg)$/;
  const extra = paths.filter((path) => !single.includes(path) && !wanted.test(path));
  if (missing.length + extra.length > 0) throw new Error(`missing: ${missing}; not wanted: ${extra}`);
}

function followLinks() {
  const documents = readdirSync(installed, { encoding: "utf8", recursive: true }).filter((path) =>
    path.endsWith(".md"),
  );
  const targets = documents.flatMap((path) =>
    [...readFileSync(join(installed, path), "utf8").matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(
      ([, link = ""]) => normalize(join(dirname(path), link)),
    ),
  );
  if (targets.length < 20) throw new Error(`only ${targets.length} links were found`);
  const broken = targets.filter((path) => !existsSync(join(installed, path)));
  if (broken.length > 0) throw new Error(`not in the package: ${[...new Set(broken)]}`);
}

/** jose is an optional peer, and is not there until now. */
function verifyWithJose() {
  const files = ["jose.mjs", "jose.cjs"];
  for (const file of files) run(process.execPath, [file, "temporarily_unavailable"]);
  link("jose");
  for (const file of files) run(process.execPath, [file, "alice"]);
}

/** The test runners come from our node_modules, the package from the tarball. */
function runJest() {
  const config = { rootDir: folder, testEnvironment: "node", testMatch: ["<rootDir>/kit.jest.test.cjs"] };
  const jest = fileURLToPath(import.meta.resolve("jest/bin/jest"));
  run(process.execPath, [jest, "--watchman=false", "--config", JSON.stringify(config)]);
}

function runVitest() {
  link("vitest");
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  run(process.execPath, [vitest, "run", "--root", folder, "kit.vitest.test.mjs"]);
}

/** As it stands in the package, its types stripped: what an editor makes of it when it is pasted. */
function runMachineFile() {
  const source = readFileSync(join(installed, "machines/connection.machine.ts"), "utf8");
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: 1, target: 9 } });
  /** @type {{ connectionMachine?: typeof import("../../machines/index.js").connectionMachine }} */
  const exports = {};
  const require = (/** @type {string} */ name) => {
    if (name !== "xstate") throw new Error(`the machine file requires ${name}`);
    return xstate;
  };
  new Script(outputText).runInContext(createContext({ require, exports }));
  if (!exports.connectionMachine) throw new Error("the machine file exports no connectionMachine");
  const [state] = xstate.initialTransition(exports.connectionMachine);
  const [next] = xstate.transition(exports.connectionMachine, state, { type: "connect" });
  if (!next.matches({ connecting: "reading" })) throw new Error(`it went to ${JSON.stringify(next.value)}`);
}

/** A framework is an optional peer, and is not there until now. */
function importBindings() {
  const frameworks = { react: "react", vue: "vue", svelte: "svelte", solid: "solid-js" };
  for (const [entry, framework] of Object.entries(frameworks)) {
    link(framework);
    const named = `Object.keys(binding).sort().join()`;
    const names = "createConnectionContext,useConnectionSnapshot,useOwnedConnection,useSocketEvent";
    const esm = `const binding = await import("socket-rotor/${entry}"); console.log(${named});`;
    const cjs = `const binding = require("socket-rotor/${entry}"); console.log(${named});`;
    for (const [type, code] of [
      ["module", esm],
      ["commonjs", cjs],
    ]) {
      const printed = run(process.execPath, [`--input-type=${type}`, "--eval", code ?? ""]).trim();
      if (printed !== names) throw new Error(`${entry}, ${type}: ${printed}`);
    }
    rmSync(join(folder, "node_modules", framework));
  }
}

/** Their own types say that they are good: `skipLibCheck` is off here too. */
function checkBindings() {
  for (const name of ["react", "vue", "svelte", "solid-js", "@types/react"]) link(name);
  compile("Node16", ["bindings.mts", "bindings.cts", "solid.mts"]);
  compile("NodeNext", ["bindings.mts", "bindings.cts", "solid.mts", "solid.cts"]);
  compile("bundler", ["bindings.mts", "solid.mts"]);
}

/** What is copied out of the package stands alone: its `tsconfig.json` needs nothing of the repository. */
function checkRecipes() {
  const recipes = join(folder, "recipes");
  cpSync(join(installed, "docs/recipes"), recipes, { recursive: true });
  const modules = join(root, "node_modules");
  run(process.execPath, [join(modules, "vue-tsc/bin/vue-tsc.js"), "-p", join(recipes, "vue")]);
  const svelte = ["--workspace", join(recipes, "svelte"), "--fail-on-warnings"];
  run(process.execPath, [join(modules, "svelte-check/bin/svelte-check"), ...svelte]);
}

function twoBuilds() {
  run(process.execPath, ["two-builds.mjs"]);
}

/** A description of the chart, and the words of an error. */
const WORDS = ["The network or the user is back: no reason to wait.", "takes an object of options"];

/** @param {string[]} [conditions] @returns {Promise<string>} */
async function bundled(conditions) {
  const output = await build({
    root: folder,
    configFile: false,
    logLevel: "silent",
    ...(conditions && { resolve: { conditions } }),
    build: {
      write: false,
      rollupOptions: { input: join(folder, "browser.mjs"), output: { format: "iife" } },
    },
  });
  const [result] = Array.isArray(output) ? output : [output];
  return result && "output" in result ? result.output[0].code : "";
}

async function bundleForDevelopment() {
  const code = await bundled(["development", "browser", "module"]);
  const missing = WORDS.filter((words) => !code.includes(words));
  if (missing.length > 0) throw new Error(`the bundle lacks: ${missing}`);
}

async function bundle() {
  const code = await bundled();
  const found = WORDS.filter((words) => code.includes(words));
  if (found.length > 0) throw new Error(`the bundle has: ${found}`);
  if (/__vite-browser-external|\brequire\(|node:/.test(code)) throw new Error("the bundle asks for Node");
  const { window } = new JSDOM("", { runScripts: "outside-only", url: "https://app.example" });
  window.eval(code);
  const { title } = window.document;
  window.close();
  if (title !== "function a token") throw new Error(`the bundle did not run: ${title}`);
}

cpSync(fileURLToPath(new URL("consumer", import.meta.url)), folder, { recursive: true });
for (const name of ["types", "bindings", "solid"])
  cpSync(join(folder, `${name}.mts`), join(folder, `${name}.cts`));
await runChecks(checks);
