// @ts-check
// `npm run test:repeat -- 20`, or `npm run test:repeat -- 20 test/unit/links`: runs the tests that often on two loaded cores, and
// tells of each failure. A test that fails once in twenty is a defect. Two rounds run at a time, each of which is the
// other's load, so that no core is kept busy for nothing; a round that has no other beside it gets loops instead.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [times = "", ...given] = process.argv.slice(2);
const rounds = Number(times);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error("Say how often, and what if not everything: npm run test:repeat -- 20 test/unit/links");
  process.exit(2);
}

/** Keeps what it starts on two cores; macOS and Windows have nothing like it, and use all of theirs. */
const onTwoCores = spawnSync("taskset", ["--version"]).status === 0 ? ["taskset", "-c", "0,1"] : [];

/** @param {readonly string[]} args */
function node(args) {
  const [command = "", ...rest] = [...onTwoCores, process.execPath, ...args];
  return spawn(command, rest, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } });
}

/**
 * @param {string} report
 * @returns {Promise<{ code: number | null, output: string }>}
 */
async function runOnce(report) {
  const child = node([
    "node_modules/vitest/vitest.mjs",
    "run",
    ...given,
    "--reporter=json",
    `--outputFile=${report}`,
  ]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}

/**
 * @typedef {{ status: string, fullName: string, failureMessages?: string[] }} TestResult
 * @typedef {{ name: string, status: string, message?: string, assertionResults: TestResult[] }} FileResult
 */

/**
 * What failed, one text each.
 *
 * @param {{ testResults: FileResult[] }} report
 */
function failuresOf({ testResults }) {
  return testResults.flatMap(({ name, status, message = "", assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (failed.length === 0 && status === "failed") return [`${name}\n    ${message}`];
    return failed.map(({ fullName, failureMessages = [] }) => {
      // Vitest's report has this in the place of the words for a test that took too long.
      const said = failureMessages.map((text) => text.replace("STACK_TRACE_ERROR", "The test timed out."));
      const first = said.map((text) => text.split("\n    at ")[0]).join("\n    ");
      return `${name}\n    ${fullName}\n    ${first}`;
    });
  });
}

const folder = mkdtempSync(join(tmpdir(), "repeat-"));
/** @type {Map<string, number>} */
const counts = new Map();
let begunRounds = 0;
let failedRounds = 0;

/** @param {number} round */
async function runRound(round) {
  const begun = performance.now();
  const report = join(folder, `${round}.json`);
  const { code, output } = await runOnce(report);
  let failures = [
    `The run ended with exit code ${code}, and no test of it has failed.\n${output.slice(-2_000)}`,
  ];
  try {
    const found = failuresOf(JSON.parse(readFileSync(report, "utf8")));
    if (code === 0 || found.length > 0) failures = found;
  } catch {
    // Without a report the end of the output has to do.
  }
  if (failures.length > 0) failedRounds += 1;
  const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
  console.log(
    `round ${round} of ${rounds}: ${failures.length === 0 ? "ok" : `${failures.length} FAILED`} (${seconds} s)`,
  );
  for (const failure of failures) {
    console.log(`  ${failure}`);
    const test = failure.split("\n").slice(0, 2).join(" > ").replace(/\s+/g, " ");
    counts.set(test, (counts.get(test) ?? 0) + 1);
  }
}

/** @type {import("node:child_process").ChildProcess[]} */
const loops = [];
/** One round after the other; where none is left, two loops load the round that still runs beside it. */
async function runRounds() {
  while (begunRounds < rounds) {
    begunRounds += 1;
    await runRound(begunRounds);
  }
  // They end by themselves should this process be killed.
  const loop = ["-e", "const { ppid } = process; while (process.ppid === ppid);"];
  if (loops.length === 0) loops.push(node(loop), node(loop));
}

try {
  await Promise.all([runRounds(), runRounds()]);
} finally {
  for (const child of loops) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}

for (const [test, count] of counts) console.log(`${count} of ${rounds} rounds: ${test}`);
console.log(`${rounds} rounds, ${failedRounds} with a failure`);
process.exitCode = failedRounds === 0 ? 0 : 1;
