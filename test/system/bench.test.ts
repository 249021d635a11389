import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { SUBJECTS } from "../bench/subjects.js";
import { ROOT } from "../docs/documents.js";

const run = promisify(execFile);

const bench = (...args: string[]) =>
  run(process.execPath, ["--import", "tsx", "test/bench/run.ts", ...args], { cwd: ROOT });

describe("npm run bench", () => {
  // One after the other: a machine that is busy with two of them is slow, and nothing is learnt by it.
  test.each(SUBJECTS.map(({ name, title }) => ({ name, title })))(
    "-- --quick $name prints its table",
    {
      timeout: 180_000,
    },
    async ({ name, title }) => {
      const { stdout } = await bench("--quick", name);
      expect(stdout).toContain(`## ${title}\n`);
      const [header = "", , ...rows] = stdout.split("\n").filter((line) => line.startsWith("| "));
      expect(header).toMatch(/this edition|way/);
      expect(rows.length).toBeGreaterThan(1);
      expect(stdout).not.toMatch(/NaN|undefined/);
    },
  );

  test("names the subjects when one is asked for that there is not", async () => {
    await expect(bench("--quick", "sise")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no subject "sise".*size, import/),
    });
  });
});
