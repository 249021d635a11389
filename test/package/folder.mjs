// @ts-check
// An empty folder outside of this repository in which a package is used, as an application would: what npm would fetch is
// linked from our node_modules, so this needs no network.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const folder = mkdtempSync(join(tmpdir(), "socket-rotor-package-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
if (!existsSync(join(root, "dist"))) throw new Error("There is no dist. Run `npm run build` first.");

/**
 * What a program prints. Its failure is thrown, with all that it has said.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export function run(command, args, { cwd = folder, env = process.env } = {}) {
  const child = spawnSync(command, args, { cwd, env, encoding: "utf8", timeout: 120_000 });
  if (child.status === 0) return child.stdout;
  throw new Error(`${command} ${args.join(" ")}\n${child.error ?? ""}${child.stdout}${child.stderr}`);
}

/** @param {string} name @param {string} [to] */
export function link(name, to = join(root, "node_modules", name)) {
  const at = join(folder, "node_modules", name);
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(to, at);
}

/** Packs this package and unpacks it, without its dependencies. @returns the paths of its files */
export function installPackage() {
  const [{ filename, files }] = JSON.parse(
    run("npm", ["pack", "--json", "--silent", "--pack-destination", folder], { cwd: root }),
  );
  const at = join(folder, "node_modules", "socket-rotor");
  mkdirSync(at, { recursive: true });
  run("tar", ["-xzf", join(folder, filename), "-C", at, "--strip-components=1"]);
  return /** @type {{ path: string }[]} */ (files).map(({ path }) => path);
}

/** Words that only the build for development has. */
export const WORDS = "takes an object of options";

/** Which build the files of a folder have. @param {string} at */
export function buildIn(at) {
  const code = readdirSync(join(folder, at), { encoding: "utf8", recursive: true })
    .filter((name) => /\.[cm]?js$/.test(name))
    .map((name) => readFileSync(join(folder, at, name), "utf8"))
    .join("\n");
  if (!code.includes("ERR_INVALID_OPTION")) throw new Error(`In ${at} the package is missing.`);
  return code.includes(WORDS) ? "development" : "production";
}

/**
 * One line for each check. All of them run even when one fails.
 *
 * @param {readonly (readonly [name: string, check: () => unknown])[]} checks
 */
export async function runChecks(checks) {
  for (const [name, check] of checks) {
    try {
      await check();
      console.log(`ok     ${name}`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`FAILED ${name}\n${error instanceof Error ? error.message : error}`);
    }
  }
}
