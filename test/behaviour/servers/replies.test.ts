import { type ConnectionOptions, memoryStorage } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { connectTo, untilIn } from "../../system/fixture/client";
import { startServer, type TestServer } from "../../system/fixture/server";
import { manualStorage, syncStorage } from "../../system/fixture/storages";

type Reply = (answer: string) => void;

/** A server that asks each newcomer something, and keeps the answers. */
async function askingServer(): Promise<{ server: TestServer; answers: string[] }> {
  const server = await startServer();
  const answers: string[] = [];
  server.rules.connection = (socket) =>
    void socket.emit("question", (answer: string) => answers.push(answer));
  return { server, answers };
}

/** A connection that was asked, with how to answer. */
async function askedConnection(server: TestServer, options: Pick<ConnectionOptions, "storage" | "rotation">) {
  const connection = connectTo(server, options);
  const question = new Promise<Reply>((resolve) => connection.socket.once("question", resolve));
  return { connection, question };
}

describe("G3 after a sign-out a reply to the server is not sent", () => {
  test("G3 when the storage was emptied without a word", async () => {
    const { server, answers } = await askingServer();
    const storage = syncStorage(await server.tokens.issue("ada"));
    const { connection, question } = await askedConnection(server, { storage });
    const reply = await question;
    storage.set(null, "quietly");
    reply("of ada");
    await untilIn(connection, "loggedOut.signedOut");
    await server.untilLive(0);
    expect(answers).toEqual([]);
  });

  test.each([
    ["not sent when that says so", null, []],
    ["sent in its turn when that says otherwise", "ada", ["yes"]],
  ])("G3 it is held while the storage is read, and %s", async (_, user, expected) => {
    const { server, answers } = await askingServer();
    const token = await server.tokens.issue("ada");
    const storage = manualStorage();
    const { connection, question } = await askedConnection(server, { storage });
    storage.reads[0]?.(token);
    const reply = await question;
    storage.set("changed, or not");
    reply("yes");
    connection.socket.emit("draft");
    storage.reads[1]?.(user && token);
    if (user) await connection.socket.emitWithAck("all read");
    else await server.untilLive(0);
    expect([answers, server.log.all("event").map(({ event }) => event)]).toEqual([
      expected,
      user ? ["draft", "all read"] : [],
    ]);
  });
});

test.each(["replace", "overlap"] as const)(
  "a reply that is given while a newer token is put in force arrives, with rotation: %s",
  async (rotation) => {
    const { server, answers } = await askingServer();
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const { connection, question } = await askedConnection(server, { storage, rotation });
    const reply = await question;
    storage.write(await server.tokens.issue("ada"));
    reply("yes");
    await server.log.count("connected", 2);
    await untilIn(connection, "connected.steady");
    await server.untilLive(1);
    expect(answers).toEqual(["yes"]);
  },
);
