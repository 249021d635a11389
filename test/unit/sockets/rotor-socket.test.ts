import { isConnectionError } from "socket-rotor";
import { describe, expect, test, vi } from "vitest";
import { rejection, thrown } from "../../support/rejection.js";
import { collectUncaught } from "../../support/uncaught.js";
import { connectedHarness, socketsHarness } from "./harness.js";

describe("emit", () => {
  test("waits in order while there is no connection; past bufferLimit the newest is refused", () => {
    const { socket, channel, link, written, dropped } = socketsHarness({ bufferLimit: 2 });
    for (const event of ["a", "b", "c"]) socket.emit(event);
    expect(dropped).toEqual([["c", "ERR_BUFFER_FULL"]]);
    channel.attach(link);
    link.connect();
    expect(written()).toEqual(["a", "b"]);
  });

  test("passes its arguments on as they are", () => {
    const { socket, link } = connectedHarness();
    const bytes = new Uint8Array([1, 2]);
    expect(socket.emit("save", 1, { two: bytes }, null)).toBe(socket);
    expect(link.written).toEqual([{ event: "save", args: [1, { two: bytes }, null] }]);
  });

  test("in loggedOut is refused, and told by dropped", async () => {
    const { socket, dropped, written, refuse } = socketsHarness();
    socket.emit("before");
    refuse("ERR_LOGGED_OUT");
    socket.emit("after");
    await rejection(socket.emitWithAck("with ack"), "ERR_LOGGED_OUT");
    expect([dropped, written()]).toEqual([
      [
        ["before", "ERR_LOGGED_OUT"],
        ["after", "ERR_LOGGED_OUT"],
      ],
      [],
    ]);
    refuse(undefined);
    socket.emit("somebody is back");
    expect(dropped).toHaveLength(2);
  });

  test.each([
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
    "dropped",
  ])("of the reserved name %s throws, and nothing is queued", async (event) => {
    const { socket, written, clock } = connectedHarness();
    expect(thrown(() => socket.emit(event), "ERR_RESERVED_EVENT").message).toContain(`"${event}"`);
    thrown(() => socket.timeout(5).emit(event, () => {}), "ERR_RESERVED_EVENT");
    await rejection(socket.emitWithAck(event), "ERR_RESERVED_EVENT");
    expect([written(), clock.pending()]).toEqual([[], []]);
  });
});

describe("a plain acknowledgement callback", () => {
  test("gets the server's values, and no error first", () => {
    const { socket, link } = connectedHarness();
    const done = vi.fn();
    socket.emit("save", "draft", done);
    expect(link.written[0]?.args).toEqual(["draft"]);
    link.written[0]?.onAck?.(1, "two");
    link.written[0]?.onAck?.("again");
    expect(done.mock.calls).toEqual([[1, "two"]]);
  });

  test("is never called on failure, whatever becomes of the message", async () => {
    const { socket, channel, link, clock, dropped, refuse } = connectedHarness({ bufferLimit: 1 });
    const done = vi.fn();
    socket.emit("written", done);
    channel.detach("transport close");
    link.written[0]?.onAck?.("late");
    socket.emit("queued", done);
    socket.emit("too many", done);
    refuse("ERR_LOGGED_OUT");
    socket.emit("refused", done);
    await clock.advance(10 * 60_000);
    expect(done).not.toHaveBeenCalled();
    expect(dropped).toEqual([
      ["too many", "ERR_BUFFER_FULL"],
      ["queued", "ERR_LOGGED_OUT"],
      ["refused", "ERR_LOGGED_OUT"],
    ]);
  });

  test("that throws is reported as uncaught", async () => {
    const { socket, link } = connectedHarness();
    socket.emit("save", () => {
      throw new Error("in an acknowledgement");
    });
    expect((await collectUncaught(() => link.written[0]?.onAck?.())).map(String)).toEqual([
      "Error: in an acknowledgement",
    ]);
  });
});

describe("after timeout()", () => {
  test("the callback gets an error first: null with the values, or what went wrong", async () => {
    const { socket, link, clock } = connectedHarness();
    const calls: unknown[][] = [];
    const done = (...args: unknown[]): number =>
      calls.push(args.map((arg) => (isConnectionError(arg) ? arg.code : arg)));
    socket.timeout(1_000).emit("save", "draft", done);
    link.written[0]?.onAck?.(7);
    socket.timeout(1_000).emit("save", done);
    await clock.advance(1_000);
    link.written[1]?.onAck?.("late");
    expect(calls).toEqual([[null, 7], ["ERR_ACK_TIMEOUT"]]);
  });

  test("it is told of a drop as well, and dropped is not fired", () => {
    const { socket, channel, dropped } = socketsHarness();
    const done = vi.fn();
    socket.timeout(1_000).emit("save", done);
    channel.outbox.discard("ERR_IDENTITY_CHANGED", () => true);
    expect([done.mock.calls[0]?.[0]?.code, dropped]).toEqual(["ERR_IDENTITY_CHANGED", []]);
  });

  test("only the next emit is limited", () => {
    const { socket, link, clock } = connectedHarness();
    socket.timeout(1_000).emit("first", () => {});
    expect(clock.pending()).toEqual([1_000]);
    const done = vi.fn();
    socket.emit("second", done);
    link.written[1]?.onAck?.("plain");
    expect([done.mock.calls, clock.pending()]).toEqual([[["plain"]], [1_000]]);
  });

  test("of Infinity never times out", async () => {
    const { socket, clock } = connectedHarness();
    socket
      .timeout(Number.POSITIVE_INFINITY)
      .emitWithAck("save")
      .catch(() => {});
    expect(clock.pending()).toEqual([]);
  });
});

describe("G5: emitWithAck settles", () => {
  test("with the first value of the answer", async () => {
    const { socket, link } = connectedHarness();
    const saved = socket.emitWithAck("save", "draft");
    link.written[0]?.onAck?.("id", "ignored");
    expect(await saved).toBe("id");
  });

  test("after ackTimeout, time in the outbox included, and leaves no timer", async () => {
    const { socket, channel, link, clock } = socketsHarness({ ackTimeout: 3_000 });
    const late = rejection(socket.emitWithAck("save"), "ERR_ACK_TIMEOUT");
    await clock.advance(2_000);
    channel.attach(link);
    link.connect();
    expect(clock.pending()).toEqual([1_000]);
    await clock.advance(1_000);
    await late;
    expect(clock.pending()).toEqual([]);
  });

  test("never by time with an ackTimeout of Infinity, but when it is dropped", async () => {
    const { socket, clock, refuse } = socketsHarness({ ackTimeout: Number.POSITIVE_INFINITY });
    const saved = socket.emitWithAck("save");
    expect(clock.pending()).toEqual([]);
    refuse("ERR_DISPOSED");
    await rejection(saved, "ERR_DISPOSED");
  });

  test("with the encoding error of what cannot be sent, and leaves no timer", async () => {
    const { socket, link, clock } = connectedHarness();
    link.onWrite = () => {
      throw new RangeError("too deep");
    };
    await expect(socket.emitWithAck("cyclic")).rejects.toThrow("too deep");
    expect(clock.pending()).toEqual([]);
  });
});
