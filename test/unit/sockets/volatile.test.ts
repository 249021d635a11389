import { describe, expect, test, vi } from "vitest";
import { rejection } from "../../support/rejection.js";
import { connectedHarness, socketsHarness } from "./harness.js";

describe("a volatile message", () => {
  test("is lost without a word while there is no connection, and does not count for bufferLimit", () => {
    const { socket, channel, link, written, dropped } = socketsHarness({ bufferLimit: 1 });
    socket.volatile.emit("volatile");
    socket.emit("kept");
    socket.volatile.emit("volatile");
    channel.attach(link);
    link.connect();
    expect([written(), dropped]).toEqual([["kept"], []]);
  });

  test("is lost while it is uncertain whose connection this is, and while writing is paused", () => {
    const { socket, written, dropped, hold, release, pause } = connectedHarness();
    hold();
    socket.volatile.emit("held");
    socket.emit("kept");
    pause();
    socket.volatile.emit("paused");
    release();
    socket.volatile.emit("leaves");
    expect([written(), dropped]).toEqual([["kept", "leaves"], []]);
  });

  test("is lost when the link cannot write at once, or turns out to be dead, and what follows is not", () => {
    const { socket, link, written, channel, relink } = connectedHarness();
    link.isWritable = false;
    socket.volatile.emit("not writable");
    socket.emit("a");
    link.isWritable = true;
    link.onWrite = () => false;
    socket.volatile.emit("dead");
    socket.emit("b");
    expect(written()).toEqual(["a"]);
    channel.detach("transport close");
    expect(relink("id-2").written.map(({ event }) => event)).toEqual(["b"]);
  });

  test("emitted while another one is being written waits for its turn", () => {
    const { socket, link, written } = connectedHarness();
    socket.onAnyOutgoing((event) => {
      if (event === "outer") socket.volatile.emit("inner").emit("last");
    });
    link.onWrite = ({ event }) => {
      link.isWritable = event !== "outer";
      return true;
    };
    socket.emit("outer");
    expect(written()).toEqual(["outer", "last"]);
  });

  test("that takes errors is told of a sign-out; any other is lost without a word", async () => {
    const { socket, dropped, refuse } = socketsHarness();
    refuse("ERR_LOGGED_OUT");
    socket.volatile.emit("lost");
    await rejection(socket.volatile.emitWithAck("lost"), "ERR_LOGGED_OUT");
    expect(dropped).toEqual([]);
  });

  test("that is dropped while it is looked whether it may be written settles once", () => {
    const at = connectedHarness();
    const done = vi.fn();
    at.credential.isCurrent = () => {
      at.channel.detach("io client disconnect");
      at.channel.outbox.discard("ERR_IDENTITY_CHANGED", () => true);
      return true;
    };
    at.socket.volatile.timeout(Number.POSITIVE_INFINITY).emit("of alice", done);
    at.channel.detach("io client disconnect");
    expect(done.mock.calls.map(([error]) => error.code)).toEqual(["ERR_IDENTITY_CHANGED"]);
  });

  test("G5: its acknowledgement ends with its time limit, or with the link", async () => {
    const { socket, channel, clock } = socketsHarness({ ackTimeout: Number.POSITIVE_INFINITY });
    const limited = rejection(socket.volatile.timeout(1_000).emitWithAck("lost"), "ERR_ACK_TIMEOUT");
    await clock.advance(1_000);
    await limited;
    const unlimited = rejection(socket.volatile.emitWithAck("lost"), "ERR_LINK_CLOSED");
    channel.detach("io client disconnect");
    await unlimited;
  });
});

test("compress is passed on to the link, for one message, however long it waits", () => {
  const { socket, channel, link } = socketsHarness();
  socket.compress(false).emit("a");
  socket.emit("b");
  socket.compress(false).emit("c", () => {});
  channel.attach(link);
  link.connect();
  expect(link.written.map(({ event, compress }) => [event, compress])).toEqual([
    ["a", false],
    ["b", undefined],
    ["c", false],
  ]);
});
