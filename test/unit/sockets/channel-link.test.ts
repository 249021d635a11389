import { ConnectionError } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { handMadeSocket } from "../../support/hand-made-io.js";
import { rejection } from "../../support/rejection.js";
import { collectUncaught } from "../../support/uncaught.js";
import { connectedHarness, socketsHarness } from "./harness.js";

describe("the end of a link", () => {
  test("fires disconnect once, with its reason, and only if it was connected", () => {
    const { socket, channel, link } = socketsHarness();
    const reasons: string[] = [];
    socket.on("disconnect", (reason) => reasons.push(reason));
    channel.attach(link);
    channel.detach("transport close");
    expect(reasons).toEqual([]);
    channel.attach(link);
    link.connect();
    channel.detach("token rotation");
    channel.detach("io client disconnect");
    expect(reasons).toEqual(["token rotation"]);
    expect([socket.connected, socket.id, link.isListenedTo]).toEqual([false, undefined, false]);
  });

  test("G6: nothing of the old link is delivered any more", () => {
    const { socket, channel, link } = connectedHarness();
    const heard: unknown[] = [];
    socket.on("news", (value) => heard.push(value));
    channel.detach("token rotation");
    link.receive("news", "late");
    expect([link.isListenedTo, heard]).toEqual([false, []]);
  });

  test("F19: every acknowledgement that was due is given up", async () => {
    const { socket, channel } = connectedHarness();
    const due = socket.emitWithAck("save");
    channel.detach("transport close");
    await rejection(due, "ERR_LINK_CLOSED");
  });

  test("the server lets one namespace go: disconnected, and messages wait", () => {
    const { socket, link, written } = connectedHarness();
    link.listener()?.onDisconnect("io server disconnect");
    socket.emit("a");
    expect([socket.connected, written()]).toEqual([false, []]);
    link.connect("id-1b");
    expect([socket.id, written()]).toEqual(["id-1b", ["a"]]);
  });
});

describe("a namespace of its own", () => {
  const refusal = new ConnectionError("ERR_REFUSED", "not for you");

  test("that the server closed to this token is not joined again until there is another token", () => {
    const { channel, link, socket, activate } = socketsHarness();
    const errors: unknown[] = [];
    socket.on("connect_error", (error) => errors.push(error));
    activate();
    channel.attach(link);
    link.listener()?.onRefused(refusal, true);
    expect([channel.isWanted, socket.active, errors]).toEqual([false, false, [refusal]]);
    channel.renew();
    expect([channel.isWanted, socket.active]).toEqual([true, true]);
  });

  test("that was refused for now stays wanted", () => {
    const { channel, link } = socketsHarness();
    channel.attach(link);
    link.listener()?.onRefused(refusal, false);
    expect(channel.isWanted).toBe(true);
  });

  test("that the application left is not joined for a new token, only at its own connect", () => {
    const { channel, link, socket, asked } = connectedHarness();
    channel.leave();
    expect([link.hasLeft, socket.connected, channel.isWanted]).toEqual([true, false, false]);
    channel.renew();
    expect(channel.isWanted).toBe(false);
    socket.connect();
    expect([channel.isWanted, asked.connect.mock.calls.length]).toEqual([true, 1]);
  });

  test("fires no connect_error while it is connected, or after the application left it", () => {
    const { channel, socket } = connectedHarness();
    const errors: unknown[] = [];
    socket.on("connect_error", (error) => errors.push(error));
    channel.fail(refusal);
    channel.leave();
    channel.fail(refusal);
    expect(errors).toEqual([]);
  });
});

test("a listener that throws is reported as uncaught, and later events are delivered", async () => {
  const { socket, link } = connectedHarness();
  const heard: unknown[] = [];
  socket.on("news", (value) => {
    heard.push(value);
    if (value === 1) throw new Error("in a listener");
  });
  const uncaught = await collectUncaught(() => {
    link.receive("news", 1);
    link.receive("news", 2);
  });
  expect([heard, uncaught.map(String)]).toEqual([[1, 2], ["Error: in a listener"]]);
});

test("listeners of connect, disconnect and dropped that throw change nothing either", async () => {
  const at = socketsHarness({ bufferLimit: 0 });
  for (const event of ["connect", "disconnect", "dropped"] as const) {
    at.socket.on(event, () => {
      throw new Error(`in ${event}`);
    });
  }
  const uncaught = await collectUncaught(() => {
    at.socket.emit("a");
    at.channel.attach(at.link);
    at.link.connect();
    at.channel.detach("transport close");
  });
  expect(uncaught.map(String)).toEqual(["Error: in dropped", "Error: in connect", "Error: in disconnect"]);
});

test("attached again to the socket it has, nothing fires twice", () => {
  const { socket, channel, link } = connectedHarness();
  const fired: string[] = [];
  socket.on("connect", () => fired.push("connect"));
  channel.attach(link);
  expect([fired, socket.connected]).toEqual([[], true]);
  channel.attach(handMadeSocket());
  expect(fired).toEqual([]);
});
