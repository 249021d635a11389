import { memoryStorage } from "socket-rotor";
import { expect, test } from "vitest";
import { connectTo, until } from "../../system/fixture/client";
import { startServer } from "../../system/fixture/server";

test("F15 a websocket that cannot be made, for a header beyond ASCII, says so at once and is tried again", async () => {
  const server = await startServer();
  const storage = memoryStorage(await server.tokens.issue("ada"));
  let isBad = true;
  const connection = connectTo(server, {
    storage,
    extraHeaders: () => ({ "X-Name": isBad ? "\u20ac" : "ada" }),
  });
  const { error, attempt } = await until(connection, (snapshot) => snapshot.error !== undefined);
  expect(error).toMatchObject({ code: "ERR_TRANSPORT" });
  expect(attempt).toBe(1);
  isBad = false;
  await connection.whenConnected();
});
