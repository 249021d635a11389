import { describe, expect, test } from "vitest";
import { rig } from "../../support/connections.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { collectUncaught } from "../../support/uncaught.js";
import { connect, connected, followed, settled, untilConnected } from "./harness.js";

/** Connected over an adapter that cannot encode the event "bad". */
function withUnencodable() {
  const made = rig();
  const socket = made.io.link.sockets.get("/");
  if (!socket) throw new Error("the link has no socket");
  socket.onWrite = ({ event }) => {
    if (event === "bad") throw new RangeError("too deep");
    return true;
  };
  const written = (): string[] => socket.written.map(({ event }) => event);
  return { ...made, written };
}

describe("an emit that cannot be encoded does not block what follows:", () => {
  test("it is thrown to whoever emits, and the next one leaves", () => {
    const { connection, io, written } = withUnencodable();
    io.link.accept();
    expect(() => connection.socket.emit("bad")).toThrow("too deep");
    connection.socket.emit("next");
    expect(written()).toEqual(["next"]);
  });

  test("one that has waited is reported as uncaught, or rejects, and what is behind it leaves in order", async () => {
    const { connection, io, written } = withUnencodable();
    connection.socket.emit("a").emit("bad").emit("b");
    const bad = connection.socket.emitWithAck("bad").catch(String);
    connection.socket.emit("c");
    const uncaught = await collectUncaught(() => io.link.accept());
    expect(written()).toEqual(["a", "b", "c"]);
    expect(uncaught.map(String)).toEqual(["RangeError: too deep"]);
    expect(await bad).toBe("RangeError: too deep");
  });
});

describe("an emit in a listener of another does not block what follows:", () => {
  test("in one of outgoing messages it leaves after the message that is leaving", async () => {
    const { connection, messages } = await connected();
    const { socket } = connection;
    socket.onAnyOutgoing((event) => {
      if (event === "first") socket.emit("from the listener");
    });
    socket.emit("first");
    socket.emit("second");
    expect(messages()).toEqual(["first", "from the listener", "second"]);
  });

  test("the same, of what has waited; and it does not take the place of what waits", async () => {
    const { connection, messages, dropped } = connect({ bufferLimit: 2 });
    const { socket } = connection;
    socket.onAnyOutgoing((event) => {
      if (event !== "from the listener") socket.emit("from the listener");
    });
    socket.emit("first");
    socket.emit("second");
    await connection.whenConnected();
    await settled();
    expect(messages().filter((event) => event !== "from the listener")).toEqual(["first", "second"]);
    expect([messages().length, dropped]).toEqual([4, []]);
  });

  test("in one of connect it leaves after what has waited", async () => {
    const { connection, messages } = connect();
    connection.socket.on("connect", () => connection.socket.emit("in connect"));
    connection.socket.emit("waited");
    await connection.whenConnected();
    expect(messages()).toEqual(["waited", "in connect"]);
  });

  test("in one of an event, and in an acknowledgement, it leaves", async () => {
    const { connection, io, messages } = await connected({ bufferLimit: 0 });
    const { socket } = connection;
    socket.on("news", () => socket.emit("in an event"));
    io.last?.send("news");
    socket.emit("save", () => socket.emit("in an acknowledgement"));
    await settled();
    socket.emit("last");
    expect(messages()).toEqual(["in an event", "save", "in an acknowledgement", "last"]);
  });
});

describe("volatile and timeout() are Socket.IO's:", () => {
  test("a volatile emit is lost where it cannot leave at once, and nobody is told", async () => {
    const made = connect();
    const { connection, io, messages, dropped } = made;
    connection.socket.volatile.emit("lost");
    connection.socket.emit("kept");
    connection.socket.volatile.emit("lost behind it");
    await connection.whenConnected();
    await settled();
    connection.socket.volatile.emit("sent");
    io.last?.drop();
    connection.socket.volatile.emit("lost");
    await untilConnected(made);
    expect([messages(), dropped]).toEqual([["kept", "sent"], []]);
  });

  test("timeout() limits the next emit alone, with (error) or the answer, and what has timed out is never sent", async () => {
    const { connection, io, clock, messages } = connect();
    io.isHandshakeHeld = true;
    await settled();
    const heard: unknown[] = [];
    connection.socket.timeout(1_000).emit("waits", (error: Error | null) => heard.push(error?.message));
    const waits = followed(connection.socket.timeout(1_000).emitWithAck("waits too"));
    const stays = followed(connection.socket.emitWithAck("stays"));
    await clock.advance(1_000);
    await settled();
    expect([heard, waits.now, stays.now]).toEqual([
      ["operation has timed out"],
      "ERR_ACK_TIMEOUT",
      "pending",
    ]);
    io.isHandshakeHeld = false;
    io.last?.accept();
    await settled();
    expect([messages(), stays.now]).toEqual([["stays"], "resolved"]);
    connection.socket.timeout(1_000).emit("answered", (...values: unknown[]) => heard.push(values));
    await settled();
    expect(heard.at(-1)).toEqual([null]);
  });

  test("an acknowledgement that comes after its time, or after its link, is dropped", async () => {
    const { connection, io, clock } = await connected();
    io.unanswered.add("save");
    const heard: unknown[] = [];
    connection.socket.timeout(1_000).emit("save", (error: unknown) => heard.push(error !== null));
    const lost = followed(connection.socket.emitWithAck("save"));
    const link = io.last;
    await clock.advance(1_000);
    link?.acknowledge("late");
    await settled();
    expect([heard, lost.now]).toEqual([[true], "resolved"]);
    const gone = followed(connection.socket.emitWithAck("save"));
    link?.drop();
    await promisesSettled();
    expect(gone.now).toBe("ERR_LINK_CLOSED");
  });
});
