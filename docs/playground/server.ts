import { startPlayground } from "./playground.js";
import { endProcess, explain, onEnd, readCommand } from "./server/command-line.js";
import { startProcesses } from "./server/processes.js";

/**
 * `npm start`: the playground on port 3000, or on `PORT`. `HOST` opens it to other computers, `REDIS_URL` keeps its
 * sessions in Redis, and `NODES=2` runs it as two processes.
 */
async function main(): Promise<void> {
  const { nodes, ...options } = readCommand(process.env);
  if (nodes.length > 1) {
    for (const [index, url] of (await startProcesses(nodes)).entries()) {
      console.log(`Node ${index + 1} of the socket-rotor playground is at ${url}`);
    }
    return;
  }
  const playground = await startPlayground(options);
  console.log(`The socket-rotor playground is at ${playground.url}`);
  onEnd(() => void endProcess(playground));
}

main().catch((error: unknown) => {
  console.error(explain(error));
  process.exit(1);
});
