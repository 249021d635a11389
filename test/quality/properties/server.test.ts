import { afterAll, beforeAll, describe, it } from "vitest";
import { RealHarness } from "./real-harness.js";
import { RealServer } from "./real-server.js";
import { search } from "./replay.js";
import { serverRuns } from "./runs.js";

const runs = serverRuns / 2;

describe.each([
  ["a stock server", false],
  ["a server with our half", true],
])("G1 to G9 hold with %s, whatever happens in whatever order", (_, hasHalf) => {
  const server = new RealServer(hasHalf);
  let url = "";
  beforeAll(async () => {
    url = await server.start();
  });
  afterAll(() => server.stop());

  it("as random schedules show", { timeout: 1_800_000 }, () =>
    search({ seed: 1, runs }, ({ setting, steps }) => new RealHarness(setting, server, url).live(steps)),
  );
});
