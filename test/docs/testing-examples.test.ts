import * as library from "socket-rotor";
import * as kit from "socket-rotor/testing";
import ts from "typescript";
import { describe, expect, test, vi } from "vitest";
import { blocksOf, filesIn } from "./documents.js";

/** The examples that need no server, and nothing of the reader's: they import from the testing kit. */
const examples = ["README.md", ...filesIn("src/testing", ".ts")]
  .flatMap(blocksOf)
  .filter(({ code }) => code.includes('"socket-rotor/testing"') && !code.includes("declare "))
  .map((block) => ({ ...block, name: `${block.file}:${block.line}` }));

const modules = new Map<string, object>([
  ["socket-rotor", library],
  ["socket-rotor/testing", kit],
]);

/** Runs an example as it stands; answers with what it printed. */
async function run(code: string): Promise<unknown[]> {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const log = vi.fn();
  await new AsyncFunction("require", "exports", "console", outputText)(
    (name: string) => modules.get(name),
    {},
    { log },
  );
  return log.mock.calls.map(([printed]) => printed);
}

describe("examples of the testing kit run as they stand", () => {
  test.each(examples)("$name", async ({ code }) => {
    await run(code);
  });
});

test("README's example shows the two handshakes that it speaks of", async () => {
  const [example] = examples.filter(({ file }) => file === "README.md");
  const [log] = await run(example?.code ?? "");
  const handshakes = (log as kit.FakeLogEntry[]).filter(({ type }) => type === "handshake");
  expect(handshakes).toMatchObject([{ auth: { token: "expired" } }, { auth: { token: "fresh" } }]);
});
