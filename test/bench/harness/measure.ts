import { setTimeout as delay, setImmediate } from "node:timers/promises";

/** Milliseconds of CPU that this process spends on something, in user and system time together. */
export async function cpuOf(act: () => Promise<unknown> | unknown): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Milliseconds that pass while something is done. */
export async function timeOf(act: () => Promise<unknown> | unknown): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

/** The bytes of heap that are in use once nothing more can be collected. */
export async function heapInUse(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error("The heap is measured under --expose-gc only.");
  // What just closed gets its turn to be let go.
  for (let turn = 0; turn < 5; turn += 1) {
    await setImmediate();
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed;
}

/** Lets what is under way come to its end. */
export const settle = (milliseconds = 50): Promise<void> => delay(milliseconds);

export const range = (length: number): number[] => Array.from({ length }, (_, index) => index);
