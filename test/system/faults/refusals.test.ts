import { memoryStorage } from "socket-rotor";
import type { RefusalCode } from "socket-rotor/server";
import { describe, expect, test, vi } from "vitest";
import { answerStatus, refuseWith } from "../fixture/behaviours";
import { until, untilReady } from "../fixture/client";
import { startServer } from "../fixture/server";
import { startHarness } from "./fixture/harness";

// What is done about each word, step by step, is in ../codes.test.ts.

/** What becomes of a connection that can refresh its token: it is tried again, or is over. */
const WORDS: Record<RefusalCode, "again" | "over"> = {
  invalid_token: "again",
  insufficient_scope: "over",
  access_denied: "over",
  invalid_request: "over",
  session_required: "over",
  session_ended: "over",
  session_changed: "again",
  identity_mismatch: "again",
  temporarily_unavailable: "again",
};

const END = { again: "connected.steady", over: "loggedOut.rejected" } as const;

describe.each(["polling", "websocket"] as const)("over %s a server that", (transport) => {
  async function onHarness(half?: object) {
    const server = await startServer(half && { half });
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const refresh = vi.fn(async () => server.tokens.issue("ada"));
    // An attempt that is given up before the refusal arrives is another fault.
    const harness = await startHarness(server, { transport, storage, refresh, timeout: 20_000 });
    return { server, storage, refresh, harness };
  }

  test.each(Object.entries(WORDS))("refuses a CONNECT with %s: it is %s", async (word, end) => {
    const { server, harness } = await onHarness();
    server.rules = refuseWith(word);
    const queued = harness.ask();
    await server.log.count("refused", 1);
    server.rules = {};
    await harness.endsIn(END[end]);
    expect(await queued).toBe(end === "again" ? "resolved" : "ERR_LOGGED_OUT");
  });

  test.each(Object.entries(WORDS))("refuses after a drop with %s: it is %s", async (word, end) => {
    const { server, harness } = await onHarness();
    await harness.connection.whenConnected();
    expect(await harness.ask()).toBe("resolved");
    server.rules = refuseWith(word);
    void harness.ask();
    server.drop();
    void harness.ask();
    await server.log.count("refused", 1);
    server.rules = {};
    await harness.endsIn(END[end]);
  });

  test("refuses each newer token for a while on the link that is there", async () => {
    const { server, storage, harness } = await onHarness({});
    await untilReady(harness.connection);
    server.rules.verify = () => {
      throw new Error("the keys cannot be had");
    };
    storage.write(await server.tokens.issue("ada"));
    void harness.ask();
    await server.log.count("answered", 1);
    server.rules = {};
    await harness.endsIn("connected.steady");
  });

  test.each([400, 401, 403, 404, 413, 429, 500, 502, 503, 504])(
    "answers with HTTP status %d: it is tried again",
    async (status) => {
      const { server, harness } = await onHarness();
      server.rules = answerStatus(status);
      const queued = harness.ask();
      await server.log.count("request", 1);
      await until(harness.connection, ({ error }) => error !== undefined);
      server.rules = {};
      expect(await queued).toBe("resolved");
      await harness.endsIn("connected.steady");
    },
  );
});
