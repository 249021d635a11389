import { ConnectionError } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { type HandMadeSocket, handMadeSocket } from "../../support/hand-made-io.js";
import { rejection } from "../../support/rejection.js";
import { connectedHarness } from "./harness.js";

/** A channel that was switched from one link to another of the same user; both are connected. */
function switchedHarness() {
  const at = connectedHarness();
  const heard: unknown[] = [];
  const fired: string[] = [];
  at.socket.on("news", (value) => heard.push(value));
  at.socket.on("connect", () => fired.push(`connect ${at.socket.id}`));
  at.socket.on("disconnect", (reason) => fired.push(`disconnect ${reason}`));
  const next = handMadeSocket();
  next.connect("id-2");
  const written = (): string[] => next.written.map(({ event }) => event);
  return { ...at, heard, fired, next, written, writtenBefore: at.written };
}

describe("a switch to another link of the same user", () => {
  test("fires connect with the new id, and no disconnect; it was connected all along", () => {
    const { channel, socket, fired, next } = switchedHarness();
    channel.switchTo(next);
    expect([fired, socket.connected, socket.id]).toEqual([["connect id-2"], true, "id-2"]);
    channel.finish();
    expect(fired).toEqual(["connect id-2"]);
  });

  test("G4 writes nothing until it is released, and then everything in order on the new link", () => {
    const { channel, socket, next, written, writtenBefore, pause, release } = switchedHarness();
    socket.emit("a");
    pause();
    channel.switchTo(next);
    socket.emit("b");
    socket.emit("c");
    expect([writtenBefore(), written()]).toEqual([["a"], []]);
    release();
    socket.emit("d");
    expect([writtenBefore(), written()]).toEqual([["a"], ["b", "c", "d"]]);
  });

  test("G6 events of the old link are not delivered any more, those of the new one are", () => {
    const { channel, link, next, heard } = switchedHarness();
    channel.switchTo(next);
    link.receive("news", "of the old link");
    next.receive("news", "of the new link");
    expect(heard).toEqual(["of the new link"]);
  });

  test("G5 acknowledgements that are due on the old link still arrive", async () => {
    const { channel, socket, link, next, onFinished } = switchedHarness();
    const due = socket.emitWithAck("save");
    channel.switchTo(next);
    expect(channel.isFinished).toBe(false);
    onFinished.mockClear();
    link.written[0]?.onAck?.("saved");
    expect(await due).toBe("saved");
    expect([channel.isFinished, onFinished.mock.calls.length]).toEqual([true, 1]);
  });

  test("G5 an acknowledgement that has timed out is not waited for on the old link", async () => {
    const { channel, socket, next, clock, onFinished } = switchedHarness();
    const due = rejection(socket.timeout(1_000).emitWithAck("save"), "ERR_ACK_TIMEOUT");
    channel.switchTo(next);
    onFinished.mockClear();
    await clock.advance(1_000);
    await due;
    expect([channel.isFinished, onFinished.mock.calls.length]).toEqual([true, 1]);
  });

  test("F43 what came in while it was held is kept over the switch, in order", async () => {
    const { channel, socket, link, next, heard, hold, release } = switchedHarness();
    const due = socket.emitWithAck("save");
    hold();
    link.receive("news", "of the old link");
    link.written[0]?.onAck?.("saved");
    channel.switchTo(next);
    next.receive("news", "of the new link");
    expect(heard).toEqual([]);
    release();
    expect([await due, heard]).toEqual(["saved", ["of the old link", "of the new link"]]);
  });

  test("F43 a packet with an id that was lost along with its link counts when the next one brings it", () => {
    const { channel, link, heard, hold, release, relink } = switchedHarness();
    const bring = (socket: HandMadeSocket): void =>
      socket.listener()?.onEvent("news", ["kept", "id"], () => {});
    hold();
    bring(link);
    channel.detach("transport close");
    release();
    bring(relink("id-2"));
    expect(heard).toEqual(["kept"]);
  });

  test("what is still due when the old link is gone is given up, and what is due on the new one is not", async () => {
    const { channel, socket, next, release } = switchedHarness();
    const old = rejection(socket.emitWithAck("save"), "ERR_LINK_CLOSED");
    channel.switchTo(next);
    release();
    const newer = socket.emitWithAck("save again");
    channel.finish();
    await old;
    next.written[0]?.onAck?.("saved");
    expect(await newer).toBe("saved");
  });

  test("to a link that has not joined this namespace: disconnected once the old one is gone", () => {
    const { channel, socket, fired, written, release } = switchedHarness();
    const next = handMadeSocket();
    channel.switchTo(next);
    socket.emit("a");
    expect(fired).toEqual([]);
    channel.finish();
    expect([fired, socket.connected]).toEqual([["disconnect token rotation"], false]);
    release();
    next.connect("id-2");
    expect([fired.at(-1), next.written.map(({ event }) => event), written()]).toEqual([
      "connect id-2",
      ["a"],
      [],
    ]);
  });

  test("to a link that refuses this namespace: disconnected at once", () => {
    const { channel, socket, fired } = switchedHarness();
    const next = handMadeSocket();
    const errors: unknown[] = [];
    socket.on("connect_error", ({ code }) => errors.push(code));
    channel.switchTo(next);
    next.listener()?.onRefused(new ConnectionError("ERR_REFUSED", "not for you"), true);
    expect([fired, errors, channel.isWanted]).toEqual([
      ["disconnect token rotation"],
      ["ERR_REFUSED"],
      false,
    ]);
  });

  test("G5 the end of both links leaves nothing due", async () => {
    const { channel, socket, next, release } = switchedHarness();
    const all = [rejection(socket.emitWithAck("one"), "ERR_LINK_CLOSED")];
    channel.switchTo(next);
    release();
    all.push(rejection(socket.emitWithAck("two"), "ERR_LINK_CLOSED"));
    channel.detach("io client disconnect");
    await Promise.all(all);
    expect(channel.isFinished).toBe(true);
  });
});
