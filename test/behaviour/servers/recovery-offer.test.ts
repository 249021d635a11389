import { memoryStorage } from "socket-rotor";
import { expect, test } from "vitest";
import { answerStatus } from "../../system/fixture/behaviours";
import { connectTo, until } from "../../system/fixture/client";
import { startServer } from "../../system/fixture/server";

/** ada's connection to a server that recovers states; `heard` is what she was told. */
async function reader(transport: "polling" | "websocket") {
  const server = await startServer({ options: { connectionStateRecovery: {} } });
  const connection = connectTo(server, {
    transport,
    storage: memoryStorage(await server.tokens.issue("ada")),
  });
  const heard: number[] = [];
  connection.socket.on("news", (number: number) => heard.push(number));
  await connection.whenConnected();
  const tell = async (number: number): Promise<void> => {
    server.io.emit("news", number);
    await expect.poll(() => heard).toContain(number);
  };
  await tell(1);
  return { server, connection, heard, tell };
}

test.each(["polling", "websocket"] as const)(
  "recovery is offered again when the next links never connect, over %s",
  async (transport) => {
    const { server, connection, heard, tell } = await reader(transport);
    server.rules = answerStatus(503);
    server.drop();
    server.io.emit("news", 2);
    await until(connection, ({ attempt }) => attempt >= 3);
    server.io.emit("news", 3);
    server.rules = {};
    await connection.whenConnected();
    expect(connection.socket.recovered).toBe(true);
    await tell(4);
    expect(heard).toEqual([1, 2, 3, 4]);
  },
);
