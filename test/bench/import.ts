import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { SERVER } from "./harness/server.js";
import { compared, inTurn, PLAIN } from "./harness/sides.js";
import type { Subject } from "./harness/subject.js";
import { tokenOf } from "./harness/tokens.js";
import { startWorker, type Values } from "./harness/worker.js";

const CHILD = fileURLToPath(new URL("./import.child.mjs", import.meta.url));
const run = promisify(execFile);

async function startFresh(module: string, url: string): Promise<Values> {
  const args = ["--expose-gc", CHILD, module, url, tokenOf("ada")];
  const { stdout } = await run(process.execPath, args);
  const values: Values = JSON.parse(stdout);
  return values;
}

export const importing: Subject = {
  name: "import",
  title: "Importing",
  about:
    "What `import` of the client costs in a fresh Node process, with its own imports. Plain is `socket.io-client` alone; an edition also imports XState. Heap is measured after a forced collection. The time to be connected is the import and the first connection over a websocket together, with code that has never run.",
  async run(bench) {
    const clients = [
      { name: PLAIN, module: import.meta.resolve("socket.io-client") },
      ...bench.editions.map(({ name, folder }) => ({
        name,
        folder,
        module: pathToFileURL(join(folder, "client.mjs")).href,
      })),
    ];
    const sides = await Promise.all(
      clients.map(async (client) => {
        const server = startWorker(SERVER, "folder" in client ? client.folder : undefined);
        bench.onEnd(server.stop);
        const { port } = await server.ask("listen");
        return { ...client, url: `http://127.0.0.1:${port}` };
      }),
    );
    const rounds = await inTurn(sides, bench.amount(11, 1), ({ module, url }) => startFresh(module, url));
    return {
      table: compared(
        bench,
        [
          { what: "time of the import", unit: "ms", rounds, figure: "time" },
          { what: "CPU of the import", unit: "ms", rounds, figure: "cpu" },
          { what: "heap after the import", unit: "kB", rounds, figure: "heap", scale: 0.001 },
          { what: "time to be connected", unit: "ms", rounds, figure: "connectedTime" },
          { what: "CPU to be connected", unit: "ms", rounds, figure: "connectedCpu" },
        ],
        "`socket.io-client`",
      ),
    };
  },
};
