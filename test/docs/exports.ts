import * as library from "socket-rotor";
import ts from "typescript";
import { untyped } from "../support/untyped.js";
import { blocksOf } from "./documents.js";

/**
 * What an example of a document exports under a name, so that the code that readers copy is the code that is tested.
 * `modules` are what else it imports, by name.
 */
export function exportOf<T>(file: string, name: string, modules: Record<string, unknown> = {}): T {
  const block = blocksOf(file).find(({ code }) =>
    new RegExp(`^export (const|class) ${name}\\b`, "m").test(code),
  );
  if (!block) throw new Error(`${file} has no example that exports ${name}`);
  const { outputText } = ts.transpileModule(block.code, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
      experimentalDecorators: true,
      useDefineForClassFields: false,
    },
  });
  const exported: object = {};
  new Function("require", "exports", outputText)((from: string) => modules[from] ?? library, exported);
  return untyped(Reflect.get(exported, name));
}
