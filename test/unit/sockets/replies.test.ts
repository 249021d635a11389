import { describe, expect, test } from "vitest";
import { handMadeSocket } from "../../support/hand-made-io.js";
import { connectedHarness } from "./harness.js";

/** A connected channel, whose application answers questions of the server's when the test says so. */
function questionedHarness(bufferLimit?: number) {
  const at = connectedHarness(bufferLimit === undefined ? {} : { bufferLimit });
  const replies: Array<(value: unknown) => void> = [];
  at.socket.on("question", (reply) => replies.push(reply));
  /** What the server has got, in order. */
  const got: unknown[] = [];
  at.link.onWrite = ({ event }) => got.push(event) > 0;
  const ask = (link = at.link): void => link.receive("question", (value: unknown) => got.push(value));
  ask();
  const reply = (value: unknown): void => {
    for (const each of replies.splice(0)) each(value);
  };
  return {
    ...at,
    got,
    ask,
    reply,
    setCurrent(isCurrent: () => boolean) {
      at.credential.isCurrent = isCurrent;
    },
  };
}

describe("a reply to an event of the server's", () => {
  test("is held while it is uncertain whose connection this is, and leaves in its turn", () => {
    const { socket, got, reply, hold, release } = questionedHarness();
    hold();
    socket.emit("before");
    reply("yes");
    socket.emit("after");
    expect(got).toEqual([]);
    release();
    expect(got).toEqual(["before", "yes", "after"]);
  });

  test("leaves also before the namespace counts as open, once its link is connected", () => {
    const { channel, socket, got } = questionedHarness();
    channel.detach("transport close");
    const next = handMadeSocket();
    channel.attach(next);
    socket.on("early question", (reply) => reply("yes"));
    Object.defineProperty(next, "isConnected", { value: true });
    next.receive("early question", (value: unknown) => got.push(value));
    expect([got, socket.connected]).toEqual([["yes"], false]);
  });

  test("G3: that was held does not leave after a sign-out, and nobody is told: its question is gone", () => {
    const { channel, got, reply, dropped, relink, hold, release, refuse } = questionedHarness();
    hold();
    reply("of alice");
    channel.detach("io client disconnect");
    refuse("ERR_LOGGED_OUT");
    refuse(undefined);
    relink("id-2");
    release();
    expect([got, dropped]).toEqual([[], []]);
  });

  test.each([
    ["the application left", "leave"],
    ["the server let go", "lose"],
  ])("F6: does nothing once %s the namespace and joined it again on the same link", (_, how) => {
    const { channel, link, got, ask, reply } = questionedHarness();
    if (how === "leave") channel.leave();
    else link.listener()?.onDisconnect("io server disconnect");
    reply("too late");
    channel.attach(link);
    link.connect("id-1b");
    expect(got).toEqual([]);
    ask();
    reply("in time");
    expect(got).toEqual(["in time"]);
  });

  test("that cannot be encoded is thrown to the code that replies, and what follows still goes", () => {
    const { socket, link, got } = questionedHarness();
    let reply: (value: unknown) => void = () => {};
    socket.on("hard question", (given) => {
      reply = given;
    });
    link.receive("hard question", () => {
      throw new RangeError("too deep");
    });
    expect(() => reply("cyclic")).toThrow("too deep");
    socket.emit("next");
    expect(got).toEqual(["next"]);
  });
});

describe("a reply while one link takes the place of another", () => {
  test("does not wait for the next link as messages do: it leaves at once, on the link that asked", () => {
    const { socket, channel, got, ask, reply, relink, hold, pause, release } = questionedHarness();
    pause();
    socket.emit("message");
    reply("yes");
    expect(got).toEqual(["yes"]);
    hold();
    ask();
    pause();
    reply("yes again");
    expect(got).toEqual(["yes", "yes again"]);
    channel.detach("token rotation");
    const next = relink("id-2");
    release();
    expect(next.written.map(({ event }) => event)).toEqual(["message"]);
  });

  test("leaves once it is certain whose connection this is, behind a message that goes on waiting", () => {
    const { socket, got, reply, hold, pause } = questionedHarness();
    hold();
    socket.emit("message");
    reply("yes");
    expect(got).toEqual([]);
    pause();
    expect(got).toEqual(["yes"]);
  });

  test("leaves on the old link while that finishes", () => {
    const { socket, channel, got, ask, reply, pause, release } = questionedHarness();
    const next = handMadeSocket();
    next.onWrite = ({ event }) => got.push(`${event} on the new link`) > 0;
    next.connect("id-2");
    pause();
    channel.switchTo(next);
    socket.emit("message");
    reply("of the old link");
    release();
    expect(got).toEqual(["of the old link", "message on the new link"]);
    ask(next);
    channel.finish();
    reply("of the new link");
    expect(got.at(-1)).toBe("of the new link");
  });

  test("does nothing once the link that asked is gone", () => {
    const { channel, got, reply, release } = questionedHarness();
    const next = handMadeSocket();
    next.connect("id-2");
    channel.switchTo(next);
    channel.finish();
    release();
    reply("too late");
    expect(got).toEqual([]);
  });

  test("keeps nothing from leaving when the link that asked has lost the namespace", () => {
    const { socket, channel, link, got, reply, hold, release } = questionedHarness();
    const next = handMadeSocket();
    next.connect("id-2");
    channel.switchTo(next);
    hold();
    reply("too late");
    link.leave();
    socket.emit("message");
    release();
    expect([got, next.written.map(({ event }) => event)]).toEqual([[], ["message"]]);
  });

  test("that a listener of disconnect gives does nothing: its link is gone", () => {
    const { socket, channel, got, reply } = questionedHarness();
    socket.on("disconnect", () => reply("too late"));
    channel.detach("token rotation");
    expect(got).toEqual([]);
  });
});
