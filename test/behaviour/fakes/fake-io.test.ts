import { type Connection, type ConnectionError, createConnection, memoryStorage } from "socket-rotor";
import { type FakeIo, fakeIo, simulatedClock, unreachable } from "socket-rotor/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";

const url = "https://api.example.com";

function connect(io: FakeIo): Connection {
  const options = { url, storage: memoryStorage("token-of-alice"), reconnectionDelay: 0, logger: {}, io };
  const connection = createConnection(options);
  onTestFinished(() => connection.dispose());
  return connection;
}

async function connected() {
  const io = fakeIo();
  const connection = connect(io);
  await connection.whenConnected();
  return { io, connection };
}

test("an acknowledgement that is held back is given as soon as the message was written", async () => {
  const io = fakeIo();
  io.unanswered.add("save");
  const connection = createConnection({ url, storage: memoryStorage("a"), io, logger: {} });
  await connection.whenConnected();
  const saved = connection.socket.emitWithAck("save", "draft");
  io.last?.acknowledge();
  expect(await saved).toBe("draft");
  connection.dispose();
});

test("an acknowledgement of nothing is an error that says when there is something", async () => {
  const io = fakeIo();
  const connection = createConnection({ url, storage: memoryStorage("a"), io, logger: {} });
  await connection.whenConnected();
  expect(() => io.last?.acknowledge()).toThrow(
    /nothing is held back.*once it has been written.*io\.unanswered/,
  );
  connection.dispose();
});

describe("an acknowledgement", () => {
  test("is what the server answers to that event, else the arguments", async () => {
    const { io, connection } = await connected();
    io.answers.set("save", (draft) => ({ id: 1, draft }));
    const { socket } = connection;
    expect(await socket.emitWithAck("save", "draft")).toEqual({ id: 1, draft: "draft" });
    expect(await socket.emitWithAck("echo", "draft")).toBe("draft");
  });

  test("that is held back is given with the values that the test says, or as the server answers", async () => {
    const { io, connection } = await connected();
    io.unanswered.add("save");
    io.answers.set("save", () => "by the server");
    const saved = connection.socket.emitWithAck("save", "draft");
    io.last?.acknowledge("by the test");
    expect(await saved).toBe("by the test");
    const again = connection.socket.emitWithAck("save", "draft");
    io.last?.acknowledge();
    expect(await again).toBe("by the server");
  });
});

describe("a namespace that is refused", () => {
  test.each([
    ["access_denied", "as not allowed here is off, and the others go on"],
    [undefined, "without a word is off until the next link"],
  ])("with %s, %s", async (word, _what) => {
    const { io, connection } = await connected();
    io.refusals.set("/admin", word);
    const admin = connection.of("/admin");
    const error = await new Promise<ConnectionError>((resolve) => admin.on("connect_error", resolve));
    expect([
      error.code,
      error.reason,
      admin.connected,
      connection.socket.connected,
      connection.status,
    ]).toEqual(["ERR_REFUSED", word, false, true, "connected"]);
    io.refusals.delete("/admin");
    if (word) admin.connect();
    else io.last?.drop();
    await new Promise<void>((resolve) => admin.on("connect", resolve));
  });

  test("from the start is refused after the primary one was accepted", async () => {
    const io = fakeIo();
    io.refusals.set("/admin", "insufficient_scope");
    const connection = connect(io);
    const refused = new Promise((resolve) => connection.of("/admin").on("connect_error", resolve));
    await connection.whenConnected();
    await refused;
    expect(io.log.map(({ type }) => type)).toEqual(["handshake", "connected", "joined"]);
  });

  test("with a word about the token refuses the link", async () => {
    const { io, connection } = await connected();
    io.refusals.set("/admin", "session_ended");
    connection.of("/admin");
    await vi.waitFor(() => expect(connection.getSnapshot().detail).toBe("rejected"));
    expect(connection.getSnapshot().error?.reason).toBe("session_ended");
  });
});

test("the token that was presented is read without a cast", async () => {
  const io = fakeIo();
  const connection = createConnection({ url, storage: memoryStorage("a"), io, logger: {} });
  await connection.whenConnected();
  const [handshake] = io.log;
  expect(handshake?.type === "handshake" && handshake.auth.token).toBe("a");
  expect(io.last?.auth?.token).toBe("a");
  connection.dispose();
});

test("the next attempt is as far away as the clock says", async () => {
  const io = fakeIo(unreachable());
  const clock = simulatedClock();
  const connection = createConnection({ url, storage: memoryStorage("a"), io, clock, logger: {} });
  for (const attempts of [1, 2, 3]) {
    await Promise.resolve();
    expect(io.log.filter(({ type }) => type === "handshake").length).toBe(attempts);
    clock.advance(clock.untilNext);
  }
  connection.dispose();
});
