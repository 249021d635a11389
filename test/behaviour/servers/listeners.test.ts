import { memoryStorage } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { holdAcks } from "../../system/fixture/behaviours";
import { connectTo, outcome, untilIn } from "../../system/fixture/client";
import { startServer } from "../../system/fixture/server";

describe("F19 every acknowledgement that somebody waits for settles", () => {
  /** One message that was written and is not acknowledged, in each of two namespaces. */
  async function unanswered() {
    const server = await startServer({ namespaces: ["/", "/chat"] });
    server.rules = holdAcks();
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const connection = connectTo(server, { storage, ackTimeout: Number.POSITIVE_INFINITY });
    const sockets = [connection.socket, connection.of("/chat")];
    await server.log.count("connected", 2);
    await connection.whenConnected();
    const promises = sockets.map((socket) => outcome(socket.emitWithAck("written")));
    const callbacks = sockets.map(
      (socket) =>
        new Promise<unknown>((resolve) => {
          socket.timeout(Number.POSITIVE_INFINITY).emit("written", (error: unknown) => resolve(error));
        }),
    );
    await server.log.count("event", 4);
    const settled = async (): Promise<unknown[]> => [
      ...(await Promise.all(promises)),
      ...(await Promise.all(callbacks)),
    ];
    return { server, storage, connection, sockets, settled };
  }

  const linkClosed = expect.objectContaining({ code: "ERR_LINK_CLOSED" });
  const allLinkClosed = ["ERR_LINK_CLOSED", "ERR_LINK_CLOSED", linkClosed, linkClosed];

  test("F19 written ones, when the user changes", async () => {
    const { server, storage, settled } = await unanswered();
    storage.write(await server.tokens.issue("grace"));
    expect(await settled()).toEqual(allLinkClosed);
  });

  test("F19 written ones, when the token is refreshed and the link replaced", async () => {
    const { server, storage, settled } = await unanswered();
    storage.write(await server.tokens.issue("ada"));
    expect(await settled()).toEqual(allLinkClosed);
  });

  test("F19 written ones, when the user signs out", async () => {
    const { connection, settled } = await unanswered();
    await connection.logout();
    expect(await settled()).toEqual(allLinkClosed);
  });

  test("F19 written ones, when the connection drops", async () => {
    const { server, settled } = await unanswered();
    server.drop();
    expect(await settled()).toEqual(allLinkClosed);
  });

  test("F19 written ones, when the connection is disposed of", async () => {
    const { connection, settled } = await unanswered();
    connection.dispose();
    expect(await settled()).toEqual(allLinkClosed);
  });

  test.each([
    ["the user changes", "ERR_IDENTITY_CHANGED"],
    ["the user signs out", "ERR_LOGGED_OUT"],
    ["the connection is disposed of", "ERR_DISPOSED"],
  ] as const)("F19 buffered ones, when %s", async (_, code) => {
    const { server, storage, connection, sockets } = await unanswered();
    await server.stop();
    await untilIn(connection, "connecting.waiting");
    const buffered = sockets.map((socket) => outcome(socket.emitWithAck("buffered")));
    if (code === "ERR_IDENTITY_CHANGED") storage.write(await server.tokens.issue("grace"));
    else if (code === "ERR_LOGGED_OUT") await connection.logout();
    else connection.dispose();
    expect(await Promise.all(buffered)).toEqual([code, code]);
  });

  test("F19 one that is never answered, within ackTimeout", async () => {
    const server = await startServer();
    server.rules = holdAcks();
    const connection = connectTo(server, {
      storage: memoryStorage(await server.tokens.issue("ada")),
      ackTimeout: 10,
    });
    await connection.whenConnected();
    expect(await outcome(connection.socket.emitWithAck("written"))).toBe("ERR_ACK_TIMEOUT");
  });

  test("F19 one that is sent when nobody is signed in, or all is over", async () => {
    const server = await startServer();
    const connection = connectTo(server, { storage: memoryStorage() });
    await untilIn(connection, "loggedOut.signedOut");
    expect(await outcome(connection.socket.emitWithAck("refused"))).toBe("ERR_LOGGED_OUT");
    connection.dispose();
    expect(await outcome(connection.socket.emitWithAck("refused"))).toBe("ERR_DISPOSED");
  });
});

test("F22 over five rotations listeners are neither lost nor doubled", async () => {
  const server = await startServer({ namespaces: ["/", "/chat"] });
  server.rules.connection = (socket) => void socket.emit("news", socket.id);
  const storage = memoryStorage(await server.tokens.issue("ada"));
  const connection = connectTo(server, { storage });
  const all = [connection.socket, connection.of("/chat")].map((socket) => {
    const heard = { on: 0, any: 0, once: 0, off: 0, connect: 0, disconnect: 0 };
    const count = (what: keyof typeof heard): void => {
      heard[what] += 1;
    };
    const gone = (): void => count("off");
    socket.on("news", () => count("on"));
    socket.onAny(() => count("any"));
    socket.once("news", () => count("once"));
    socket.on("news", gone).off("news", gone);
    socket.on("connect", () => count("connect"));
    socket.on("disconnect", () => count("disconnect"));
    return { socket, heard };
  });
  const users = ["ada", "ada", "grace", "grace", "ada"];
  for (const [index, user] of users.entries()) {
    await server.log.count("connected", 2 * (index + 1));
    await Promise.all(all.map(({ socket }) => socket.emitWithAck("all read")));
    storage.write(await server.tokens.issue(user));
  }
  await server.log.count("connected", 12);
  await Promise.all(all.map(({ socket }) => socket.emitWithAck("all read")));
  const [once, each] = [
    { once: 1, off: 0 },
    { on: 6, any: 6, connect: 6, disconnect: 5 },
  ];
  for (const { heard } of all) expect(heard).toEqual({ ...once, ...each });
});
