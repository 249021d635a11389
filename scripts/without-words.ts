import { readFile } from "node:fs/promises";
import type { Options } from "tsup";
import ts from "typescript";

type Plugin = NonNullable<Options["esbuildPlugins"]>[number];

/** What builds an error, and which argument has its words. */
const ERRORS: ReadonlyMap<string, number> = new Map([
  ["ConnectionError", 1],
  ["invalidOption", 0],
  ["fail", 1],
  ["expect", 1],
]);

/** The words of these are not ours: what the server has said, and what socket.io-client says of a timeout. */
const KEPT = ["ERR_REFUSED", "ERR_ACK_TIMEOUT"];

/**
 * For the build that a browser loads in production: leaves out the descriptions of the chart, and the words of errors,
 * for which {@link ConnectionError} then names the page. What is checked, and every code, stays. A text that is not
 * written in the call itself stays too.
 */
export const withoutWords: Plugin = {
  name: "without-words",
  setup(build) {
    const found = new Set<string>();

    build.onLoad({ filter: /[\\/](src|machines)[\\/].*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const isChart = path.endsWith("connection.machine.ts");
      const cuts = isChart ? descriptionsIn(source) : errorWordsIn(source, found);
      if (isChart) found.add("description");
      let contents = source;
      for (const { start, end, instead } of cuts.reverse())
        contents = contents.slice(0, start) + instead + contents.slice(end);
      return { loader: "ts", contents };
    });

    build.onEnd(() => {
      const missing = ["description", ...ERRORS.keys()].filter((name) => !found.has(name));
      if (missing.length > 0) throw new Error(`scripts/without-words.ts found no ${missing.join(", no ")}.`);
    });
  },
};

interface Cut {
  start: number;
  end: number;
  instead: string;
}

function descriptionsIn(source: string): Cut[] {
  const cuts: Cut[] = [];
  walk(source, (node) => {
    if (!ts.isPropertyAssignment(node) || node.name.getText() !== "description") return;
    if (!ts.isStringLiteral(node.initializer)) return;
    const end = source[node.end] === "," ? node.end + 1 : node.end;
    cuts.push({ start: node.getStart(), end, instead: "" });
  });
  const written = source.match(/\bdescription\b/g)?.length ?? 0;
  if (cuts.length !== written)
    throw new Error(`The chart has the word "description" ${written} times, and ${cuts.length} were left out.`);
  return cuts;
}

function errorWordsIn(source: string, found: Set<string>): Cut[] {
  const cuts: Cut[] = [];
  walk(source, (node) => {
    if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return;
    const name = node.expression.getText();
    const index = ERRORS.get(name);
    const [first] = node.arguments ?? [];
    const words = index === undefined ? undefined : node.arguments?.[index];
    if (!words || !(ts.isStringLiteralLike(words) || ts.isTemplateExpression(words))) return;
    if (first && ts.isStringLiteral(first) && KEPT.includes(first.text)) return;
    if (!words.getText().includes(" ")) throw new Error(`${node.getText()}: these are no words.`);
    found.add(name);
    cuts.push({ start: words.getStart(), end: words.end, instead: '""' });
  });
  return cuts;
}

function walk(source: string, visit: (node: ts.Node) => void): void {
  const each = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, each);
  };
  each(ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest, true));
}
