import { describe, expect, test } from "vitest";
import { collectUncaught } from "../../support/uncaught.js";
import { connectedHarness, socketsHarness } from "./harness.js";

describe("writing", () => {
  test("what was emitted before and while connecting leaves in order at connect, before its listeners run", () => {
    const { socket, channel, link, written } = socketsHarness();
    socket.emit("a");
    channel.attach(link);
    socket.emit("b");
    socket.on("connect", () => socket.emit("c"));
    expect(written()).toEqual([]);
    link.connect();
    socket.emit("d");
    expect(written()).toEqual(["a", "b", "c", "d"]);
  });

  test("a write that could not be done keeps the message for the next link, in order", () => {
    const { socket, channel, link, written, relink } = connectedHarness();
    link.onWrite = () => false;
    socket.emit("a");
    socket.emit("b");
    expect(written()).toEqual([]);
    channel.detach("transport close");
    expect(relink("id-2").written.map(({ event }) => event)).toEqual(["a", "b"]);
  });

  test("G4: what was written is never written again", () => {
    const { socket, channel, written, relink } = connectedHarness();
    socket.emit("a");
    channel.detach("transport close");
    expect(relink("id-2").written).toEqual([]);
    expect(written()).toEqual(["a"]);
  });

  test("the acknowledgement of what was not written is not given up with the link: the message waits", async () => {
    const { socket, channel, link, relink } = connectedHarness();
    link.onWrite = () => false;
    const saved = socket.emitWithAck("save");
    channel.detach("transport close");
    relink("id-2").written[0]?.onAck?.("saved");
    expect(await saved).toBe("saved");
  });

  test("the look at the storage before each write can find another user: nothing more leaves", () => {
    const at = connectedHarness();
    at.socket.emit("of alice");
    at.credential.isCurrent = () => {
      at.channel.detach("io client disconnect");
      at.channel.outbox.discard("ERR_IDENTITY_CHANGED", () => true);
      return true;
    };
    at.socket.emit("of alice too");
    expect(at.written()).toEqual(["of alice"]);
    expect(at.dropped).toEqual([["of alice too", "ERR_IDENTITY_CHANGED"]]);
  });

  test("G11 an event that comes in while a message is written is delivered when it has been", () => {
    const { socket, link } = connectedHarness();
    const log: string[] = [];
    socket.on("news", () => log.push("news"));
    link.onWrite = ({ event }) => {
      if (event === "ask") link.receive("news");
      log.push(event);
      return true;
    };
    socket.emit("ask");
    expect(log).toEqual(["ask", "news"]);
  });

  test("what cannot be encoded is thrown to the code that emitted it, and what follows still goes", () => {
    const { socket, link, written } = connectedHarness();
    link.onWrite = ({ event }) => {
      if (event === "cyclic") throw new RangeError("too deep");
      return true;
    };
    expect(() => socket.emit("cyclic")).toThrow("too deep");
    socket.emit("next");
    expect(written()).toEqual(["next"]);
  });

  test("what cannot be encoded after it has waited is reported, what follows goes, and emitWithAck rejects", async () => {
    const { socket, channel, link, written, clock } = socketsHarness({
      ackTimeout: Number.POSITIVE_INFINITY,
    });
    link.onWrite = ({ event }) => {
      if (event === "cyclic") throw new RangeError("too deep");
      return true;
    };
    const settled: string[] = [];
    socket.emitWithAck("cyclic").then(
      () => settled.push("resolved"),
      () => settled.push("rejected"),
    );
    socket.emit("next");
    const uncaught = await collectUncaught(() => {
      channel.attach(link);
      link.connect();
    });
    await clock.advance(1);
    expect(written()).toEqual(["next"]);
    expect(settled).toEqual(["rejected"]);
    expect(uncaught.map(String).filter((error) => error !== "RangeError: too deep")).toEqual([]);
  });
});

describe("while it is uncertain whose connection this is", () => {
  test("nothing is written and nothing delivered until it is certain, then all in order", () => {
    const { socket, link, written, hold, release } = connectedHarness();
    const heard: unknown[] = [];
    socket.on("news", (value) => heard.push(value));
    hold();
    socket.emit("a");
    link.receive("news", 1);
    link.receive("news", 2);
    socket.emit("b");
    expect([written(), heard]).toEqual([[], []]);
    release();
    link.receive("news", 3);
    expect([written(), heard]).toEqual([
      ["a", "b"],
      [1, 2, 3],
    ]);
  });

  test("G6: what came in meanwhile is not delivered when it turns out to be another user's", () => {
    const { socket, channel, link, relink, hold, release } = connectedHarness();
    const heard: unknown[] = [];
    socket.on("news", (value) => heard.push(value));
    hold();
    link.receive("news", "of alice");
    channel.detach("io client disconnect");
    relink("id-2").receive("news", "of bob");
    release();
    expect(heard).toEqual(["of bob"]);
  });

  test("a hold begun by a listener of what was held holds the rest", () => {
    const { socket, link, hold, release } = connectedHarness();
    const heard: unknown[] = [];
    socket.on("news", (value) => {
      heard.push(value);
      if (value === 1) hold();
    });
    hold();
    for (const value of [1, 2]) link.receive("news", value);
    release();
    expect(heard).toEqual([1]);
    release();
    expect(heard).toEqual([1, 2]);
  });
});

test("an event counts as delivered when it is, so that what is held when the link drops can be recovered", () => {
  const { socket, channel, link, hold, release } = connectedHarness();
  const log: unknown[] = [];
  socket.on("news", (value) => log.push(value));
  const receive = (value: number): void =>
    link.listener()?.onEvent("news", [value], () => log.push(`delivered ${value}`));
  receive(1);
  hold();
  receive(2);
  expect(log).toEqual(["delivered 1", 1]);
  release();
  hold();
  receive(3);
  channel.detach("transport close");
  release();
  expect(log).toEqual(["delivered 1", 1, "delivered 2", 2]);
});

test("G6: a listener of what was held signs out: the rest of it is not delivered", () => {
  const { socket, channel, link, hold, release } = connectedHarness();
  const heard: unknown[] = [];
  socket.on("news", (value) => {
    heard.push(value);
    channel.detach("io client disconnect");
  });
  hold();
  for (const value of [1, 2]) link.receive("news", value);
  release();
  expect(heard).toEqual([1]);
});

test("while paused nothing is written, and what comes in is delivered, until it may go on on the next link", () => {
  const { socket, channel, link, written, relink, hold, pause, release } = connectedHarness();
  const heard: unknown[] = [];
  socket.on("news", (value) => heard.push(value));
  hold();
  link.receive("news", 1);
  pause();
  socket.emit("a");
  link.receive("news", 2);
  expect([written(), heard]).toEqual([[], [1, 2]]);
  channel.detach("token rotation");
  const next = relink("id-2");
  expect(next.written).toEqual([]);
  release();
  expect(next.written.map(({ event }) => event)).toEqual(["a"]);
});
