import { readFile } from "node:fs/promises";
import type { Options } from "tsup";
import ts from "typescript";

type Plugin = NonNullable<Options["esbuildPlugins"]>[number];

/** What makes an error, and which argument has its words. */
const ERRORS: ReadonlyMap<string, number> = new Map([
  ["ConnectionError", 1],
  ["failures.make", 1],
  ["make", 1],
  ["invalidOption", 0],
  ["fail", 1],
  ["unavailable", 0],
  ["refuseJson", 1],
  ["checkToken", 1],
]);

/** Warnings that keep their words, as only a deployment shows what they are about. */
const WARNINGS_KEPT = /^"barrier"/;

/** The words of this one are the server's. */
const KEPT = "ERR_REFUSED";

/**
 * For the build that a browser loads in production: leaves out the descriptions of the charts, all that `src/words/`
 * exports, and in other files the words of errors, for which {@link ConnectionError} then names the page, and those of
 * warnings, of which the key is left. Every code stays, and a text that is not written in the call itself.
 */
export const withoutWords: Plugin = {
  name: "without-words",
  setup(build) {
    const found = new Set<string>();

    build.onLoad({ filter: /[\\/]src[\\/]words[\\/].*\.ts$/ }, async ({ path }) => ({
      loader: "ts",
      contents: stubsOf(await readFile(path, "utf8")),
    }));

    build.onLoad({ filter: /[\\/](src|machines)[\\/].*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const isChart = path.endsWith(".machine.ts");
      const cuts = isChart ? descriptionsIn(path, source) : errorWordsIn(source, found);
      if (isChart) found.add("description");
      let contents = source;
      for (const { start, end, instead } of cuts.reverse())
        contents = contents.slice(0, start) + instead + contents.slice(end);
      return { loader: "ts", contents };
    });

    build.onEnd(() => {
      const missing = ["description", "warning", ...ERRORS.keys()].filter((name) => !found.has(name));
      if (missing.length > 0) throw new Error(`scripts/without-words.ts found no ${missing.join(", no ")}.`);
    });
  },
};

/** What stands for a file of `src/words/`: a text that is empty for each constant, and nothing for each function. */
function stubsOf(source: string): string {
  const isExported = ({ modifiers }: ts.FunctionDeclaration | ts.VariableStatement): boolean =>
    modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  return ts
    .createSourceFile("source.ts", source, ts.ScriptTarget.Latest, true)
    .statements.filter((node) => ts.isFunctionDeclaration(node) || ts.isVariableStatement(node))
    .filter(isExported)
    .flatMap((node) => {
      if (ts.isFunctionDeclaration(node)) return [`export function ${node.name?.text}() {}`];
      return node.declarationList.declarations.map(({ name, initializer }) => {
        if (!initializer || !isText(initializer))
          throw new Error(`${name.getText()} in src/words is neither a function nor a text.`);
        return `export const ${name.getText()} = "";`;
      });
    })
    .join("\n");
}

interface Cut {
  start: number;
  end: number;
  instead: string;
}

function descriptionsIn(path: string, source: string): Cut[] {
  const cuts: Cut[] = [];
  walk(source, (node) => {
    if (!ts.isPropertyAssignment(node) || node.name.getText() !== "description") return;
    if (!ts.isStringLiteral(node.initializer)) return;
    const end = source[node.end] === "," ? node.end + 1 : node.end;
    cuts.push({ start: node.getStart(), end, instead: "" });
  });
  const written = source.match(/\bdescription\b/g)?.length ?? 0;
  if (cuts.length !== written)
    throw new Error(`${path} has the word "description" ${written} times, and ${cuts.length} were left out.`);
  return cuts;
}

function errorWordsIn(source: string, found: Set<string>): Cut[] {
  const cuts: Cut[] = [];
  const cut = (name: string, code: ts.Node | undefined, words: ts.Node | undefined): void => {
    if (!words || !isText(words) || code?.getText() === `"${KEPT}"`) return;
    if (!/[ .(]/.test(words.getText()))
      throw new Error(`${words.getText()} in a ${name}: these are no words.`);
    found.add(name);
    cuts.push({ start: words.getStart(), end: words.end, instead: '""' });
  };
  walk(source, (node) => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const name = node.expression.getText();
      const index = ERRORS.get(name);
      if (index !== undefined) cut(name, node.arguments?.[0], node.arguments?.[index]);
      const [key, line] = node.arguments ?? [];
      const isWarning = /[lL]og\??\.(warn|info)Once$|^warnOnce$/.test(name);
      if (isWarning && key && isText(key) && !WARNINGS_KEPT.test(key.getText()))
        cut("warning", undefined, line);
    }
  });
  return cuts;
}

/** A text as it is written down, or the choice between two. */
function isText(node: ts.Node): boolean {
  if (ts.isConditionalExpression(node)) return isText(node.whenTrue) && isText(node.whenFalse);
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

function walk(source: string, visit: (node: ts.Node) => void): void {
  const each = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, each);
  };
  each(ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest, true));
}
