// @ts-check
// test/behaviour says what a user of the package may rely on, and may not change while the inside of the client is
// rebuilt. This compares a hash of it, and of every helper in test/ that it imports, with the one that was written down;
// `--write` writes it down anew.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TESTS = join(ROOT, "test");
const FOLDER = join(TESTS, "behaviour");
const HASH = join(FOLDER, "HASH");
/** A file that is imported, or loaded by a URL that is relative to the one that loads it. */
const IMPORT = /(?:\bfrom|\bimport\(?|\bnew URL\(|\bstartChild\()\s*"([^"\n]+)"/g;

/** What the name in an import stands for: a file of test/, or `undefined`. */
function fileOf(/** @type {string} */ importer, /** @type {string} */ name) {
  const path = resolve(dirname(importer), name);
  const names = [path, path.replace(/\.js$/, ".ts"), `${path}.ts`];
  return names.find((each) => each.startsWith(TESTS + sep) && /\.\w+$/.test(each) && existsSync(each));
}

/** @type {Set<string>} */
const files = new Set();
/** Of what is to be rebuilt nothing may be known here. */
let isInside = false;
function add(/** @type {string} */ file) {
  if (file === HASH || files.has(file)) return;
  files.add(file);
  for (const [, name = ""] of readFileSync(file, "utf8").matchAll(IMPORT)) {
    if (/^(\.\.\/)+(src|machines)\//.test(name)) {
      isInside = true;
      console.error(`${relative(ROOT, file)} imports ${name}: test/behaviour uses the public API alone.`);
    }
    const imported = fileOf(file, name);
    if (imported) add(imported);
  }
}
for (const entry of readdirSync(FOLDER, { recursive: true, withFileTypes: true })) {
  // The table of contents may be put in better words.
  if (entry.isFile() && entry.name !== "README.md") add(join(entry.parentPath, entry.name));
}

/** By path, so that each system has the same. */
const named = [...files].map((file) => ({ file, name: relative(ROOT, file).split(sep).join("/") }));
named.sort((a, b) => (a.name < b.name ? -1 : 1));
const sum = createHash("sha256");
for (const { file, name } of named) {
  const text = readFileSync(file, "utf8").replaceAll("\r\n", "\n");
  sum.update(`${name}\0${createHash("sha256").update(text).digest("hex")}\n`);
}
const found = `${sum.digest("hex")}\n`;

if (process.argv.includes("--write")) writeFileSync(HASH, found);
if (isInside) process.exitCode = 1;
else if (!existsSync(HASH) || readFileSync(HASH, "utf8") !== found) {
  console.error(
    "test/behaviour, or a helper in test/ that it imports, has changed. It is frozen while the inside is rebuilt: change the code, or say why in the change's note and run `node scripts/frozen.mjs --write`.",
  );
  process.exitCode = 1;
}
