// A process that does the tasks of a module, one at a time, for one edition or for plain Socket.IO.
import { loadEdition } from "./edition.js";
import type { Answer, Question, Tasks } from "./worker.js";

const [module = "", folder] = process.argv.slice(2);
const { tasks }: { tasks: Tasks } = await import(module);
const edition = folder === undefined ? undefined : await loadEdition(folder);

async function answerTo({ id, task, given }: Question): Promise<Answer> {
  try {
    const run = tasks[task];
    if (run === undefined) return { id, error: "There is no such task." };
    return { id, values: await run(given, edition) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.on("message", (message) => {
  void answerTo(JSON.parse(String(message))).then((answer) => process.send?.(JSON.stringify(answer)));
});
process.on("disconnect", () => process.exit());
