import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The commit that later editions are measured beside. */
const FIRST_COMMIT = "e475c01e099909c707cbcf1f27bde2a2fb1914d6";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const CACHE = join(ROOT, "node_modules/.cache/bench");
const TSUP = join(ROOT, "node_modules/tsup/dist/cli-default.js");

/** What an edition is built from. */
const SOURCES = [
  "src",
  "machines",
  "scripts",
  "package.json",
  "tsup.config.ts",
  "tsconfig.json",
  "tsconfig.build.json",
];

/** What the bench imports, by the name of the package, as an application does. */
const ENTRIES = {
  "client.mjs": 'export * from "socket-rotor";\n',
  "server.mjs": 'export * from "socket-rotor/server";\n',
};

/** The working tree, built as it would be published. Answers with the folder it is in. */
export function buildThisEdition(): string {
  const hash = createHash("sha256");
  for (const source of SOURCES) {
    for (const path of filesAt(source)) hash.update(path).update(readFileSync(join(ROOT, path)));
  }
  return build(`this-${hash.digest("hex").slice(0, 16)}`, (folder) => {
    for (const source of SOURCES) cpSync(join(ROOT, source), join(folder, source), { recursive: true });
  });
}

/** The first edition, or `undefined` in a clone that does not have its commit, such as a shallow one. */
export function buildFirstEdition(): string | undefined {
  try {
    execFileSync("git", ["cat-file", "-e", `${FIRST_COMMIT}^{commit}`], { cwd: ROOT, stdio: "ignore" });
  } catch {
    return undefined;
  }
  return build(`first-${FIRST_COMMIT.slice(0, 7)}`, (folder) => {
    const archive = execFileSync("git", ["archive", FIRST_COMMIT, ...SOURCES], {
      cwd: ROOT,
      maxBuffer: 64 * 1024 * 1024,
    });
    execFileSync("tar", ["x"], { cwd: folder, input: archive });
  });
}

/** Runs tsup where an edition is. */
export function runTsup(folder: string, args: readonly string[]): void {
  execFileSync(process.execPath, [TSUP, "--no-dts", "--format", "esm", "--silent", ...args], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Builds once: the folder gets its name when it is complete, so that two runs at a time do no harm. */
function build(name: string, fill: (folder: string) => void): string {
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const unfinished = mkdtempSync(join(CACHE, "unfinished-"));
  try {
    fill(unfinished);
    runTsup(unfinished, []);
    for (const [file, text] of Object.entries(ENTRIES)) writeFileSync(join(unfinished, file), text);
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

function filesAt(path: string): string[] {
  const whole = join(ROOT, path);
  if (statSync(whole).isFile()) return [path];
  return readdirSync(whole, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}
