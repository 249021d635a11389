import { promisesSettled } from "./manual-clock.js";

/** Runs `work` and returns what the process would have reported as uncaught meanwhile, in order. */
export async function collectUncaught(work: () => unknown): Promise<unknown[]> {
  const runner = process.listeners("uncaughtException");
  const uncaught: unknown[] = [];
  const collect = (error: unknown): void => {
    uncaught.push(error);
  };
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", collect);
  try {
    await work();
    await promisesSettled();
  } finally {
    process.removeListener("uncaughtException", collect);
    for (const listener of runner) process.on("uncaughtException", listener);
  }
  return uncaught;
}
