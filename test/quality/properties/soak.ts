// Random schedules for as long as one likes: SOAK_MINUTES=60 npm run test:soak. A round is a seed, printed first;
// SOAK_SEED begins with a known one.

import { RealHarness } from "./real-harness.js";
import { RealServer } from "./real-server.js";
import { replay, search } from "./replay.js";
import { cookieStories, tokenStories } from "./schedules.js";

const BETWEEN_FAKES = [
  [tokenStories, 750],
  [cookieStories, 250],
] as const;
const WITH_A_SERVER = 20;

const end = Date.now() + Number(process.env["SOAK_MINUTES"] ?? 10) * 60_000;
let seed = Number(process.env["SOAK_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
let rounds = 0;

const server = new RealServer(false);
const serverWithHalf = new RealServer(true);
const urls = [await server.start(), await serverWithHalf.start()] as const;
try {
  do {
    console.log(`SOAK_SEED=${seed}`);
    for (const [stories, runs] of BETWEEN_FAKES) {
      await search({ seed, runs }, ({ setting, steps }) => replay(setting, steps), stories);
    }
    for (const [each, url] of [
      [server, urls[0]],
      [serverWithHalf, urls[1]],
    ] as const) {
      await search({ seed, runs: WITH_A_SERVER }, ({ setting, steps }) =>
        new RealHarness(setting, each, url).live(steps),
      );
    }
    rounds += 1;
    seed = (seed + 1) % 2 ** 31;
  } while (Date.now() < end);
  console.log(
    `${rounds * 1_000} schedules between fakes and ${rounds * WITH_A_SERVER * 2} with a server: all guarantees held.`,
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await Promise.all([server.stop(), serverWithHalf.stop()]);
}
