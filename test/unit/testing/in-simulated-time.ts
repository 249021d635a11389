import { setImmediate } from "node:timers/promises";
import { vi } from "vitest";

/**
 * Does something for which seconds have to pass, in a fraction of one: as soon as nothing but timers is waited for, the
 * time of the next one has come. Those that are due in the same millisecond end together. For code without a network.
 */
export async function inSimulatedTime<T>(act: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  const { setTimeout: begin } = globalThis;
  // As in Node, no timer is due before a millisecond has passed.
  vi.stubGlobal("setTimeout", (end: () => void, delay = 1) => begin(end, Math.max(1, delay)));
  try {
    let isOver = false;
    const stop = (): void => {
      isOver = true;
    };
    const acting = act();
    acting.then(stop, stop);
    while (!isOver) {
      await setImmediate();
      vi.advanceTimersToNextTimer();
    }
    return await acting;
  } finally {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  }
}
