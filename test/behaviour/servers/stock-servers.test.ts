import { memoryStorage } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { gate } from "../../system/fixture/behaviours";
import { connectTo, outcome, untilReady } from "../../system/fixture/client";
import { startServer } from "../../system/fixture/server";
import { jwtTokens } from "../../system/fixture/tokens";

test("a server that accepts every namespace and has no half: /rotor is left, and a rotation replaces", async () => {
  const jwt = jwtTokens();
  const userOf = async (token?: string): Promise<string> => (token ? jwt.userOf(token) : "a guest");
  const server = await startServer({ namespaces: /.*/, tokens: { ...jwt, userOf } });
  const storage = memoryStorage(await server.tokens.issue("ada"));
  const warnings: string[] = [];
  const connection = connectTo(server, {
    storage,
    rotation: "auto",
    logger: { warn: (line) => warnings.push(line) },
  });
  const left = (): string[] =>
    server.log
      .all("disconnected")
      .filter(({ namespace }) => namespace === "/rotor")
      .map(({ reason }) => reason);
  await connection.whenConnected();
  await server.log.until(() => left().length === 1);
  expect(left()).toEqual(["client namespace disconnect"]);
  for (const number of [2, 3]) {
    const token = await server.tokens.issue("ada");
    storage.write(token);
    await server.log.until(
      () => server.log.all("connected").filter(({ namespace }) => namespace === "/").length === number,
    );
    await connection.whenConnected();
    await connection.socket.emitWithAck("hello");
    expect(server.live("/")).toHaveLength(1);
  }
  expect(server.log.all("asked")).toEqual([]);
  expect(warnings).toHaveLength(1);
});

describe("a server whose socket.use is asynchronous", () => {
  /** Two messages are read, and wait in the middleware, when a newer token comes. */
  async function waiting(rotation: "auto" | "overlap" | "replace", half?: object) {
    const server = await startServer({ ...(half && { half }) });
    const thinking = gate();
    server.rules.connection = (socket) => {
      socket.use((_, next) => void thinking.passed.then(() => next()));
    };
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const connection = connectTo(server, { storage, rotation });
    await connection.whenConnected();
    if (half) await untilReady(connection);
    const acked = outcome(connection.socket.emitWithAck("draft", "acked"));
    connection.socket.emit("draft", "plain");
    const token = await server.tokens.issue("ada");
    storage.write(token);
    const handled = (): unknown[] => server.log.all("event").map(({ args }) => args[0]);
    return { server, connection, thinking, acked, token, handled };
  }

  test("on the same link nothing is lost", async () => {
    const { server, connection, thinking, acked, handled } = await waiting("auto", {});
    await server.log.count("answered", 1);
    await connection.whenConnected();
    thinking.open();
    expect(await acked).toBe("resolved");
    await server.log.count("event", 2);
    expect(handled()).toEqual(["acked", "plain"]);
  });

  test("over two links the old one waits for acknowledgements, and what came before them is handled", async () => {
    const { server, thinking, acked, handled } = await waiting("overlap");
    await server.log.count("connected", 2);
    thinking.open();
    expect(await acked).toBe("resolved");
    expect(handled()[0]).toBe("acked");
  });

  test("replaced: what was acknowledged was handled, and what was read but not handled is lost with its link", async () => {
    const { server, connection, thinking, acked, handled } = await waiting("replace");
    await server.log.count("connected", 2);
    await connection.whenConnected();
    thinking.open();
    // Socket.IO drops what comes out of a middleware after the socket has gone.
    expect(await acked).toBe("ERR_LINK_CLOSED");
    expect(await connection.socket.emitWithAck("draft", "next")).toBe("done");
    expect(handled()).toEqual(["next"]);
  });
});
