import { memoryStorage } from "socket-rotor";
import { expect, test, vi } from "vitest";
import { gate } from "../../system/fixture/behaviours";
import { connectTo, outcome, until, untilIn, untilReady } from "../../system/fixture/client";
import { startServer, type TestServer } from "../../system/fixture/server";

/** What the server saw of a namespace: who came, and who went. */
const traffic = (server: TestServer): string[] =>
  server.log.entries.flatMap((entry) =>
    (entry.kind === "connected" || entry.kind === "disconnected") && entry.namespace === "/chat"
      ? [entry.kind]
      : [],
  );

/** The tokens of the links that the drafts came on. */
const tokensOfDrafts = (server: TestServer): Array<string | undefined> =>
  server.log
    .all("event")
    .filter(({ event }) => event === "draft")
    .map((draft) => server.log.all("connected").find(({ socket }) => socket === draft.socket)?.token);

const isConnected = (socket: { connected: boolean; once(event: "connect", on: () => void): unknown }) =>
  socket.connected || new Promise<void>((resolve) => socket.once("connect", () => resolve()));

test("a namespace that was left stays left over rotations on the same link: one join, one leave", async () => {
  const server = await startServer({ namespaces: ["/", "/chat"], half: {} });
  const storage = memoryStorage(await server.tokens.issue("ada"));
  const connection = connectTo(server, { storage, autoConnect: false });
  const chat = connection.of("/chat");
  connection.connect();
  await isConnected(chat);
  await untilReady(connection);
  chat.disconnect();
  for (let round = 1; round <= 3; round++) {
    storage.write(await server.tokens.issue("ada"));
    await server.log.count("answered", round);
    await until(connection, ({ status }) => status === "connected");
    await connection.socket.emitWithAck("all read");
  }
  expect([traffic(server), chat.active]).toEqual([["connected", "disconnected"], false]);
});

test.each(["replace", "overlap"] as const)(
  "a namespace that is left as a rotation begins is not joined on the new link, with rotation: %s",
  async (rotation) => {
    const server = await startServer({ namespaces: ["/", "/chat"] });
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const connection = connectTo(server, { storage, rotation });
    const chat = connection.of("/chat");
    await isConnected(chat);
    const next = await server.tokens.issue("ada");
    storage.write(next);
    chat.disconnect();
    await until(connection, ({ status }) => status === "connected");
    await connection.socket.emitWithAck("all read");
    expect([traffic(server), server.carried()]).toEqual([["connected", "disconnected"], [next]]);
  },
);

test("connect() of a namespace that is connected loses nothing of what waits for the next link", async () => {
  const server = await startServer({ namespaces: ["/", "/chat"] });
  const storage = memoryStorage(await server.tokens.issue("ada"));
  const connection = connectTo(server, { storage });
  const chat = connection.of("/chat");
  await isConnected(chat);
  const next = await server.tokens.issue("ada");
  storage.write(next);
  expect(connection.getSnapshot().detail).toBe("replacing");
  chat.connect();
  expect(await outcome(chat.emitWithAck("draft"))).toBe("resolved");
  expect(tokensOfDrafts(server)).toEqual([next]);
});

test("connect() of a namespace that is connected writes nothing while a refused token is refreshed", async () => {
  const server = await startServer({ namespaces: ["/", "/chat"] });
  const [first, refused, fresh] = await Promise.all([1, 2, 3].map(() => server.tokens.issue("ada")));
  const storage = memoryStorage(first ?? "");
  const hold = gate();
  const connection = connectTo(server, {
    storage,
    rotation: "overlap",
    refresh: () => hold.passed.then(() => fresh ?? ""),
  });
  const chat = connection.of("/chat");
  await isConnected(chat);
  server.tokens.revoke(refused ?? "");
  storage.write(refused ?? "");
  await untilIn(connection, "rotating.refreshing");
  // Called as a message leaves.
  const onOutgoing = vi.fn();
  chat.onAnyOutgoing(onOutgoing);
  chat.connect();
  const sent = outcome(chat.emitWithAck("draft"));
  expect(onOutgoing).not.toHaveBeenCalled();
  hold.open();
  expect(await sent).toBe("resolved");
});

test.each([
  ["websocket", "a stock server", {}],
  ["websocket", "the server half", { half: {} }],
  ["polling", "a stock server", {}],
] as const)(
  "a namespace that is left and joined again at once over %s, with %s, ends no link",
  async (transport, _what, half) => {
    const server = await startServer({ namespaces: ["/", "/chat"], ...half });
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const connection = connectTo(server, { storage, socketOptions: { transports: [transport] } });
    const ends: string[] = [];
    connection.socket.on("disconnect", (reason) => ends.push(reason));
    const chat = connection.of("/chat");
    await isConnected(chat);
    if ("half" in half) await untilReady(connection);
    for (let round = 0; round < 3; round += 1) {
      chat.disconnect();
      chat.connect();
      chat.disconnect();
      chat.connect();
      expect(await outcome(chat.emitWithAck("draft"))).toBe("resolved");
    }
    expect([ends, traffic(server).slice(0, 3)]).toEqual([[], ["connected", "disconnected", "connected"]]);
  },
);

test("a namespace that is left, joined and left again at once stays left", async () => {
  const server = await startServer({ namespaces: ["/", "/chat"] });
  const connection = connectTo(server, { storage: memoryStorage(await server.tokens.issue("ada")) });
  const chat = connection.of("/chat");
  await isConnected(chat);
  chat.disconnect();
  chat.connect();
  chat.disconnect();
  await connection.socket.emitWithAck("all read");
  await connection.socket.emitWithAck("all read");
  expect(traffic(server)).toEqual(["connected", "disconnected"]);
});

test("a namespace that is left before the server has answered, and joined again at the answer, ends no link", async () => {
  const server = await startServer({ namespaces: ["/", "/chat"] });
  const storage = memoryStorage(await server.tokens.issue("ada"));
  const connection = connectTo(server, { storage, socketOptions: { transports: ["websocket"] } });
  const ends: string[] = [];
  connection.socket.on("disconnect", (reason) => ends.push(reason));
  await isConnected(connection.socket);
  server.io.of("/chat").once("connection", () => server.io.emit("answered"));
  const chat = connection.of("/chat");
  connection.socket.once("answered", () => chat.connect());
  chat.disconnect();
  expect(await outcome(chat.emitWithAck("draft"))).toBe("resolved");
  expect([ends, traffic(server)]).toEqual([[], ["connected", "disconnected", "connected"]]);
});
