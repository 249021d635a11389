// @ts-check
// The public API as a reviewer reads it: a file of declarations for each entry of the package, api/*.api.md, written by
// api-extractor from the types in dist. `npm run api` writes them; `--check` fails where they differ, so that no change of
// the public API goes unseen. `npm run build` comes first.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const REPORTS = join(ROOT, "api");
const tools = createRequire(join(ROOT, "test/ecosystem/api/package.json"));
const { Extractor, ExtractorConfig } = tools("@microsoft/api-extractor");
const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

/** The entries of the package, `.` by the name of its file. */
const entries = Object.keys(exports)
  .filter((entry) => entry !== "./package.json")
  .map((entry) => (entry === "." ? "index" : entry.slice(2)));

/** Writes the report of an entry into a folder. @param {string} entry @param {string} folder */
function report(entry, folder) {
  const mainEntryPointFilePath = join(ROOT, `dist/${entry}.d.ts`);
  if (!existsSync(mainEntryPointFilePath)) throw new Error("There is no dist. Run `npm run build` first.");
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: join(ROOT, "package.json"),
    configObject: {
      projectFolder: ROOT,
      mainEntryPointFilePath,
      newlineKind: "lf",
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: "ES2022",
            module: "ESNext",
            moduleResolution: "bundler",
            lib: ["ES2022", "DOM", "ESNext.Disposable"],
            types: ["node"],
            strict: true,
            skipLibCheck: true,
          },
          files: [mainEntryPointFilePath],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${entry}.api.md`,
        reportFolder: folder,
        reportTempFolder: folder,
        // What no entry exports is no part of the API: names in a type may change, its shape may not.
        includeForgottenExports: false,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: "error" } },
        extractorMessageReporting: { default: { logLevel: "none" } },
        tsdocMessageReporting: { default: { logLevel: "none" } },
      },
    },
  });
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (/** @type {{ logLevel: string, text: string, handled: boolean }} */ message) => {
      message.handled = true;
      if (message.logLevel === "error") console.error(message.text);
    },
  });
  if (!succeeded) throw new Error(`api-extractor did not get through dist/${entry}.d.ts.`);
}

const isCheck = process.argv.includes("--check");
const folder = mkdtempSync(join(tmpdir(), "socket-rotor-api-"));
try {
  mkdirSync(REPORTS, { recursive: true });
  for (const entry of entries) {
    report(entry, folder);
    const name = `${entry}.api.md`;
    const [known, found] = [join(REPORTS, name), join(folder, name)];
    if (!isCheck) copyFileSync(found, known);
    else if (!existsSync(known) || readFileSync(known, "utf8") !== readFileSync(found, "utf8")) {
      const { stdout } = spawnSync("git", ["diff", "--no-index", known, found], { encoding: "utf8" });
      console.error(`api/${name} is not what the entry exports. Run \`npm run api\`, and review the change.`);
      console.error(stdout);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
