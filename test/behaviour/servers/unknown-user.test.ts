import { memoryStorage } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { connectTo, outcome } from "../../system/fixture/client";
import { startServer } from "../../system/fixture/server";
import { opaqueTokens, type Tokens } from "../../system/fixture/tokens";
import { signedIn } from "../../system/rotation/fixture/signed-in";

/** Tokens of which only their issuer knows whose they are. */
function unreadableTokens(): Tokens {
  const { name, issue, revoke, userOf } = opaqueTokens();
  return { name, issue, revoke, userOf };
}

describe("tokens of which the library cannot tell the user", () => {
  /** ada has queued two messages while stopped, and one more when another token is there. */
  async function queued(user: string) {
    const known = await signedIn({ tokens: unreadableTokens() });
    const { server, storage, connection, issue } = known;
    const dropped: string[] = [];
    connection.socket.on("dropped", (event, code) => dropped.push(`${event} ${code}`));
    connection.disconnect();
    await server.untilLive(0);
    connection.socket.emit("draft", 1);
    const acked = outcome(connection.socket.emitWithAck("draft", 2));
    storage.write(await issue(user));
    return { ...known, dropped, acked };
  }

  test("G4 the server half says that it is the same user: what waited is sent exactly once, in order", async () => {
    const { server, connection, dropped, acked, drafts } = await queued("ada");
    server.rules.connection = () => expect(drafts()).toEqual([]);
    connection.connect();
    connection.socket.emit("draft", 3);
    expect(await acked).toBe("resolved");
    expect(await connection.socket.emitWithAck("draft", 4)).toBe("done");
    expect(drafts()).toEqual(["ada 1", "ada 2", "ada 3", "ada 4"]);
    expect(dropped).toEqual([]);
  });

  test("G3 the server half says that it is another user: what waited is dropped, and the rest is sent", async () => {
    const { connection, dropped, acked, drafts } = await queued("grace");
    connection.connect();
    connection.socket.emit("draft", 3);
    expect(await acked).toBe("ERR_IDENTITY_CHANGED");
    expect(await connection.socket.emitWithAck("draft", 4)).toBe("done");
    expect(drafts()).toEqual(["grace 3", "grace 4"]);
    expect(dropped).toEqual(["draft ERR_IDENTITY_CHANGED"]);
  });

  test.each([
    ["the same token is another user's by now: what waited is dropped", "grace"],
    ["it is the same user still: what waited is sent once, in order", "ada"],
  ])("F2 the server half says that %s", async (_, next) => {
    let whoElse: string | undefined;
    const { userOf, ...tokens } = unreadableTokens();
    const { server, connection, drafts } = await signedIn({
      tokens: { ...tokens, userOf: async (token) => whoElse ?? userOf(token) },
    });
    const dropped: string[] = [];
    connection.socket.on("dropped", (event, code) => dropped.push(`${event} ${code}`));
    const down = new Promise<void>((resolve) => connection.socket.once("disconnect", () => resolve()));
    server.drop();
    await down;
    connection.socket.emit("draft", 1);
    const acked = outcome(connection.socket.emitWithAck("draft", 2));
    whoElse = next;
    await server.log.count("connected", 2);
    const isSame = next === "ada";
    expect(await acked).toBe(isSame ? "resolved" : "ERR_IDENTITY_CHANGED");
    expect(await connection.socket.emitWithAck("draft", 3)).toBe("done");
    expect(drafts()).toEqual(isSame ? ["ada 1", "ada 2", "ada 3"] : ["grace 3"]);
    expect(dropped).toEqual(isSame ? [] : ["draft ERR_IDENTITY_CHANGED"]);
  });

  test("G2 while connected the old link is closed first, as it may be another user's", async () => {
    const { server, storage, connection, issue, asked } = await signedIn({ tokens: unreadableTokens() });
    storage.write(await issue("ada"));
    await server.log.count("connected", 2);
    await connection.whenConnected();
    const story = server.log.entries.map(({ kind }) => kind).filter((kind) => /connected$/.test(kind));
    expect(story).toEqual(["connected", "disconnected", "connected"]);
    expect(asked()).toEqual([]);
  });

  test("G3 without the server half what was queued is dropped, and one warning says so", async () => {
    const server = await startServer({ tokens: unreadableTokens() });
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const warnings: string[] = [];
    const connection = connectTo(server, { storage, logger: { warn: (line) => warnings.push(line) } });
    await connection.whenConnected();
    for (const round of [1, 2]) {
      connection.disconnect();
      await server.untilLive(0);
      const acked = outcome(connection.socket.emitWithAck("draft", round));
      storage.write(await server.tokens.issue("ada"));
      expect(await acked).toBe("ERR_IDENTITY_CHANGED");
      connection.connect();
      await connection.whenConnected();
      await connection.socket.emitWithAck("hello");
    }
    expect(server.log.all("event").map(({ event }) => event)).toEqual(["hello", "hello"]);
    expect(warnings).toHaveLength(1);
  });
});
