import { memoryStorage } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { startTrial } from "../../system/faults/fixture/harness";
import { gate, holdHandshakes } from "../../system/fixture/behaviours";
import { connectTo, outcome, until, untilIn } from "../../system/fixture/client";
import { startServer, type TestServer } from "../../system/fixture/server";
import { switchableStorage, syncStorage } from "../../system/fixture/storages";

const tokens = (server: TestServer, namespace = "/"): Array<string | undefined> =>
  server.log
    .all("handshake")
    .filter((each) => each.namespace === namespace)
    .map(({ token }) => token);

describe("F7 a token is read anew for each handshake", () => {
  test("F7 a reconnection after a change that nobody announced carries the new token", async () => {
    const server = await startServer();
    const [first, second] = [await server.tokens.issue("ada"), await server.tokens.issue("ada")];
    const storage = syncStorage(first);
    const connection = connectTo(server, { storage });
    await connection.whenConnected();
    connection.socket.once("disconnect", () => storage.set(second, "quietly"));
    server.drop();
    await server.log.count("connected", 2);
    await connection.whenConnected();
    expect(tokens(server)).toEqual([first, second]);
  });

  test("F7 a change that nobody announced while the link opens is found before it is presented", async () => {
    const server = await startServer();
    const [first, second] = [await server.tokens.issue("ada"), await server.tokens.issue("ada")];
    const storage = syncStorage(first);
    server.rules.engine = () => storage.set(second, "quietly");
    const connection = connectTo(server, { storage });
    await connection.whenConnected();
    expect(tokens(server)).toEqual([second]);
  });
});

test("F8 a change while connected reaches the server", async () => {
  const server = await startServer();
  const [first, second] = [await server.tokens.issue("ada"), await server.tokens.issue("ada")];
  const storage = memoryStorage(first);
  const connection = connectTo(server, { storage });
  await connection.whenConnected();
  storage.write(second);
  await server.log.count("connected", 2);
  await connection.whenConnected();
  await server.untilLive(1);
  expect(tokens(server)).toEqual([first, second]);
});

describe("F10 a storage that cannot answer is asked again, and signs nobody out", () => {
  test.each([
    ["hang", "ERR_STORAGE_TIMEOUT"],
    ["throw", "ERR_STORAGE_READ"],
  ] as const)("F10 reads that %s before the first connection", async (mode, code) => {
    const server = await startServer();
    const storage = switchableStorage(await server.tokens.issue("ada"));
    storage.behave(mode);
    const { connection, endsIn } = await startTrial(server, {
      transport: "websocket",
      storage,
      readTimeout: 5,
    });
    const seen = new Set<string>();
    connection.subscribe(() => seen.add(connection.status));
    const { error } = await until(connection, ({ attempt }) => attempt === 3);
    expect(error).toMatchObject({ code });
    storage.behave("answer");
    await connection.whenConnected();
    expect([...seen].sort()).toEqual(["connected", "connecting"]);
    await endsIn("connected.steady");
  });

  test.each([
    ["hang", "ERR_STORAGE_TIMEOUT"],
    ["throw", "ERR_STORAGE_READ"],
  ] as const)(
    "F10 reads that %s while connected: the link is closed, and the outbox kept",
    async (mode, code) => {
      const server = await startServer();
      const ada = await server.tokens.issue("ada");
      const storage = switchableStorage(ada);
      const { connection, endsIn } = await startTrial(server, {
        transport: "websocket",
        storage,
        readTimeout: 5,
      });
      const seen = new Set<string>();
      await connection.whenConnected();
      connection.subscribe(() => seen.add(connection.status));
      storage.behave(mode);
      storage.set(await server.tokens.issue("ada"));
      const kept = outcome(connection.socket.emitWithAck("kept"));
      const { error } = await untilIn(connection, "connecting.waiting");
      expect(error).toMatchObject({ code });
      await server.untilLive(0);
      expect(server.log.all("event")).toEqual([]);
      storage.behave("answer");
      expect(await kept).toBe("resolved");
      expect(server.log.all("event").map(({ event }) => event)).toEqual(["kept"]);
      expect([...seen].sort()).toEqual(["connected", "connecting"]);
      await endsIn("connected.steady");
    },
  );
});

test("F11 repeated connect() while pending makes one server socket, with the newest token", async () => {
  const server = await startServer();
  const [first, second] = [await server.tokens.issue("ada"), await server.tokens.issue("ada")];
  const storage = memoryStorage(first);
  const hold = gate();
  server.rules = holdHandshakes(hold);
  const connection = connectTo(server, { storage });
  const connectThrice = (): void => {
    connection.connect();
    connection.socket.connect();
    connection.socket.connect();
  };
  connectThrice();
  await server.log.count("handshake", 1);
  connectThrice();
  storage.write(second);
  connectThrice();
  await server.log.count("handshake", 2);
  connectThrice();
  hold.open();
  await connection.whenConnected();
  connectThrice();
  await connection.socket.emitWithAck("all read");
  expect(tokens(server)).toEqual([first, second]);
  expect(server.log.all("connected").map(({ token }) => token)).toEqual([second]);
  expect(server.live()).toHaveLength(1);
});

test("F13 every namespace presents the new token", async () => {
  const server = await startServer({ namespaces: ["/", "/chat", "/news"] });
  const [first, second] = [await server.tokens.issue("ada"), await server.tokens.issue("grace")];
  const storage = memoryStorage(first);
  const connection = connectTo(server, { storage });
  const chat = connection.of("/chat");
  const news = connection.of("/news");
  await server.log.count("connected", 3);
  await Promise.all([chat.emitWithAck("hello"), news.emitWithAck("hello")]);
  storage.write(second);
  await server.log.count("connected", 6);
  await server.untilLive(3);
  await Promise.all([chat.emitWithAck("hello"), news.emitWithAck("hello")]);
  for (const namespace of ["/", "/chat", "/news"]) {
    expect(tokens(server, namespace)).toEqual([first, second]);
    expect(server.live(namespace)).toHaveLength(1);
  }
});
