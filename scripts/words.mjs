// @ts-check
// Words that were given up, in favour of those of docs/glossary.md and of plain ones. `npm run check` refuses them in
// code, tests, comments, messages and documents.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Between two words of a phrase, which may stand on two lines of a comment. */
const GAP = "\\s+(?:(?:\\*|//)\\s+)?";
/** @param {string} phrase - A regular expression; a space in it is a gap. */
const given = (phrase) => new RegExp(`\\b(?:${phrase.replaceAll(" ", GAP)})(?!\\w)`, "gi");

/** What is refused, and what to say in its place. */
const GIVEN_UP = /** @type {const} */ ([
  [given("in force"), "current; applied"],
  [given("epochs?(?! milliseconds)"), "token version"],
  [given("vaults?"), "token store"],
  [given("heed(?:s|ed|ing)?"), "handle"],
  [given("teeth|tooth"), "mutation test, mutant"],
  [given("whoever"), "the user, the client, the code that"],
  [given("warned of"), "logged; brings a warning"],
  [given("all the same"), "even so, still, or nothing"],
  [given("newsroom|ledger"), "bus; record"],
  [given("sayGoodbye|disown|obey(?=[(<])"), "disconnectWithReason; changeUser; handle"],
  [given("companions|setAside|takeBack|discardAside|isMoot"), "nothing: it is gone"],
]);

/** Files in which they may stand, and why. */
const EXCEPTIONS = /** @type {const} */ ([
  [/^test\/behaviour\//, "frozen"],
  [
    /^test\/(browser\/fixture\/server-log|support\/fake-locks|system\/fixture\/storages)\.ts$/,
    "frozen with it",
  ],
  [/^scripts\/words\.mjs$/, "the list"],
  [/(^|\/)package-lock\.json$|\.(svg|png)$/, "not written by hand"],
]);

const { stdout } = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
  cwd: ROOT,
  encoding: "utf8",
});
const files = stdout
  .split("\0")
  .filter((path) => path !== "" && !EXCEPTIONS.some(([file]) => file.test(path)));

/** @param {string} path */
function textOf(path) {
  try {
    return readFileSync(join(ROOT, path), "utf8");
  } catch {
    return ""; // deleted, and not committed yet
  }
}

for (const path of files) {
  const text = textOf(path);
  for (const [word, instead] of GIVEN_UP) {
    for (const { 0: found, index } of text.matchAll(word)) {
      const line = text.slice(0, index).split("\n").length;
      const said = found.replace(/\s+(?:[*/]+\s+)?/g, " ");
      console.error(`${path}:${line}: "${said}" was given up. Say instead: ${instead}.`);
      process.exitCode = 1;
    }
  }
}
if (files.length < 100) throw new Error("git lists no files: run this in a clone of the repository.");
