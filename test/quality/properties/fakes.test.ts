import { describe, it } from "vitest";
import { replay, search } from "./replay.js";
import { fakeRuns } from "./runs.js";
import { cookieStories, tokenStories } from "./schedules.js";

/** The same in every run, and of each the first so many; `npm run test:soak` looks further. */
const SEARCHES = [
  { seed: 1, what: "with tokens", stories: tokenStories },
  { seed: 2, what: "with tokens", stories: tokenStories },
  { seed: 3, what: "with tokens", stories: tokenStories },
  { seed: 4, what: "with the cookie of a session", stories: cookieStories },
];

const runs = fakeRuns / SEARCHES.length;

describe("G1 to G6, G8 and G9 hold between fakes, whatever happens in whatever order", () => {
  it.each(SEARCHES)("$what, seed $seed", { timeout: 1_800_000 }, ({ seed, stories }) =>
    search({ seed, runs }, ({ setting, steps }) => replay(setting, steps), stories),
  );
});
