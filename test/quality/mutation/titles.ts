import ts from "typescript";

/** A test as it stands in a file. */
export interface TitledTest {
  /** Matches the title as it is reported, in which the values of `each` have taken their places. */
  pattern: RegExp;
  /** The title after the titles around it. */
  full: string;
}

/** The tests of a file whose titles are plain strings. */
export function testsIn(file: string, text: string): TitledTest[] {
  const found: TitledTest[] = [];
  const visit = (node: ts.Node, around: string): void => {
    const call = ts.isCallExpression(node) ? titled(node) : undefined;
    if (call?.word === "test" || call?.word === "it") {
      found.push({ pattern: patternOf(call.title), full: `${around}${call.title}` });
    }
    const within = call?.word === "describe" ? `${around}${call.title} ` : around;
    ts.forEachChild(node, (child) => visit(child, within));
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true), "");
  return found;
}

/** The word and the title of `test("…")`, `test.each([…])("…")` and the like. */
function titled({
  expression,
  arguments: [title],
}: ts.CallExpression): { word: string; title: string } | undefined {
  if (title === undefined || !ts.isStringLiteralLike(title)) return undefined;
  let word: ts.Expression = expression;
  while (ts.isCallExpression(word) || ts.isPropertyAccessExpression(word)) word = word.expression;
  return ts.isIdentifier(word) ? { word: word.text, title: title.text } : undefined;
}

function patternOf(title: string): RegExp {
  const parts = title.split(/%[a-z]|\$[\w.]+/).map((part) => escaped(part));
  return new RegExp(`^${parts.join(".+")}$`);
}

/** A text as a regular expression that matches it alone. */
export function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
