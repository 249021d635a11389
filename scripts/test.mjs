// @ts-check
// `npm test`, and how much of the tests it is that runs: `quick`, `all`, or `rest`, what `all` has on top of `npm test`.
// Anything after that goes to Vitest. SCHEDULES says how far random schedules and the walks of the chart go.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** @type {Record<string, { schedules: string, vitest: string[], after?: string[] }>} */
const RUNS = {
  quick: {
    schedules: "brief",
    // Files share the modules that they load, which is a third of the work; each has its own in `npm test`.
    vitest: ["--project=unit", "--project=jsdom", "--no-isolate"],
  },
  usual: {
    schedules: "usual",
    vitest: ["unit", "server", "jsdom", "quality", "system", "browser", "production"].map(
      (name) => `--project=${name}`,
    ),
  },
  rest: { schedules: "all", vitest: ["--project=long", "--project=quality", "--project=production-all"] },
  all: { schedules: "all", vitest: [], after: ["build", "test:package"] },
};

const [first = "", ...others] = process.argv.slice(2);
const isNamed = Object.hasOwn(RUNS, first);
const { schedules, vitest, after = [] } = RUNS[isNamed ? first : "usual"] ?? { schedules: "", vitest: [] };
const given = isNamed ? others : process.argv.slice(2);

/** @param {string[]} command */
function run(...command) {
  const [program = "", ...args] = command;
  const { status } = spawnSync(program, args, {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    stdio: "inherit",
    env: { SCHEDULES: schedules, ...process.env },
  });
  if (status !== 0) process.exit(status ?? 1);
}

run(process.execPath, "scripts/prepare.mjs");
run(process.execPath, "node_modules/vitest/vitest.mjs", "run", ...vitest, ...given);
for (const script of after) run("npm", "run", "--silent", script);
