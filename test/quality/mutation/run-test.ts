import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mutant } from "./mutant.js";
import { escaped } from "./titles.js";

/** What became of one test. */
export type Outcome =
  | { state: "green" }
  /** It failed by itself: an assertion, or its time was over. */
  | { state: "red" }
  /** Anything else: it did not run, or it failed for a reason that says nothing of what it is about. */
  | { state: "unclear"; why: string };

/** The members of Vitest's JSON report that are looked at. */
interface Report {
  testResults: { message?: string; assertionResults: { status: string; failureMessages?: string[] }[] }[];
}

/** How long a test may take, in milliseconds; the same with the protection and without. */
const TEST_LIMIT = 20_000;

/** How long a run may take, in milliseconds, with all that comes before the test. */
const RUN_LIMIT = 120_000;

/**
 * How the failures of an assertion, of a property, of a replayed schedule and of a time limit begin in Vitest's report. Where it shows the
 * place of the call, as after a time limit and for `expect.poll`, the name of the error is lost.
 */
const OWN_FAILURE =
  /^(AssertionError|Error: (expected |STACK_TRACE_ERROR|Property failed|G\d+: |(Test|Hook) timed out))/;

/** Runs one test in a copy of the repository. */
export async function runTest(root: string, [file, title]: Mutant["test"]): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "mutation-report-"));
  const report = join(folder, "report.json");
  try {
    const output = await vitest(root, [
      file,
      "--testNamePattern",
      `(^| )${escaped(title)}$`,
      "--testTimeout",
      String(TEST_LIMIT),
      "--reporter=json",
      `--outputFile=${report}`,
    ]);
    const text = await readFile(report, "utf8").catch(() => undefined);
    if (text === undefined) return { state: "unclear", why: `no report within the time limit: ${output}` };
    return judge(JSON.parse(text));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function vitest(root: string, given: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...given], {
    cwd: root,
    // A group of its own, so that browsers and servers end with it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => lines.push(String(data)));
  const end = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // Everything of it has ended.
    }
  };
  const timer = setTimeout(end, RUN_LIMIT);
  return new Promise((resolve) => {
    child.once("exit", () => {
      clearTimeout(timer);
      end();
      resolve(lines.join("").trim().slice(-500));
    });
  });
}

function judge({ testResults }: Report): Outcome {
  const ran = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "passed" || status === "failed");
  if (ran.length === 0) {
    const why = testResults.map(({ message = "" }) => message).join("\n");
    return { state: "unclear", why: `it did not run: ${why || "no test has this title"}` };
  }
  const failures = ran.flatMap(({ failureMessages = [] }) => failureMessages);
  if (ran.every(({ status }) => status === "passed")) return { state: "green" };
  const other = failures.find((failure) => !OWN_FAILURE.test(failure));
  return other === undefined
    ? { state: "red" }
    : { state: "unclear", why: other.split("\n    at ")[0] ?? other };
}
