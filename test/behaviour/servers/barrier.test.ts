import { memoryStorage } from "socket-rotor";
import { expect, test } from "vitest";
import { connectTo, outcome } from "../../system/fixture/client";
import { heapingNetwork } from "../../system/fixture/proxy";
import { startServer } from "../../system/fixture/server";
import { jwtTokens } from "../../system/fixture/tokens";

test.each(["polling", "websocket"] as const)(
  "G4 what is written just before a rotation is read by the server, over %s",
  async (transport) => {
    const server = await startServer({ namespaces: ["/", "/chat"] });
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const url = await heapingNetwork(server.url, 10);
    const connection = connectTo(server, { url, transport, storage });
    const sockets = [connection.socket, connection.of("/chat")];
    const written: Promise<string>[] = [];
    for (let rotation = 1; rotation <= 5; rotation += 1) {
      await server.log.count("connected", 2 * rotation);
      await connection.whenConnected();
      const next = await server.tokens.issue("ada");
      // The first of them is on its way when the others are written: those leave together with what follows.
      for (const number of [1, 2, 3]) {
        for (const socket of sockets)
          written.push(outcome(socket.emitWithAck("save", `${rotation}.${number}`)));
      }
      storage.write(next);
    }
    await server.log.count("connected", 12);
    const outcomes = await Promise.all(written);
    const saved = (namespace: string): unknown[] =>
      server.log
        .all("event")
        .filter((each) => each.namespace === namespace)
        .map(({ args }) => args[0]);
    const all = [1, 2, 3, 4, 5].flatMap((rotation) => [1, 2, 3].map((number) => `${rotation}.${number}`));
    expect(saved("/")).toEqual(all);
    expect(saved("/chat")).toEqual(all);
    expect(outcomes.filter((each) => each !== "resolved" && each !== "ERR_LINK_CLOSED")).toEqual([]);
  },
);

test("G4 on a server that accepts every namespace the barrier is off, and a warning says so once", async () => {
  const jwt = jwtTokens();
  const userOf = async (token?: string): Promise<string> => (token ? jwt.userOf(token) : "a guest");
  const server = await startServer({ namespaces: /.*/, tokens: { ...jwt, userOf } });
  const storage = memoryStorage(await server.tokens.issue("ada"));
  const warnings: string[] = [];
  const connection = connectTo(server, { storage, logger: { warn: (line) => warnings.push(line) } });
  await connection.whenConnected();
  for (const number of [2, 3]) {
    storage.write(await server.tokens.issue("ada"));
    await server.log.until(
      () => server.log.all("connected").filter(({ namespace }) => namespace === "/").length === number,
    );
    await connection.whenConnected();
    await connection.socket.emitWithAck("hello");
  }
  const guests = server.log.all("connected").filter(({ user }) => user === "a guest");
  expect(guests).toHaveLength(1);
  // The control namespace is left when no server half speaks up in it.
  await server.log.until(() => server.live().length === 1);
  expect(warnings).toHaveLength(1);
});
