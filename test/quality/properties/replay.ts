import fc from "fast-check";
import { seeded } from "../../support/random.js";
import { openBrowser } from "./browser.js";
import { FakeHarness } from "./fake-harness.js";
import { print, type Schedule, type Setting, type Step } from "./schedule.js";
import { tokenStories } from "./schedules.js";

/** Lives through a schedule between fakes, the same way each time; rejects where a guarantee does not hold. */
export async function replay(setting: Setting, steps: readonly Step[]): Promise<void> {
  const { random } = Math;
  Math.random = seeded(1);
  const uncaught: unknown[] = [];
  const collect = (error: unknown): number => uncaught.push(error);
  const runners = ["uncaughtException", "unhandledRejection"].map((event) => {
    const listeners = process.rawListeners(event);
    process.removeAllListeners(event);
    process.on(event, collect);
    return { event, listeners };
  });
  const closeBrowser = openBrowser();
  try {
    await new FakeHarness(setting).live(steps);
    // Node looks for rejections that nobody handled when the promises have had their turns.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    Math.random = random;
    closeBrowser();
    for (const { event, listeners } of runners) {
      process.removeListener(event, collect);
      for (const listener of listeners)
        process.on(event, (...args) => Reflect.apply(listener, process, args));
    }
  }
  if (uncaught.length > 0) throw new Error(`uncaught: ${uncaught[0]}`, { cause: uncaught[0] });
}

/** How a property is looked at: the same seed and path lead to the same schedules. */
export interface Search {
  seed: number;
  runs: number;
  /** Where a counterexample was found before. */
  path?: string;
}

/** Tries so many schedules; rejects with the shortest one that breaks a guarantee, ready for a test. */
export async function search(
  { seed, runs, path }: Search,
  live: (schedule: Schedule) => Promise<void>,
  stories: fc.Arbitrary<Schedule> = tokenStories,
): Promise<void> {
  const details = await fc.check(fc.asyncProperty(stories, live), {
    seed,
    numRuns: runs,
    ...(path !== undefined && { path }),
  });
  if (!details.failed) return;
  const [schedule] = details.counterexample ?? [];
  const reason = details.errorInstance;
  const where = `seed: ${details.seed}, path: ${JSON.stringify(details.counterexamplePath)}`;
  throw new Error(
    `${reason instanceof Error ? reason.message : reason}\nafter ${details.numRuns} schedules, { ${where} }. To keep as a test:\n\n${schedule ? print(schedule) : "no schedule"}\n`,
    { cause: reason },
  );
}
