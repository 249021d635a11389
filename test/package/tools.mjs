// @ts-check
// Which build each tool takes when nobody tells it, and how to tell it: what docs/builds.md says in its table. An
// application that imports the package is built, or run, by the tool itself. One line a row; `npm run build` comes first.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { buildIn, folder, link, root, run, runChecks, WORDS } from "./folder.mjs";

const ours = createRequire(join(root, "package.json"));
const theirs = createRequire(join(root, "test/ecosystem/bundlers/package.json"));
const output = join(folder, "out");

/** What an application prints when it is run by a tool: which build it has got. */
const PROBE = `
const { createConnection } = require("socket-rotor");
let message = "";
try { createConnection(); } catch (error) { message = error.message; }
module.exports = message.includes(${JSON.stringify(WORDS)}) ? "development" : "production";
`;

/** What Node prints, where nobody has set NODE_ENV. @param {string[]} args */
function node(args) {
  const { NODE_ENV: _, ...env } = process.env;
  return run(process.execPath, args, { env });
}

/**
 * @param {string} name
 * @param {unknown} value
 */
const config = (name, value) =>
  writeFileSync(join(folder, name), `module.exports = ${JSON.stringify(value)};\n`);

/** @param {Record<string, unknown>} [settings] */
async function webpack(settings = {}) {
  const compiler = theirs("webpack")({
    context: folder,
    entry: "./app.mjs",
    output: { path: output },
    optimization: { minimize: false },
    devtool: false,
    ...settings,
  });
  await new Promise((resolve, reject) =>
    compiler.run(
      (
        /** @type {Error | null} */ error,
        /** @type {{ hasErrors(): boolean, toString(): string }} */ stats,
      ) => {
        if (error || stats.hasErrors()) reject(error ?? new Error(stats.toString()));
        else compiler.close(resolve);
      },
    ),
  );
}

/** @param {Record<string, unknown>} [settings] */
async function rollup(settings = {}) {
  const { nodeResolve } = theirs("@rollup/plugin-node-resolve");
  // With the condition development, socket.io-parser asks for a CommonJS package.
  const commonjs = theirs("@rollup/plugin-commonjs");
  const bundle = await theirs("rollup").rollup({
    input: join(folder, "app.mjs"),
    plugins: [nodeResolve({ browser: true, ...settings }), commonjs()],
    logLevel: "silent",
  });
  await bundle.write({ dir: output });
  await bundle.close();
}

/** @param {Record<string, unknown>} [settings] */
const esbuild = (settings = {}) =>
  theirs("esbuild").build({
    absWorkingDir: folder,
    entryPoints: ["app.mjs"],
    bundle: true,
    logLevel: "error",
    outdir: output,
    ...settings,
  });

/** @param {string} mode */
async function vite(mode) {
  const { build } = await import("vite");
  const input = join(folder, "app.mjs");
  // The tool itself goes by NODE_ENV where there is one, and sets it.
  const { NODE_ENV } = process.env;
  process.env["NODE_ENV"] = mode;
  await build({
    root: folder,
    mode,
    configFile: false,
    logLevel: "silent",
    build: { outDir: output, minify: false, rollupOptions: { input } },
  });
  process.env["NODE_ENV"] = NODE_ENV;
  if (NODE_ENV === undefined) delete process.env["NODE_ENV"];
}

/** The file that Vite's development server serves for the package. */
async function viteDev() {
  const { createServer } = await import("vite");
  const { NODE_ENV } = process.env;
  const server = await createServer({
    root: folder,
    configFile: false,
    logLevel: "silent",
    // Bundled beforehand it would be the same file, under another name.
    optimizeDeps: { noDiscovery: true },
    server: { middlewareMode: true, ws: false },
  });
  const found = await server.environments.client.pluginContainer.resolveId(
    "socket-rotor",
    join(folder, "app.mjs"),
  );
  await server.close();
  // The tool itself sets it.
  process.env["NODE_ENV"] = NODE_ENV;
  if (NODE_ENV === undefined) delete process.env["NODE_ENV"];
  if (!found) throw new Error("it does not find the package");
  return found.id.includes("/dist/lean/") ? "production" : "development";
}

/** @param {Record<string, unknown>} settings */
function jest(settings) {
  config("jest.config.cjs", { rootDir: folder, testMatch: ["<rootDir>/probe.jest.cjs"], ...settings });
  node([ours.resolve("jest/bin/jest"), "--watchman=false", "--config", "jest.config.cjs"]);
  return readFileSync(join(folder, "found.txt"), "utf8");
}

/** @param {string} environment */
function vitest(environment) {
  const args = ["run", "--root", folder, `--environment=${environment}`, "probe.vitest.mjs"];
  writeFileSync(
    join(folder, "vitest.config.mjs"),
    'export default { test: { include: ["probe.vitest.mjs"] } };\n',
  );
  node([join(dirname(ours.resolve("vitest/package.json")), "vitest.mjs"), ...args]);
  return readFileSync(join(folder, "found.txt"), "utf8");
}

const JSDOM = theirs.resolve("jest-environment-jsdom");

/** @type {[tool: string, expected: "development" | "production", build: () => unknown][]} */
const rows = [
  ["Vite, dev", "development", viteDev],
  ["Vite, build", "production", () => vite("production")],
  ["Vite, mode development", "development", () => vite("development")],
  ["webpack without a mode", "production", () => webpack()],
  ["webpack, mode production", "production", () => webpack({ mode: "production" })],
  ["webpack, mode development", "development", () => webpack({ mode: "development" })],
  ["Rollup, without NODE_ENV", "production", () => rollup()],
  [
    "Rollup, exportConditions development",
    "development",
    () => rollup({ exportConditions: ["development"] }),
  ],
  ["esbuild", "production", () => esbuild()],
  ["esbuild, --conditions=development", "development", () => esbuild({ conditions: ["development"] })],
  ["esbuild, --platform=node", "development", () => esbuild({ platform: "node", format: "esm" })],
  ["Node", "development", () => node(["-p", 'require("./probe.cjs")']).trim()],
  ["Jest", "development", () => jest({ testEnvironment: "node" })],
  ["Jest with jsdom", "production", () => jest({ testEnvironment: JSDOM })],
  [
    "Jest with jsdom, customExportConditions",
    "development",
    () =>
      jest({
        testEnvironment: JSDOM,
        testEnvironmentOptions: { customExportConditions: ["browser", "development"] },
      }),
  ],
  ["Vitest", "development", () => vitest("node")],
  ["Vitest with jsdom", "development", () => vitest("jsdom")],
];

for (const name of ["vitest", "jsdom", "xstate", "socket.io-client"]) link(name);
link("socket-rotor", root);
writeFileSync(join(folder, "package.json"), "{}");
writeFileSync(
  join(folder, "app.mjs"),
  'import { createConnection } from "socket-rotor";\nconsole.log(createConnection);\n',
);
writeFileSync(join(folder, "probe.cjs"), PROBE);
const keep = `require("node:fs").writeFileSync(${JSON.stringify(join(folder, "found.txt"))}, require("./probe.cjs"))`;
writeFileSync(join(folder, "probe.jest.cjs"), `test("which build", () => { ${keep} });\n`);
writeFileSync(
  join(folder, "probe.vitest.mjs"),
  `import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";
import { test } from "vitest";
import { createConnection } from "socket-rotor";
test("which build", () => {
  let message = "";
  try { createConnection(); } catch (error) { message = error.message; }
  const found = message.includes(${JSON.stringify(WORDS)}) ? "development" : "production";
  writeFileSync(${JSON.stringify(join(folder, "found.txt"))}, found);
});
`,
);

await runChecks(
  rows.map(([tool, expected, build]) => [
    `${tool} takes the build for ${expected}`,
    async () => {
      rmSync(output, { recursive: true, force: true });
      const answer = await build();
      const found = existsSync(output) ? buildIn("out") : answer;
      if (found !== expected) throw new Error(`it takes the build for ${found}`);
    },
  ]),
);
