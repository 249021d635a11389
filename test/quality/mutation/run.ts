/**
 * `npm run test:mutation`, or `npm run test:mutation -- F2 G4`: takes out one protection after another, each in a copy of the
 * repository, and fails where the test that is named for it stays green.
 */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type Mutant, mutate } from "./mutant.js";
import { MUTANTS } from "./mutants.js";
import { type Outcome, runTest } from "./run-test.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const LEFT_OUT = new Set([".git", "node_modules", "dist", "coverage"]);
/** Each has a copy of its own. */
const WORKERS = 2;

async function copyRepository(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "mutation-"));
  const isWanted = (path: string): boolean => !LEFT_OUT.has(relative(ROOT, path).split(sep)[0] ?? "");
  await cp(ROOT, copy, { recursive: true, filter: isWanted });
  await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** Why a mutant is not caught; `undefined` if it is. */
async function fault(copy: string, mutant: Mutant): Promise<string | undefined> {
  const whole = await runTest(copy, mutant.test);
  if (whole.state !== "green") return `with the protection the test is ${words(whole)}`;
  const path = join(copy, mutant.file);
  const text = await readFile(path, "utf8");
  try {
    await writeFile(path, mutate(mutant, text));
    const mutated = await runTest(copy, mutant.test);
    return mutated.state === "red" ? undefined : `without the protection the test is ${words(mutated)}`;
  } finally {
    await writeFile(path, text);
  }
}

function words(outcome: Outcome): string {
  return outcome.state === "unclear" ? `neither green nor red: ${outcome.why}` : outcome.state;
}

const wanted = new Set(process.argv.slice(2));
const due = MUTANTS.filter(({ promise }) => wanted.size === 0 || wanted.has(promise));
if (due.length === 0) throw new Error(`There is no mutant for ${[...wanted].join(", ")}.`);
let faults = 0;

async function work(): Promise<void> {
  const copy = await copyRepository();
  try {
    for (let mutant = due.shift(); mutant !== undefined; mutant = due.shift()) {
      const begun = performance.now();
      const found = await fault(copy, mutant).catch(String);
      if (found !== undefined) faults += 1;
      const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
      const line = `${mutant.promise.padEnd(3)} ${mutant.what} (${seconds} s)`;
      console.log(found === undefined ? `ok     ${line}` : `FAILED ${line}\n       ${found}`);
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

const count = due.length;
await Promise.all(Array.from({ length: Math.min(WORKERS, count) }, work));
console.log(`${count} protections taken out, ${count - faults} tests failed as they must, ${faults} did not`);
process.exitCode = faults === 0 ? 0 : 1;
