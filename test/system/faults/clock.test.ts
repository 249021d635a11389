import { memoryStorage } from "socket-rotor";
import { describe, expect, test, vi } from "vitest";
import { systemClock } from "../../../src/clock";
import { until } from "../fixture/client";
import { startServer } from "../fixture/server";
import { startHarness } from "./fixture/harness";

const DAY = 86_400_000;

/** The system's clock, of which somebody moves the hands. */
function jumpingClock() {
  const system = systemClock();
  let offset = 0;
  return {
    ...system,
    now: () => system.now() + offset,
    jump(by: number) {
      offset += by;
    },
  };
}

describe.each([
  ["a day ahead", DAY],
  ["a day back", -DAY],
  ["a hundred years ahead", 36_525 * DAY],
  ["to the beginning of time", -Date.now()],
])("a clock that jumps %s", (_, by) => {
  test.each(["without", "with"])("between one state and the next, %s the server half", async (half) => {
    const server = await startServer(half === "with" ? { half: {} } : {});
    const clock = jumpingClock();
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const refresh = vi.fn(async () => server.tokens.issue("ada"));
    const harness = await startHarness(server, { transport: "websocket", storage, clock, refresh });
    const seen = new Set<string>();
    harness.connection.subscribe(() => seen.add(harness.connection.status));

    clock.jump(by);
    await harness.connection.whenConnected();
    clock.jump(-by);
    expect(await harness.ask()).toBe("resolved");
    clock.jump(by);
    storage.write(await server.tokens.issue("ada"));
    expect(await harness.ask()).toBe("resolved");
    clock.jump(-by);
    server.drop();
    await until(harness.connection, ({ status }) => status !== "connected");
    clock.jump(by);
    await harness.connection.whenConnected();
    const port = server.url;
    await server.stop();
    await until(harness.connection, ({ attempt }) => attempt >= 3);
    clock.jump(-by);
    await server.start();
    expect(server.url).toBe(port);
    await harness.connection.whenConnected();
    clock.jump(by);
    await harness.connection.refresh();
    await harness.endsIn("connected.steady");
    expect(seen).not.toContain("loggedOut");
    // One that was asked for, and at most one for each jump that ended the life of a token.
    expect(refresh.mock.calls.length).toBeLessThanOrEqual(4);
  });
});
