/**
 * `npm run size` prints this before the limits: what each part of the client weighs in a browser's production bundle of
 * `createConnection` and `webStorage`. The second column is the gzipped kB that go if the part is left out, so that
 * who adds something sees its price. Parts share words: the sum is less than the whole.
 */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { withoutWords } from "./without-words.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

interface Piece {
  path: string;
  text: string;
}

const gzipped = (text: string): number => gzipSync(text, { level: 9 }).length;

/** The bundle as pieces, each with the file that it comes from. */
async function bundle(): Promise<readonly Piece[]> {
  const { outputFiles } = await build({
    stdin: {
      contents: 'export { createConnection, webStorage } from "./src/index.ts";',
      resolveDir: ROOT,
    },
    absWorkingDir: ROOT,
    outdir: ROOT,
    write: false,
    bundle: true,
    minify: true,
    sourcemap: "external",
    format: "esm",
    target: "es2022",
    legalComments: "none",
    // What an application has anyway, or what it brings along.
    external: ["xstate", "socket.io-client", "@socket.io/component-emitter"],
    plugins: [withoutWords],
  });
  const textOf = (ending: string): string =>
    outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
  const map: { sources: string[]; mappings: string } = JSON.parse(textOf(".js.map"));
  const lines = textOf(".js").split("\n");
  const pieces: Piece[] = [];
  let source = 0;
  for (const [at, mappings] of map.mappings.split(";").entries()) {
    const line = `${lines[at] ?? ""}\n`;
    let column = 0;
    let begin = 0;
    for (const mapping of mappings.split(",")) {
      const [columns = 0, sources = 0] = numbersOf(mapping);
      column += columns;
      // What stands between two files, such as `var a=`, belongs to the one that follows.
      if (sources !== 0) {
        pieces.push({ path: map.sources[source] ?? "", text: line.slice(begin, column) });
        begin = column;
      }
      source += sources;
    }
    pieces.push({ path: map.sources[source] ?? "", text: line.slice(begin) });
  }
  return pieces;
}

/** The numbers of a mapping (https://tc39.es/ecma426/). */
function numbersOf(mapping: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const digit of mapping) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}

/** The concept of a file: its folder, and what lies in `src` itself is the connection. */
function conceptOf(path: string): string {
  const [, folder = ""] = /^(?:src\/)?([\w-]+)\//.exec(path) ?? [];
  if (folder === "machines") return "charts";
  if (folder === "node_modules") return "dependencies";
  return folder === "src" ? "connection" : folder;
}

const pieces = await bundle();
const whole = pieces.map(({ text }) => text).join("");
const row = (name: string, isPart: (path: string) => boolean): [bytes: number, line: string] => {
  const bytes = pieces.reduce((sum, { path, text }) => sum + (isPart(path) ? text.length : 0), 0);
  const rest = pieces.filter(({ path }) => !isPart(path)).map(({ text }) => text);
  const price = (gzipped(whole) - gzipped(rest.join(""))) / 1_000;
  return [bytes, `${String(bytes).padStart(7)} ${price.toFixed(2).padStart(6)} kB  ${name}`];
};
const paths = [...new Set(pieces.map(({ path }) => path))].filter((path) =>
  /^(src|machines|node_modules)\//.test(path),
);
const print = (rows: [bytes: number, line: string][]): void => {
  for (const [, line] of rows.sort(([one], [other]) => other - one)) console.log(line);
};
console.log(`${whole.length} bytes minified, ${(gzipped(whole) / 1_000).toFixed(2)} kB gzipped. Of that:`);
const concepts = [...new Set(paths.map(conceptOf))];
print(concepts.map((concept) => row(concept, (path) => conceptOf(path) === concept)));
console.log("By file:");
print(paths.map((each) => row(each, (path) => path === each)));
