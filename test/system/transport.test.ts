import { memoryStorage } from "socket-rotor";
import { expect, test } from "vitest";
import { connectTo, until } from "./fixture/client";
import { startServer } from "./fixture/server";

test("the snapshot names the transport, and subscribers hear of an upgrade", async () => {
  const server = await startServer();
  const connection = connectTo(server, {
    storage: memoryStorage(await server.tokens.issue("ada")),
    socketOptions: { transports: ["polling", "websocket"] },
  });
  const told: unknown[] = [];
  connection.subscribe(({ status, transport }) => {
    if (transport !== undefined && told.at(-1) !== transport) told.push(transport);
    expect([status, transport === undefined]).toEqual([status, status !== "connected"]);
  });
  await until(connection, ({ transport }) => transport === "websocket");
  expect(["polling,websocket", "websocket"]).toContain(told.join());
  connection.disconnect();
  expect("transport" in connection.getSnapshot()).toBe(false);
});

test.each(["polling", "websocket"] as const)("the snapshot names %s", async (transport) => {
  const server = await startServer();
  const storage = memoryStorage(await server.tokens.issue("ada"));
  const connection = connectTo(server, { storage, transport });
  await connection.whenConnected();
  expect(connection.getSnapshot().transport).toBe(transport);
});
