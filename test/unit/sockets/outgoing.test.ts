import { describe, expect, test, vi } from "vitest";
import { collectUncaught } from "../../support/uncaught.js";
import { connectedHarness, socketsHarness } from "./harness.js";

describe("listeners of outgoing messages", () => {
  test("hear of a message that is held when it leaves, and never of one that is dropped", () => {
    const { socket, channel, hold, release } = connectedHarness();
    const heard = vi.fn();
    socket.onAnyOutgoing(heard);
    hold();
    socket.emit("of alice", 1);
    channel.outbox.discard("ERR_IDENTITY_CHANGED", () => true);
    socket.emit("kept", 2);
    expect(heard).not.toHaveBeenCalled();
    release();
    expect(heard.mock.calls).toEqual([["kept", 2]]);
  });

  test("hear once of a message that has to wait for another link after all", () => {
    const { socket, channel, link, relink } = connectedHarness();
    const heard = vi.fn();
    socket.onAnyOutgoing(heard);
    link.onWrite = () => false;
    socket.emit("a", () => {});
    channel.detach("transport close");
    expect(relink("id-2").written.map(({ event }) => event)).toEqual(["a"]);
    expect(heard.mock.calls).toEqual([["a"]]);
  });

  test("G3: one that signs out keeps the message from leaving", () => {
    const { socket, channel, written, dropped, refuse } = connectedHarness();
    socket.onAnyOutgoing(() => {
      channel.detach("io client disconnect");
      refuse("ERR_LOGGED_OUT");
    });
    socket.emit("a");
    expect([written(), dropped]).toEqual([[], [["a", "ERR_LOGGED_OUT"]]]);
  });

  test("one after which it is uncertain whose connection this is holds the message", () => {
    const { socket, written, hold, release } = connectedHarness();
    socket.onAnyOutgoing(() => hold());
    socket.emit("a");
    expect(written()).toEqual([]);
    release();
    expect(written()).toEqual(["a"]);
  });

  test("what one emits does not take the room of the message that is leaving, and leaves after it", async () => {
    const { socket, link, written, dropped, hold } = connectedHarness({ bufferLimit: 0 });
    socket.onAnyOutgoing((event) => {
      if (event === "save") socket.emit("audit");
    });
    const saved = socket.emitWithAck("save");
    link.written[0]?.onAck?.("done");
    expect([await saved, written(), dropped]).toEqual(["done", ["save", "audit"], []]);
    hold();
    socket.emit("one too many");
    expect(dropped).toEqual([["one too many", "ERR_BUFFER_FULL"]]);
  });

  test("what one emits at a message that has waited is refused past the limit, once nothing more can leave", () => {
    const { socket, channel, link, written, dropped, hold, release } = socketsHarness({ bufferLimit: 1 });
    socket.onAnyOutgoing((event) => {
      if (event !== "save") return;
      socket.emit("audit").emit("audit again");
      hold();
    });
    socket.emit("save");
    channel.attach(link);
    link.connect();
    expect([written(), dropped]).toEqual([
      [],
      [
        ["audit", "ERR_BUFFER_FULL"],
        ["audit again", "ERR_BUFFER_FULL"],
      ],
    ]);
    release();
    expect(written()).toEqual(["save"]);
  });

  test("one that throws at a message that has waited is reported, and what follows leaves", async () => {
    const { socket, channel, link, written } = socketsHarness();
    socket.onAnyOutgoing((event) => {
      if (event === "a") throw new Error("not this one");
    });
    socket.emit("a").emit("b");
    const uncaught = await collectUncaught(() => {
      channel.attach(link);
      link.connect();
    });
    expect([written(), uncaught.map(String)]).toEqual([["b"], ["Error: not this one"]]);
  });
});
