// @ts-check
// Everything that can be checked without running the tests, one line a check. All of them run even when one fails,
// so that one run shows everything. CHECK_JSON names the file in which .ci/run looks for the counts.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** In this order: what comes after `build` looks at dist. `shown`: its own lines say more than "ok". */
const checks = [
  { script: "frozen", run: ["node", "scripts/frozen.mjs"] },
  { script: "words", run: ["node", "scripts/words.mjs"] },
  { script: "typecheck" },
  { script: "lint" },
  { script: "knip" },
  { script: "build" },
  { script: "publint" },
  { script: "attw" },
  { script: "api", run: ["node", "scripts/api.mjs", "--check"] },
  { script: "test:package", shown: true },
  { script: "size", shown: true },
];

let failed = 0;
for (const { script, shown = false, run = ["npm", "run", "--silent", script] } of checks) {
  const start = performance.now();
  const [command = "", ...args] = run;
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ok = status === 0;
  if (!ok) failed += 1;
  if (!ok || shown)
    process.stdout.write(`${stdout}${ok ? "" : stderr}\n`.replace(/^\s*\n|\s+$/g, "").concat("\n"));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${ok ? "ok    " : "FAILED"} ${script.padEnd(14)} ${seconds} s`);
}

const passed = checks.length - failed;
const report = process.env["CHECK_JSON"];
if (report) writeFileSync(report, JSON.stringify({ passed, failed }));
process.exitCode = failed === 0 ? 0 : 1;
