import type { ConnectionErrorCode } from "socket-rotor";
import { describe, expect, test, vi } from "vitest";
import { isSame, type Owner } from "../../../src/credential/owners.js";
import { Acks } from "../../../src/sockets/acks.js";
import { Outbox, type Outgoing } from "../../../src/sockets/outbox.js";
import type { PendingAck } from "../../../src/sockets/pending-ack.js";
import { waiting } from "./waiting.js";

const never = (error: unknown): void => expect.fail(`nothing was to go wrong, but ${error} did`);

const ALICE: Owner = { name: "alice" };
const BOB: Owner = { name: "bob" };

/** An outbox, whose messages are written as the test says; by default each can be. */
function outbox(limit = 10) {
  const dropped: [string, ConnectionErrorCode][] = [];
  const written: string[] = [];
  const acks = new Acks(() => {});
  const at = { onWrite: (_message: Outgoing): boolean => true };
  const box = new Outbox({
    limit,
    isCookie: false,
    acks,
    write: (message) => at.onWrite(message) && written.push(message.event) > 0,
    onDropped: (event, code) => dropped.push([event, code]),
  });
  const flush = (): void => box.flush(never);
  return { box, acks, dropped, written, at, flush };
}

const message = (event: string, ack?: PendingAck, owner = ALICE): Outgoing =>
  ack ? { event, args: [], owner, heard: 0, ack } : { event, args: [], owner, heard: 0 };

test("a message that is dropped as another user's says what tells users apart", () => {
  const { box } = outbox();
  const settle = vi.fn<PendingAck["settle"]>();
  box.add(message("a", { takesErrors: true, settle }));
  box.discard("ERR_IDENTITY_CHANGED");
  expect(settle.mock.lastCall?.[0]?.message).toMatch(
    /another user signed in, or .*nobody can tell whose.*"identify"/,
  );
});

describe("flushing", () => {
  test("takes messages out in order, and stops at the first that cannot be written", () => {
    const { box, written, at, flush } = outbox();
    for (const event of ["a", "b", "c"]) box.add(message(event));
    at.onWrite = ({ event }) => event !== "c";
    flush();
    expect(written).toEqual(["a", "b"]);
    at.onWrite = () => true;
    flush();
    flush();
    expect(written).toEqual(["a", "b", "c"]);
  });

  test("goes on after one that cannot be encoded, and says so", () => {
    const { box, written, at } = outbox();
    for (const event of ["a", "cyclic", "c"]) box.add(message(event));
    at.onWrite = ({ event }) => {
      if (event === "cyclic") throw new RangeError("too deep");
      return true;
    };
    const errors: unknown[] = [];
    box.flush((error) => errors.push(error));
    expect([written, errors.map(String)]).toEqual([["a", "c"], ["RangeError: too deep"]]);
  });

  test("ends when writing finds another user, and nothing is lost of what came since", () => {
    const { box, dropped, written, at, flush } = outbox();
    for (const event of ["of alice 1", "of alice 2"]) box.add(message(event));
    at.onWrite = () => {
      box.discard("ERR_IDENTITY_CHANGED");
      box.add(message("of bob", undefined, BOB));
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
    const { box, written, at, flush } = outbox();
    const reply = (name: string): void =>
      box.addReply({ owner: {}, heard: 0, write: () => written.push(name) > 0 });
    box.add(message("a"));
    reply("reply 1");
    box.add(message("b"));
    reply("reply 2");
    box.add(message("c"));
    at.onWrite = ({ event }) => event === "a";
    flush();
    expect(written).toEqual(["a", "reply 1", "reply 2"]);
    at.onWrite = () => true;
    flush();
    expect(written).toEqual(["a", "reply 1", "reply 2", "b", "c"]);
  });

  test("a reply that waits keeps its place before the messages that were made after it", () => {
    const { box, written, flush } = outbox();
    let mayReply = false;
    box.addReply({ owner: {}, heard: 0, write: () => mayReply && written.push("reply") > 0 });
    box.add(message("after"));
    flush();
    expect(written).toEqual([]);
    mayReply = true;
    flush();
    expect(written).toEqual(["reply", "after"]);
  });

  test("a message that is added while another one is written waits for its turn", () => {
    const { box, written, at, flush } = outbox();
    at.onWrite = ({ event }) => {
      if (event === "outer") {
        box.add(message("inner"));
        flush();
      }
      return true;
    };
    box.add(message("outer"));
    flush();
    expect(written).toEqual(["outer", "inner"]);
  });
});

describe("dropping", () => {
  test("past the limit the newest is refused", () => {
    const { box, dropped, at, flush } = outbox(2);
    const { ack, told } = waiting();
    at.onWrite = () => false;
    for (const event of ["a", "b", "c"]) box.add(message(event));
    box.add(message("d", ack));
    flush();
    expect([dropped, told]).toEqual([[["c", "ERR_BUFFER_FULL"]], ["ERR_BUFFER_FULL"]]);
  });

  test("whoever takes errors is told by its acknowledgement, everybody else by dropped", () => {
    const { box, dropped } = outbox();
    const [promised, plain] = [waiting(), waiting(false)];
    box.add(message("promised", promised.ack));
    box.add(message("plain", plain.ack));
    box.add(message("no ack"));
    box.discard("ERR_LOGGED_OUT");
    expect([promised.told, plain.told]).toEqual([["ERR_LOGGED_OUT"], []]);
    expect(dropped).toEqual([
      ["plain", "ERR_LOGGED_OUT"],
      ["no ack", "ERR_LOGGED_OUT"],
    ]);
  });

  test("G3 the messages of another user go, with those that they stand between left in order", () => {
    const { box, dropped, written, flush } = outbox();
    const { ack, told } = waiting();
    box.add(message("of alice"));
    box.add(message("of bob", undefined, BOB));
    box.add(message("of alice too", ack));
    box.add(message("of bob too", undefined, BOB));
    box.discard("ERR_IDENTITY_CHANGED", ({ owner }) => !isSame(owner, BOB));
    expect([dropped, told]).toEqual([[["of alice", "ERR_IDENTITY_CHANGED"]], ["ERR_IDENTITY_CHANGED"]]);
    flush();
    expect(written).toEqual(["of bob", "of bob too"]);
  });

  test("leaves replies, whose question decides", () => {
    const { box, written, flush } = outbox();
    box.addReply({ owner: {}, heard: 0, write: () => written.push("reply") > 0 });
    box.discard("ERR_IDENTITY_CHANGED");
    flush();
    expect(written).toEqual(["reply"]);
  });
});

describe("acknowledgements", () => {
  test("that were forgotten take their message with them, and nobody is told", () => {
    const { box, dropped, written, flush } = outbox();
    const [late, due] = [waiting(), waiting()];
    box.add(message("late", late.ack));
    box.add(message("due", due.ack));
    box.forget(late.ack);
    box.forget(late.ack);
    flush();
    box.forget(due.ack);
    expect([written, late.told, due.told, dropped]).toEqual([["due"], [], [], []]);
  });

  test("of what cannot be encoded are told", () => {
    const { box, at, flush } = outbox();
    const { ack, told } = waiting();
    at.onWrite = () => {
      throw new RangeError("too deep");
    };
    box.add(message("a", ack));
    flush();
    expect(told.map(String)).toEqual(["RangeError: too deep"]);
  });

  test("of a volatile message that is lost are awaited as if it had been written", () => {
    const { box, acks, at, flush } = outbox();
    const { ack, told } = waiting();
    at.onWrite = () => false;
    box.add({ ...message("a", ack), isVolatile: true });
    flush();
    acks.closeLink();
    expect(told).toEqual(["ERR_LINK_CLOSED"]);
  });
});
