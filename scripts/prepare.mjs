// @ts-check
// Installs the packages that one test alone needs, and finds the programs that the tests need and that npm does not
// install. Silent when all are there. As root on Debian or Ubuntu it installs programs that are missing; elsewhere it
// prints the command and exits with 1. Test tools never download a browser: what runs is what the system's package
// manager signed.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** One entry a program: the variable that names it outright, the names to look for in PATH, the packages to install. */
const programs = [
  {
    name: "Chromium",
    variable: "CHROMIUM_PATH",
    commands: ["chromium", "chromium-browser", "google-chrome"],
    debian: "chromium",
    macos: "google-chrome",
  },
  {
    name: "Redis",
    variable: "REDIS_SERVER_PATH",
    commands: ["redis-server"],
    debian: "redis-server",
    macos: "redis",
  },
];

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * The path of a program of the table, or `undefined`. A variable that is set is the only place looked at.
 *
 * @param {string} name
 * @returns {string | undefined}
 */
export function findProgram(name) {
  const program = programs.find((candidate) => candidate.name === name);
  if (program === undefined) throw new Error(`scripts/prepare.mjs has no entry for ${name}`);
  const named = process.env[program.variable];
  if (named !== undefined && named !== "") return isExecutable(named) ? named : undefined;
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return program.commands
    .flatMap((command) => folders.map((folder) => join(folder, command)))
    .find((path) => isExecutable(path));
}

/**
 * @param {string[]} command
 * @param {string} [cwd]
 */
function run(command, cwd = process.cwd()) {
  const [file = "", ...args] = command;
  console.log(`+ ${command.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  if (spawnSync(file, args, { stdio: ["ignore", "inherit", "inherit"], env, cwd }).status !== 0) {
    console.error(`prepare: ${command.join(" ")} failed`);
    process.exit(1);
  }
}

/**
 * Each folder in the first has packages and a lock file of its own, for the tests that need other versions than the
 * project has. So has the site of the documents.
 */
const ecosystem = fileURLToPath(new URL("../test/ecosystem", import.meta.url));
const site = fileURLToPath(new URL("../docs/site", import.meta.url));

/** @param {string} folder */
function isStale(folder) {
  // npm writes its own copy of the lock file when it is done: older than ours means stale.
  const installed = join(folder, "node_modules", ".package-lock.json");
  if (!existsSync(installed)) return true;
  return statSync(installed).mtimeMs < statSync(join(folder, "package-lock.json")).mtimeMs;
}

function installEcosystem() {
  const folders = [...readdirSync(ecosystem).map((name) => join(ecosystem, name)), site];
  for (const folder of folders.filter((path) => existsSync(join(path, "package-lock.json")))) {
    if (isStale(folder)) run(["npm", "ci", "--no-audit", "--no-fund"], folder);
  }
}

function prepare() {
  installEcosystem();
  let missing = programs.filter(({ name }) => findProgram(name) === undefined);
  if (missing.length === 0) return;

  for (const { name, variable } of missing.filter((program) => process.env[program.variable])) {
    console.error(
      `prepare: ${variable} is set, but not to a program. Correct or unset it, to let ${name} be found.`,
    );
    process.exit(1);
  }

  const hasApt = spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status === 0;
  const packages = missing.map((program) => program.debian);
  if (hasApt && process.getuid?.() === 0) {
    run(["apt-get", "update", "-q"]);
    run(["apt-get", "install", "-q", "-y", "--no-install-recommends", ...packages]);
    missing = missing.filter(({ name }) => findProgram(name) === undefined);
    if (missing.length === 0) return;
  }

  const command = hasApt
    ? `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(" ")}`
    : process.platform === "darwin"
      ? `brew install ${missing.map((program) => program.macos).join(" ")}`
      : `(with your package manager) install ${packages.join(" ")}`;
  console.error(
    `prepare: the tests need ${missing.map(({ name }) => name).join(" and ")}. Run:\n\n  ${command}\n`,
  );
  for (const { name, variable, commands } of missing) {
    console.error(`${name} is looked for as ${commands.join(", ")} in PATH, or at the path in ${variable}.`);
  }
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) prepare();
