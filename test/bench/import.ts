import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { compared, inTurn, PLAIN } from "./harness/sides.js";
import type { Subject } from "./harness/subject.js";
import type { Values } from "./harness/worker.js";

const CHILD = fileURLToPath(new URL("./import.child.mjs", import.meta.url));
const run = promisify(execFile);

async function importFresh(module: string): Promise<Values> {
  const { stdout } = await run(process.execPath, ["--expose-gc", CHILD, module]);
  const values: Values = JSON.parse(stdout);
  return values;
}

export const importing: Subject = {
  name: "import",
  title: "Importing",
  about:
    "What `import` of the client takes in a fresh Node process, with all that it imports itself: plain is `socket.io-client` alone, and an edition brings it and XState along. Heap is what is left after a forced collection.",
  async run(bench) {
    const sides = [
      { name: PLAIN, module: import.meta.resolve("socket.io-client") },
      ...bench.editions.map(({ name, folder }) => ({
        name,
        module: pathToFileURL(join(folder, "client.mjs")).href,
      })),
    ];
    const rounds = await inTurn(sides, bench.amount(11, 1), ({ module }) => importFresh(module));
    return {
      table: compared(
        bench,
        [
          { what: "time", unit: "ms", rounds, figure: "time" },
          { what: "CPU", unit: "ms", rounds, figure: "cpu" },
          { what: "heap", unit: "kB", rounds, figure: "heap", scale: 0.001 },
        ],
        "`socket.io-client`",
      ),
    };
  },
};
