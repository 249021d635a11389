import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { bundle } from "./fixture/bundle.js";
import { useHarness } from "./fixture/harness.js";

const harness = useHarness();

test("F9 webStorage and cookieStorage keep the contract in Chromium, written by the page and by another frame", async () => {
  const { files, url } = harness.server;
  files.set("/contract.js", {
    body: await bundle("contract.entry.ts"),
    headers: { "Content-Type": "text/javascript" },
  });
  files.set("/contract", {
    body: '<!doctype html><link rel="icon" href="data:,"><body><script src="/contract.js"></script>',
  });
  const context = await harness.browser.newContext();
  for (const kind of ["local", "session", "cookie"] as const) {
    for (const writer of ["this page", "another frame"] as const) {
      const page = await context.newPage();
      await page.goto(`${url}/contract`);
      const broken = await page.evaluate(([kind, writer]) => window.broken(kind, writer), [
        kind,
        writer,
      ] as const);
      expect(broken, `${kind}, written by ${writer}`).toEqual([]);
      await page.close();
    }
  }
  await context.close();
});

test("the contracts run in node:test, which says what is broken", async () => {
  const child = fileURLToPath(new URL("contract.child.ts", import.meta.url));
  const run = promisify(execFile)(process.execPath, ["--import", "tsx", "--test-reporter=tap", child], {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: "" },
  });
  // The one adapter that is broken on purpose makes the process fail.
  const { stdout } = await run.catch((failure: { stdout: string }) => failure);
  const failed = [...stdout.matchAll(/^not ok \d+ - (.*)$/gm)].map(([, name]) => name);
  expect(failed).toEqual(["broken: read answers null when nobody is signed in"]);
  expect(stdout).toContain("The storage contract is broken");
  expect([...stdout.matchAll(/^ok \d+ - (.*)$/gm)].length).toBeGreaterThan(40);
});
