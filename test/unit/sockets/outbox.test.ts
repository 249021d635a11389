import { ConnectionError, type Message as Written } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { isSame, type Owner } from "../../../src/credential/owners.js";
import { Traffic } from "../../../src/sockets/traffic.js";
import { handMadeSocket } from "../../support/hand-made-io.js";
import { collectUncaught } from "../../support/uncaught.js";
import { partsOfTraffic } from "./harness.js";
import { waiting } from "./waiting.js";

const ALICE: Owner = { name: "alice" };
const BOB: Owner = { name: "bob" };

/** An outbox at an open link, which holds everything until `flush`. */
function outbox(bufferLimit = 10) {
  const dropped: unknown[][] = [];
  const written: string[] = [];
  const at = { mayWrite: false, mayReply: false, onWrite: (_message: Written): boolean => true };
  const socket = handMadeSocket();
  socket.onWrite = (message) => at.onWrite(message) && written.push(message.event) > 0;
  const owners = { current: ALICE, ofToken: ALICE, isExpected: () => false };
  const channel = new Traffic({
    ...partsOfTraffic(),
    bufferLimit,
    owners,
    gate: {
      mayWrite: () => at.mayWrite,
      mayReply: () => at.mayReply,
      mayDeliver: () => true,
      isPaused: false,
      closed: 0,
    },
  }).channel("/");
  channel.socket.on("dropped", (...args) => dropped.push(args));
  channel.attach(socket);
  socket.connect();
  const box = channel.outbox;
  const send = (event: string, owner = ALICE, ack?: ReturnType<typeof waiting>, isVolatile = false): void => {
    owners.current = owner;
    box.send(event, [], { isVolatile }, undefined, ack?.onAnswer, ack?.onError);
  };
  const reply = (name: string): void => {
    const [acknowledge] = box.accept([() => written.push(name)]);
    if (typeof acknowledge === "function") acknowledge();
  };
  const flush = (): void => {
    at.mayWrite = true;
    at.mayReply = true;
    box.flush();
  };
  return { channel, box, dropped, written, at, send, reply, flush };
}

test("a message that is dropped as another user's says what tells users apart", () => {
  const { box, send } = outbox();
  const errors: unknown[] = [];
  send("a", ALICE, { ...waiting(), onError: (error) => void errors.push(error) });
  box.discard("ERR_IDENTITY_CHANGED", () => true);
  expect(errors).toEqual([expect.any(ConnectionError)]);
  expect(String(errors[0])).toMatch(/another user signed in, or .*nobody can tell whose.*"identify"/);
});

describe("flushing", () => {
  test("takes messages out in order, and stops at the first that cannot be written", () => {
    const { send, written, at, flush } = outbox();
    for (const event of ["a", "b", "c"]) send(event);
    expect(written).toEqual([]);
    at.onWrite = ({ event }) => event !== "c";
    flush();
    expect(written).toEqual(["a", "b"]);
    at.onWrite = () => true;
    flush();
    flush();
    expect(written).toEqual(["a", "b", "c"]);
  });

  test("goes on after one that cannot be encoded, and says so", async () => {
    const { send, written, at, flush } = outbox();
    for (const event of ["a", "cyclic", "c"]) send(event);
    at.onWrite = ({ event }) => {
      if (event === "cyclic") throw new RangeError("too deep");
      return true;
    };
    const errors = await collectUncaught(flush);
    expect([written, errors.map(String)]).toEqual([["a", "c"], ["RangeError: too deep"]]);
  });

  test("ends when writing finds another user, and nothing is lost of what came since", () => {
    const { box, send, dropped, written, at, flush } = outbox();
    for (const event of ["of alice 1", "of alice 2"]) send(event);
    at.onWrite = () => {
      box.discard("ERR_IDENTITY_CHANGED", () => true);
      send("of bob", BOB);
      at.onWrite = () => false;
      return false;
    };
    flush();
    expect(dropped).toEqual([
      ["of alice 1", "ERR_IDENTITY_CHANGED"],
      ["of alice 2", "ERR_IDENTITY_CHANGED"],
    ]);
    at.onWrite = () => true;
    flush();
    expect(written).toEqual(["of bob"]);
  });

  test("writes messages and replies in the order in which they were made; a message that waits keeps no reply", () => {
    const { send, reply, written, at, flush } = outbox();
    send("a");
    reply("reply 1");
    send("b");
    reply("reply 2");
    send("c");
    at.onWrite = ({ event }) => event === "a";
    flush();
    expect(written).toEqual(["a", "reply 1", "reply 2"]);
    at.onWrite = () => true;
    flush();
    expect(written).toEqual(["a", "reply 1", "reply 2", "b", "c"]);
  });

  test("a reply that waits keeps its place before the messages that were made after it", () => {
    const { box, send, reply, written, at, flush } = outbox();
    reply("reply");
    send("after");
    at.mayWrite = true;
    box.flush();
    expect(written).toEqual([]);
    flush();
    expect(written).toEqual(["reply", "after"]);
  });

  test("a message that is added while another one is written waits for its turn", () => {
    const { send, written, at, flush } = outbox();
    at.onWrite = ({ event }) => {
      if (event === "outer") send("inner");
      return true;
    };
    send("outer");
    flush();
    expect(written).toEqual(["outer", "inner"]);
  });
});

describe("dropping", () => {
  test("past the limit the newest is refused", () => {
    const { send, dropped } = outbox(2);
    const ack = waiting();
    for (const event of ["a", "b", "c"]) send(event);
    send("d", ALICE, ack);
    expect([dropped, ack.told]).toEqual([[["c", "ERR_BUFFER_FULL"]], ["ERR_BUFFER_FULL"]]);
  });

  test("a message whose acknowledgement takes errors is told by it, everybody else by dropped", () => {
    const { box, send, dropped } = outbox();
    const [promised, plain] = [waiting(), waiting(false)];
    send("promised", ALICE, promised);
    send("plain", ALICE, plain);
    send("no ack");
    box.discard("ERR_LOGGED_OUT", () => true);
    expect([promised.told, plain.told]).toEqual([["ERR_LOGGED_OUT"], []]);
    expect(dropped).toEqual([
      ["plain", "ERR_LOGGED_OUT"],
      ["no ack", "ERR_LOGGED_OUT"],
    ]);
  });

  test("G3 the messages of another user go, with those that they stand between left in order", () => {
    const { box, send, dropped, written, flush } = outbox();
    const ack = waiting();
    send("of alice");
    send("of bob", BOB);
    send("of alice too", ALICE, ack);
    send("of bob too", BOB);
    box.discard("ERR_IDENTITY_CHANGED", ({ stamp }) => !isSame(stamp.owner, BOB));
    expect([dropped, ack.told]).toEqual([[["of alice", "ERR_IDENTITY_CHANGED"]], ["ERR_IDENTITY_CHANGED"]]);
    flush();
    expect(written).toEqual(["of bob", "of bob too"]);
  });

  test("leaves replies, whose question decides", () => {
    const { box, reply, written, flush } = outbox();
    reply("reply");
    box.discard("ERR_IDENTITY_CHANGED", () => true);
    flush();
    expect(written).toEqual(["reply"]);
  });
});

describe("acknowledgements", () => {
  test("of what cannot be encoded are told", () => {
    const { send, at, flush } = outbox();
    const ack = waiting();
    at.onWrite = () => {
      throw new RangeError("too deep");
    };
    send("a", ALICE, ack);
    flush();
    expect(ack.told.map(String)).toEqual(["RangeError: too deep"]);
  });

  test("are waited for once the message is written, and not before", () => {
    const { box, send, flush } = outbox();
    const ack = waiting();
    send("a", ALICE, ack);
    expect([ack.told, box.stay.size]).toEqual([[], 0]);
    flush();
    expect(box.stay.first?.content.event).toBe("a");
  });

  test("of a volatile message that is lost are waited for as if it had been written", () => {
    const { box, send } = outbox();
    const ack = waiting();
    send("a", ALICE, ack, true);
    expect(box.stay.first?.content.event).toBe("a");
    box.giveUp(box.stay);
    expect(ack.told).toEqual(["ERR_LINK_CLOSED"]);
  });

  test("are given up with their link, and a plain callback is told nothing", () => {
    const { box, send, flush } = outbox();
    const [promised, plain] = [waiting(), waiting(false)];
    send("promised", ALICE, promised);
    send("plain", ALICE, plain);
    flush();
    box.giveUp(box.stay);
    expect([promised.told, plain.told, box.stay.size]).toEqual([["ERR_LINK_CLOSED"], [], 0]);
  });

  test("of a message whose link ends while it is written are given up at once", () => {
    const { channel, send, at, flush } = outbox();
    const ack = waiting();
    send("a", ALICE, ack);
    at.onWrite = () => {
      channel.detach("transport close");
      return true;
    };
    flush();
    expect(ack.told).toEqual(["ERR_LINK_CLOSED"]);
  });
});
