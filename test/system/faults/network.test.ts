import { memoryStorage } from "socket-rotor";
import { describe, test } from "vitest";
import { until } from "../fixture/client";
import { startServer } from "../fixture/server";
import { type Harness, startHarness } from "./fixture/harness";
import { blackHole, cut, type Direction, halfThen, inBytes, replaceBy, reset, slow } from "./fixture/network";

const TRANSPORTS = ["polling", "websocket"] as const;
const DIRECTIONS: readonly Direction[] = ["up", "down"];

/** Server and client notice within a second that the other one is gone. */
const ATTENTIVE = { pingInterval: 150, pingTimeout: 600 };

async function onHarness(
  transport: "polling" | "websocket",
  options: { pingInterval?: number; pingTimeout?: number } = ATTENTIVE,
  timeout = 500,
) {
  const server = await startServer({ options });
  const storage = memoryStorage(await server.tokens.issue("ada"));
  return { server, storage, ...(await startHarness(server, { transport, storage, timeout })) };
}

/** As `whenConnected`, and tells where it is when that takes too long. */
const untilConnected = ({ connection }: Pick<Harness, "connection">): Promise<unknown> =>
  until(connection, ({ status }) => status === "connected");

/** Resolves when it is not connected any more. */
const lost = ({ connection }: Pick<Harness, "connection">): Promise<unknown> =>
  until(connection, ({ status }) => status !== "connected");

describe.each(TRANSPORTS)("over %s a network that", (transport) => {
  test("takes longer over everything than an attempt may last, and is quick again", async () => {
    const harness = await onHarness(transport);
    harness.network.fail(slow(600));
    void harness.ask();
    await until(harness.connection, ({ attempt }) => attempt === 2);
    harness.network.heal();
    await harness.endsIn("connected.steady");
  });

  test("delivers byte by byte", async () => {
    const harness = await onHarness(transport, {}, 20_000);
    harness.network.fail(inBytes);
    await harness.untilAnswered();
    harness.storage.write(await harness.server.tokens.issue("ada"));
    harness.network.heal();
    await harness.endsIn("connected.steady");
  });

  test.each([
    ["cuts", cut],
    ["resets", reset],
    ["black-holes", blackHole],
    ["lets half a frame through and cuts", halfThen(cut)],
    ["lets half a frame through and resets", halfThen(reset)],
    ["lets half a frame through and black-holes", halfThen(blackHole)],
    ["delivers garbage in place of", replaceBy(Buffer.from("\x00\xff garbage \r\n\r\n"))],
  ])("%s: first what is sent up, then what is sent down, then every new connection", async (_, fault) => {
    const harness = await onHarness(transport);
    for (const direction of DIRECTIONS) {
      await untilConnected(harness);
      await harness.untilAnswered();
      harness.network.fail(fault, direction);
      const isLost = lost(harness);
      void harness.ask();
      void harness.ask();
      await isLost;
      void harness.ask();
      harness.network.heal();
      await untilConnected(harness);
    }
    harness.network.fail(fault);
    // No link has lasted, so that the attempts are counted on from those before.
    const before = harness.connection.getSnapshot().attempt;
    await until(harness.connection, ({ attempt }) => attempt >= before + 3);
    void harness.ask();
    harness.network.heal();
    await harness.endsIn("connected.steady");
  });
});
