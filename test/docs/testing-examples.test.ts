import * as library from "socket-rotor";
import * as kit from "socket-rotor/testing";
import ts from "typescript";
import { describe, expect, test, vi } from "vitest";
import { blocksOf, filesIn, read } from "./documents.js";

/** The examples that need no server, and nothing of the reader's: they import from the testing kit. */
const examples = ["docs/testing.md", "docs/testing-adapters.md", ...filesIn("src/testing", ".ts")]
  .flatMap(blocksOf)
  .filter(({ code }) => code.includes('"socket-rotor/testing"') && !code.includes("declare "))
  .map((block) => ({ ...block, name: `${block.file}:${block.line}` }));

/** What an example hands to its test runner is run here. */
let handed: (() => unknown)[] = [];

const modules = new Map<string, object>([
  ["node:test", { test: (_: string, test: () => unknown) => handed.push(test) }],
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
  handed = [];
  await new AsyncFunction("require", "exports", "console", outputText)(
    (name: string) => modules.get(name),
    {},
    { log },
  );
  for (const test of handed) await test();
  return log.mock.calls.map(([printed]) => printed);
}

describe("examples of the testing kit run as they stand", () => {
  // Every step of a whole graph, on machines that may be busy.
  test.each(examples)("$name", { timeout: 120_000 }, async ({ code }) => {
    await run(code);
  });
});

test("docs/testing.md's example of a refused token shows the two handshakes that it speaks of", async () => {
  const [, refused] = examples.filter(({ file }) => file === "docs/testing.md");
  const [log] = await run(refused?.code ?? "");
  const handshakes = (log as kit.FakeLogEntry[]).filter(({ type }) => type === "handshake");
  expect(handshakes).toMatchObject([{ auth: { token: "expired" } }, { auth: { token: "fresh" } }]);
});

test("docs/testing.md's example prints what its comments say", async () => {
  const [example] = examples.filter(({ file }) => file === "docs/testing.md");
  expect(await run(example?.code ?? "")).toEqual(["draft", "loggedOut", 0]);
});

test("so do those about the server's answers and about sessions in cookies", async () => {
  const [, , answers, cookie] = examples.filter(({ file }) => file === "docs/testing.md");
  expect(await run(answers?.code ?? "")).toEqual([{ id: 1, draft: "Hello" }, false, "too late"]);
  expect(await run(cookie?.code ?? "")).toEqual(["signedOut", "signedOut", "session_ended"]);
});

test("docs/testing.md speaks of everything that a fake server and its links have", async () => {
  const io = kit.fakeIo();
  const connection = library.createConnection({
    url: "https://api.example.com",
    storage: kit.memoryStorage("a token"),
    io,
    logger: {},
  });
  await connection.whenConnected();
  const names = [...Object.keys(io), ...Object.keys(io.last ?? {})];
  connection.dispose();
  const known = ["open", "number", "isOpen", "ready", "answer", "fail", "auth", "isHoldingBack", "behave"];
  for (const name of names.filter((each) => !known.includes(each)))
    expect(read("docs/testing.md"), name).toMatch(new RegExp(`\\b${name}\\b`));
});
