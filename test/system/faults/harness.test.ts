import { connect } from "node:net";
import { memoryStorage } from "socket-rotor";
import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "../fixture/client";
import { startServer } from "../fixture/server";
import { startHarness } from "./fixture/harness";
import { startHoldings } from "./fixture/holdings";

const PATIENCE = 2_000;

describe("a harness fails", () => {
  async function onHarness() {
    const server = await startServer();
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const harness = await startHarness(server, {
      transport: "websocket",
      storage,
      ackTimeout: Number.POSITIVE_INFINITY,
      patience: PATIENCE,
    });
    await harness.connection.whenConnected();
    return { server, harness };
  }

  test("where the connection does not come back", async () => {
    const { server, harness } = await onHarness();
    await server.stop();
    await until(harness.connection, ({ status }) => status !== "connected");
    await expect(harness.endsIn("connected.steady")).rejects.toThrow("where it has come to by itself");
  });

  test("where it has come to another end", async () => {
    const { harness } = await onHarness();
    await expect(harness.endsIn("loggedOut.rejected")).rejects.toThrow("where it has come to by itself");
  });

  test("where it carries no messages", async () => {
    const { server, harness } = await onHarness();
    server.rules.answer = () => undefined;
    await expect(harness.endsIn("connected.steady")).rejects.toThrow("whether a message is answered");
  });

  test.each([0, 1, 2])(
    "where message %d is not settled, each of which asks in a way of its own",
    async (lost) => {
      const { server, harness } = await onHarness();
      server.rules.answer = (_, [number]) => (number === lost ? undefined : "done");
      for (let number = 0; number <= lost; number += 1) void harness.ask();
      await expect(harness.endsIn("connected.steady")).rejects.toThrow("messages that are not settled");
    },
  );

  test("where a message was handled twice", async () => {
    const { server, harness } = await onHarness();
    await harness.ask();
    for (const entry of server.log.all("event")) server.log.add(entry);
    await expect(harness.endsIn("connected.steady")).rejects.toThrow("what was handled");
  });

  test("where a socket is left", async () => {
    const { harness } = await onHarness();
    const socket = connect(Number(new URL(harness.network.url).port), "127.0.0.1").unref();
    onTestFinished(() => void socket.destroy());
    await expect(harness.endsIn("connected.steady")).rejects.toThrow("open connections");
  });

  test("where a handle is left", async () => {
    const { harness } = await onHarness();
    const timer = setTimeout(() => {}, 60_000);
    onTestFinished(() => clearTimeout(timer));
    await expect(harness.endsIn("connected.steady")).rejects.toThrow("what is still held");
  });
});

describe("what is held and counted:", () => {
  test.each<[kind: string, hold: (holdings: ReturnType<typeof startHoldings>) => () => unknown]>([
    [
      "timer",
      (holdings) => {
        const clock = holdings.clock();
        const timer = clock.setTimeout(() => {}, Number.POSITIVE_INFINITY);
        return () => clock.clearTimeout(timer);
      },
    ],
    ["subscription", (holdings) => holdings.storage(memoryStorage()).subscribe(() => {})],
    ["subscription", (holdings) => holdings.environment().subscribe(() => {})],
    [
      "lock",
      () => {
        let end = (): void => {};
        void navigator.locks.request("any", {}, () => new Promise<void>((resolve) => (end = resolve)));
        return () => end();
      },
    ],
    [
      "channel",
      () => {
        const channel = new BroadcastChannel("any");
        return () => channel.close();
      },
    ],
  ])("a %s", async (kind, hold) => {
    const holdings = startHoldings();
    const end = hold(holdings);
    expect(holdings.left()).toContain(`1 ${kind}`);
    await expect(holdings.untilNone(10)).rejects.toThrow("what is still held");
    end();
    await holdings.untilNone(PATIENCE);
  });
});
