/** One node of several, in a process of its own: `node.ts <index>`. Its parent waits for its report. */
import { startPlayground } from "./playground.js";
import { endProcess, explain, onEnd, readCommand } from "./server/command-line.js";
import type { Report } from "./server/processes.js";

async function main(): Promise<Report> {
  const { nodes, ...options } = readCommand(process.env);
  const port = nodes[Number(process.argv[2])];
  if (port === undefined) throw new Error("A node is started by npm start, with NODES=2.");
  const playground = await startPlayground({ ...options, port, nodes });
  onEnd(() => void endProcess(playground));
  return { url: playground.url };
}

main().then(
  (report) => process.send?.(report),
  (error: unknown) => process.send?.({ error: explain(error) } satisfies Report, () => process.exit(1)),
);
