import { describe, it } from "vitest";
import { replay, search } from "./replay.js";

/** The same in every run; `npm run test:soak` looks further. */
const SEEDS = [1, 2, 3, 4];

const runs = Number(process.env["PROPERTY_RUNS"] ?? 10_000) / SEEDS.length;

describe("G1 to G6, G8 and G9 hold between fakes, whatever happens in whatever order", () => {
  it.each(SEEDS)("seed %i", { timeout: 300_000 }, (seed) =>
    search({ seed, runs }, ({ setting, steps }) => replay(setting, steps)),
  );
});
