import { describe, expect, test } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";
import { collectUncaught } from "../../support/uncaught.js";
import { COMMANDS, type Command } from "./commands.js";
import { connectedHarness, type Harness } from "./harness.js";
import { PLACES, type Place } from "./places.js";

/** Gives the command in a place, once, and follows it to the end. */
async function followed(place: Place, command: Command, isAsynchronous: boolean): Promise<void> {
  let isArmed = false;
  let harness: Harness | undefined;
  let end: (() => Promise<void>) | undefined;
  let failure: unknown;
  const run = (): void => {
    if (!isArmed || !harness) return;
    isArmed = false;
    try {
      end = command.give(harness);
    } catch (error) {
      failure = error;
    }
  };
  harness = await connectedHarness(place.options?.(run), isAsynchronous);
  await place.arrange?.(harness, run);
  isArmed = true;
  await place.trigger(harness);
  await promisesSettled();
  if (isArmed && place.arrange?.length === 0) run();
  for (let look = 0; look < 5 && isArmed; look += 1) {
    if (Number.isFinite(harness.clock.untilNext)) harness.clock.advance(harness.clock.untilNext);
    await promisesSettled();
  }
  if (failure) throw failure;
  expect(end, "the place was not called").toBeDefined();
  await end?.();
}

describe.each([
  ["a storage that answers at once", false],
  ["an asynchronous storage", true],
] as const)("with %s", (_, isAsynchronous) => {
  const places = Object.entries(PLACES).filter(([, place]) => !(isAsynchronous && place.isSynchronous));
  describe.each(places)("in %s", (_name, place) => {
    test.each(Object.entries(COMMANDS))("G11 F36 %s acts before it returns", async (_command, command) => {
      expect(await collectUncaught(() => followed(place, command, isAsynchronous))).toEqual([]);
    });
  });
});
