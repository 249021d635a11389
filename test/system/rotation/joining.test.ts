import { memoryStorage } from "socket-rotor";
import { expect, test } from "vitest";
import { gate } from "../fixture/behaviours";
import { connectTo, outcome, untilIn } from "../fixture/client";
import { startServer } from "../fixture/server";

test("G8 a namespace that is asked for while the server decides about a newer token is joined with that one", async () => {
  const server = await startServer({ namespaces: ["/", "/chat"], half: {} });
  const [first, second] = [await server.tokens.issue("ada"), await server.tokens.issue("ada")];
  const storage = memoryStorage(first);
  const connection = connectTo(server, { storage });
  await connection.whenConnected();
  const deciding = gate();
  server.rules.verify = () => deciding.passed;
  storage.write(second);
  await untilIn(connection, "rotating.reauthenticating");
  await server.log.count("asked", 1);
  const answered = outcome(connection.of("/chat").emitWithAck("hello"));
  deciding.open();
  expect(await answered).toBe("resolved");
  expect(server.carried()).toEqual([second, second]);
  const joined = server.log.all("handshake").filter(({ namespace }) => namespace === "/chat");
  expect(joined.map(({ token }) => token === second)).toEqual([true]);
});
