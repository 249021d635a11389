// @ts-check
// The last lines of .ci/run: adds up what the checks and the runs of tests reported, `N passed, N failed`. A report that is
// missing, a skipped test and a step that failed without a failed test all count as failures.
import { readFileSync } from "node:fs";

/**
 * @param {string | undefined} path
 * @returns {Record<string, number> | undefined}
 */
function read(path) {
  try {
    return JSON.parse(readFileSync(path ?? "", "utf8"));
  } catch {
    return undefined;
  }
}

const [stepsFailed = "1", ...runs] = process.argv.slice(2);
const checks = read(process.env["CHECK_JSON"]);
let passed = 0;
let failed = 0;

if (checks === undefined) {
  console.log("The checks left no report.");
  failed += 1;
} else {
  passed += checks["passed"] ?? 0;
  failed += checks["failed"] ?? 0;
}

for (const path of runs) {
  const tests = read(path);
  if (tests === undefined || !tests["numTotalTests"]) {
    console.log(`No test ran for ${path}.`);
    failed += 1;
    continue;
  }
  const skipped = (tests["numPendingTests"] ?? 0) + (tests["numTodoTests"] ?? 0);
  if (skipped > 0) console.log(`Skipped tests: ${skipped}. None may be.`);
  passed += tests["numPassedTests"] ?? 0;
  failed += (tests["numFailedTests"] ?? 0) + skipped;
}

if (failed === 0 && stepsFailed !== "0") failed = Number(stepsFailed);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
