import { type ConnectionOptions, memoryStorage } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { installedOn } from "../../../src/server/installed";
import { gate, holdHandshakes } from "../fixture/behaviours";
import { until, untilReady } from "../fixture/client";
import { startServer } from "../fixture/server";
import { jwtTokens } from "../fixture/tokens";
import { startHarness } from "./fixture/harness";

/**
 * Frames that no Socket.IO server sends. Some end the link, and the others mean nothing. An event and a refusal that
 * carry nothing at all, `2` and `4`, are not among them: socket.io-client throws at them where nobody can catch it.
 */
const GARBAGE: readonly (string | Buffer)[] = [
  "",
  "9",
  "x",
  "2[",
  "2{}",
  "2[]",
  "2[null]",
  '2["connect"]',
  '2["disconnect", "x"]',
  "3",
  "3[1]",
  "3999[1]",
  "0",
  "0null",
  '0{"sid":5}',
  '4{"message":"no"}',
  '4"refused"',
  '51-["x",{"_placeholder":true,"num":9}]',
  '599-["x",{"_placeholder":true,"num":0}]',
  '2/nowhere,["x"]',
  '3/nowhere,1["x"]',
  "1/nowhere,",
  '2/rotor,["ready"]',
  '2/rotor,["ready",{"version":"1","reauthenticate":"yes","expiresIn":"soon","identity":{}}]',
  '2/rotor,["goodbye"]',
  '2/rotor,["goodbye",{"error":{"a":1},"retryAfter":"later"}]',
  "3/rotor,0[null]",
  "3/rotor,99[]",
  '4/rotor,"no"',
  "\u0000\ufffd\u202e",
  Buffer.from([0, 255, 1, 254]),
  `2["x","${"y".repeat(100_000)}"]`,
];

describe.each(["polling", "websocket"] as const)("over %s a server that", (transport) => {
  async function onHarness(
    given: Parameters<typeof startServer>[0] = {},
    options: Pick<ConnectionOptions, "rotation"> = {},
  ) {
    const server = await startServer(given);
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const harness = await startHarness(server, { transport, storage, ackTimeout: 5_000, ...options });
    return { server, storage, harness };
  }

  test("never answers a CONNECT, until it does", async () => {
    const { server, harness } = await onHarness();
    server.rules = holdHandshakes(gate());
    const queued = harness.ask();
    const { error } = await until(harness.connection, ({ attempt }) => attempt === 2);
    expect(error).toMatchObject({ code: "ERR_CONNECT_TIMEOUT" });
    server.rules = {};
    expect(await queued).toBe("resolved");
    await harness.endsIn("connected.steady");
  });

  test("takes a connection and never says a word, until it does", async () => {
    const { server, harness } = await onHarness();
    const late = gate();
    server.rules = { request: () => late.passed.then(() => undefined) };
    const queued = harness.ask();
    const { error } = await until(harness.connection, ({ attempt }) => attempt === 2);
    expect(error).toMatchObject({ code: "ERR_CONNECT_TIMEOUT" });
    server.rules = {};
    expect(await queued).toBe("resolved");
    late.open();
    await harness.endsIn("connected.steady");
  });

  test("answers a CONNECT when the client has given it up", async () => {
    const { server, harness } = await onHarness();
    const late = gate();
    server.rules = holdHandshakes(late);
    await until(harness.connection, ({ attempt }) => attempt === 2);
    server.rules = {};
    await harness.connection.whenConnected();
    late.open();
    expect(await harness.ask()).toBe("resolved");
    expect(server.log.all("connected")).toHaveLength(1);
    await harness.endsIn("connected.steady");
  });

  test.each(["without", "with"])("sends garbage, %s the server half", async (half) => {
    const { server, harness, storage } = await onHarness(half === "with" ? { half: {} } : {});
    for (const frame of GARBAGE) {
      await harness.connection.whenConnected();
      for (const { conn } of server.io.sockets.sockets.values()) conn.send(frame);
      expect(await harness.ask()).toMatch(/^(resolved|ERR_LINK_CLOSED)$/);
    }
    await harness.connection.whenConnected();
    if (half === "with") await untilReady(harness.connection);
    const token = await server.tokens.issue("ada");
    storage.write(token);
    await harness.untilAnswered();
    await harness.endsIn("connected.steady");
  });

  test("thinks about each token until there is a newer one", async () => {
    const { server, harness, storage } = await onHarness();
    let thinking = gate();
    server.rules.handshake = (namespace) => (namespace === "/" ? thinking.passed : undefined);
    for (let number = 1; number <= 20; number += 1) {
      await server.log.count("handshake", number);
      const answer = thinking.open;
      thinking = gate();
      storage.write(await server.tokens.issue(number % 2 ? "ada" : "grace"));
      answer();
    }
    await server.log.count("handshake", 21);
    thinking.open();
    await harness.connection.whenConnected();
    expect(await harness.ask()).toBe("resolved");
    expect(server.carried()).toEqual([storage.read()]);
    await harness.endsIn("connected.steady");
  });

  test("kicks in a loop, by Socket.IO or by ending the connection, until it does not", async () => {
    const { server, harness } = await onHarness();
    for (const isWhole of [false, true]) {
      server.rules.connection = (socket) => void socket.disconnect(isWhole);
      if (isWhole) server.kick();
      void harness.ask();
      await until(harness.connection, ({ attempt }) => attempt >= 6);
      void harness.ask();
      server.rules = {};
      await harness.connection.whenConnected();
      await harness.untilAnswered();
    }
    await harness.endsIn("connected.steady");
  });

  test("kicks in a loop with a goodbye, until it does not", async () => {
    const { server, harness } = await onHarness({ half: {} });
    const refusal = { error: "temporarily_unavailable", error_description: "Too much to do." } as const;
    server.rules.connection = () => {
      for (const link of installedOn(server.io)?.links ?? []) link.disconnectWithReason(refusal);
    };
    void harness.ask();
    await until(harness.connection, ({ attempt }) => attempt >= 6);
    server.rules = {};
    await harness.endsIn("connected.steady");
  });

  test.each(["auto", "overlap", "replace"] as const)(
    'accepts every namespace, with the rotation "%s"',
    async (rotation) => {
      const jwt = jwtTokens();
      const userOf = async (token?: string): Promise<string> => (token ? jwt.userOf(token) : "a guest");
      const { server, harness, storage } = await onHarness(
        { namespaces: /.*/, tokens: { ...jwt, userOf } },
        { rotation },
      );
      for (const user of ["ada", "ada", "grace", "ada"]) {
        await harness.connection.whenConnected();
        void harness.ask();
        storage.write(await server.tokens.issue(user));
        void harness.ask();
      }
      server.drop();
      await harness.endsIn("connected.steady");
    },
  );

  test.each([
    ["auto", {}],
    ["overlap", undefined],
    ["replace", undefined],
  ] as const)('thinks about each message, with the rotation "%s"', async (rotation, half) => {
    const { server, harness, storage } = await onHarness({ ...(half && { half }) }, { rotation });
    let thinking = gate();
    server.rules.connection = (socket) => {
      socket.use((_, next) => void thinking.passed.then(() => next()));
    };
    for (const user of ["ada", "ada", "grace"]) {
      await harness.connection.whenConnected();
      if (half) await untilReady(harness.connection);
      void harness.ask();
      void harness.ask();
      storage.write(await server.tokens.issue(user));
      const { open } = thinking;
      await server.log.until(
        () =>
          server.log.all("handshake").some(({ token }) => token === storage.read()) ||
          server.log.all("answered").some(({ token }) => token === storage.read()),
      );
      thinking = gate();
      open();
    }
    thinking.open();
    await harness.endsIn("connected.steady");
  });
});
