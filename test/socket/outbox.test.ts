import { type ConnectionErrorCode, isConnectionError } from "socket-rotor";
import { describe, expect, test, vi } from "vitest";
import { Outbox, type Outgoing } from "../../src/sockets/outbox.js";
import { limitAck, type PendingAck } from "../../src/sockets/pending-ack.js";
import { manualClock } from "../manual-clock.js";

const never = (error: unknown): void => expect.fail(`nothing was to go wrong, but ${error} did`);

function outbox(limit = 10) {
  const dropped: [string, ConnectionErrorCode][] = [];
  const onFinished = vi.fn<() => void>();
  return {
    box: new Outbox(limit, (event, code) => dropped.push([event, code]), onFinished),
    dropped,
    onFinished,
  };
}

/** What is written when everything can be. */
function drained(box: Outbox): string[] {
  const written: string[] = [];
  box.drain(({ event }) => written.push(event) > 0, never);
  return written;
}

/** Writes a message, and answers with how its acknowledgement comes in. */
function written(box: Outbox, ack: PendingAck): (...values: unknown[]) => void {
  let acknowledge: (...values: unknown[]) => void = never;
  box.send({ event: "a", args: [], ack }, ({ onAck }) => {
    if (onAck) acknowledge = onAck;
    return true;
  });
  return (...values) => acknowledge(...values);
}

const message = (event: string): Outgoing => ({ event, args: [] });

/** Something that waits for an acknowledgement, and what it was told. */
function waiting(takesErrors = true) {
  const told: unknown[] = [];
  const ack: PendingAck = {
    takesErrors,
    settle: (error, values) => told.push(isConnectionError(error) ? error.code : (error ?? values)),
    cancel: vi.fn(),
  };
  return { ack, told };
}

test("a message that is dropped as another user's says what tells users apart", () => {
  const { box } = outbox();
  const settle = vi.fn<PendingAck["settle"]>();
  box.add({ event: "a", args: [], ack: { takesErrors: true, settle } });
  box.discard("ERR_IDENTITY_CHANGED");
  expect(settle.mock.lastCall?.[0]?.message).toMatch(
    /another user signed in, or .*nobody can tell whose.*"identify"/,
  );
});

describe("draining", () => {
  test("takes messages out in order, and stops at the first that cannot be written", () => {
    const { box } = outbox();
    for (const event of ["a", "b", "c"]) box.add(message(event));
    const written: string[] = [];
    box.drain(({ event }) => event !== "c" && written.push(event) > 0, never);
    expect(written).toEqual(["a", "b"]);
    box.drain(({ event }) => written.push(event) > 0, never);
    box.drain(({ event }) => written.push(event) > 0, never);
    expect(written).toEqual(["a", "b", "c"]);
  });

  test("goes on after one that cannot be encoded, and says so", () => {
    const { box } = outbox();
    for (const event of ["a", "cyclic", "c"]) box.add(message(event));
    const written: string[] = [];
    const errors: unknown[] = [];
    const write = ({ event }: Outgoing): boolean => {
      if (event === "cyclic") throw new RangeError("too deep");
      return written.push(event) > 0;
    };
    box.drain(write, (error) => errors.push(error));
    expect([written, errors.map(String)]).toEqual([["a", "c"], ["RangeError: too deep"]]);
  });

  test("ends when writing finds another user, and nothing is lost of what came since", () => {
    const { box, dropped } = outbox();
    for (const event of ["of alice 1", "of alice 2"]) box.add(message(event));
    box.drain(() => {
      box.discard("ERR_IDENTITY_CHANGED");
      box.add(message("of bob"));
      return false;
    }, never);
    expect(dropped).toEqual([
      ["of alice 1", "ERR_IDENTITY_CHANGED"],
      ["of alice 2", "ERR_IDENTITY_CHANGED"],
    ]);
    const written: string[] = [];
    box.drain(({ event }) => written.push(event) > 0, never);
    expect(written).toEqual(["of bob"]);
  });
});

describe("dropping", () => {
  test("past the limit the newest is refused", () => {
    const { box, dropped } = outbox(2);
    const { ack, told } = waiting();
    for (const event of ["a", "b", "c"]) box.add(message(event));
    box.add({ event: "d", args: [], ack });
    box.enforceLimit();
    expect([dropped, told]).toEqual([[["c", "ERR_BUFFER_FULL"]], ["ERR_BUFFER_FULL"]]);
  });

  test("whoever takes errors is told by its acknowledgement, everybody else by dropped", () => {
    const { box, dropped } = outbox();
    const [promised, plain] = [waiting(), waiting(false)];
    box.add({ event: "promised", args: [], ack: promised.ack });
    box.add({ event: "plain", args: [], ack: plain.ack });
    box.add(message("no ack"));
    box.discard("ERR_LOGGED_OUT");
    expect([promised.told, plain.told]).toEqual([["ERR_LOGGED_OUT"], []]);
    expect(dropped).toEqual([
      ["plain", "ERR_LOGGED_OUT"],
      ["no ack", "ERR_LOGGED_OUT"],
    ]);
  });
});

describe("acknowledgements of what was written", () => {
  test("settle once", () => {
    const { box } = outbox();
    const { ack, told } = waiting();
    const written: Array<(...values: unknown[]) => void> = [];
    box.send({ event: "a", args: [], ack }, ({ onAck }) => written.push(onAck ?? never) > 0);
    for (const onAck of written) {
      onAck("first", 2);
      onAck("second");
    }
    box.closeLink();
    expect(told).toEqual([["first", 2]]);
  });

  test("are given up with their link, and a late answer is dropped", () => {
    const { box } = outbox();
    const [promised, plain] = [waiting(), waiting(false)];
    const acks: Array<((...values: unknown[]) => void) | undefined> = [];
    for (const { ack } of [promised, plain])
      box.send({ event: "a", args: [], ack }, ({ onAck }) => acks.push(onAck) > 0);
    box.closeLink();
    for (const onAck of acks) onAck?.("late");
    expect([promised.told, plain.told]).toEqual([["ERR_LINK_CLOSED"], []]);
    expect(plain.ack.cancel).toHaveBeenCalledOnce();
  });

  test("of a message that was not written are not given up: it stays queued", () => {
    const { box } = outbox();
    const { ack, told } = waiting();
    expect(box.send({ event: "a", args: [], ack }, () => false)).toBe(false);
    expect(() =>
      box.send({ event: "a", args: [], ack }, () => {
        throw new RangeError("too deep");
      }),
    ).toThrow("too deep");
    box.closeLink();
    expect(told).toEqual([]);
  });

  test("that were forgotten leave the queue", () => {
    const { box, dropped } = outbox();
    const { ack, told } = waiting();
    box.add({ event: "a", args: [], ack });
    box.forget(ack);
    box.discard("ERR_LOGGED_OUT");
    expect([told, dropped]).toEqual([[], []]);
  });
});

describe("acknowledgements that are due on the link before", () => {
  test("still settle, once, and the last of them is told of", () => {
    const { box, onFinished } = outbox();
    const [first, second] = [waiting(), waiting()];
    const acknowledge = [first, second].map(({ ack }) => written(box, ack));
    expect(box.isFinished).toBe(true);
    box.changeLink();
    expect(box.isFinished).toBe(false);
    acknowledge[0]?.("one");
    acknowledge[0]?.("one more");
    expect([box.isFinished, onFinished.mock.calls.length]).toEqual([false, 0]);
    acknowledge[1]?.("two");
    expect([first.told, second.told]).toEqual([[["one"]], [["two"]]]);
    expect([box.isFinished, onFinished.mock.calls.length]).toEqual([true, 1]);
  });

  test("are given up when it is gone, and those of the newer link are not", () => {
    const { box } = outbox();
    const [old, newer, plain] = [waiting(), waiting(), waiting(false)];
    const late = written(box, old.ack);
    written(box, plain.ack);
    box.changeLink();
    const acknowledge = written(box, newer.ack);
    box.closeOldLink();
    late("late");
    acknowledge("in time");
    expect([old.told, newer.told, plain.told]).toEqual([["ERR_LINK_CLOSED"], [["in time"]], []]);
    expect(plain.ack.cancel).toHaveBeenCalledOnce();
  });

  test("are given up with the newer link too, and that is told of, as nobody waits any more", () => {
    const { box, onFinished } = outbox();
    const [old, newer] = [waiting(), waiting()];
    written(box, old.ack);
    box.changeLink();
    written(box, newer.ack);
    box.closeLink();
    expect([old.told, newer.told]).toEqual([["ERR_LINK_CLOSED"], ["ERR_LINK_CLOSED"]]);
    expect([box.isFinished, onFinished.mock.calls.length]).toEqual([true, 1]);
  });

  test("are not waited for once they have timed out", () => {
    const { box, onFinished } = outbox();
    const { ack, told } = waiting();
    const late = written(box, ack);
    box.changeLink();
    box.forget(ack);
    late("late");
    expect([told, box.isFinished, onFinished.mock.calls.length]).toEqual([[], true, 1]);
  });

  test("stay those of the first link over a second change", () => {
    const { box } = outbox();
    const [first, second] = [waiting(), waiting()];
    const acknowledge = [written(box, first.ack)];
    box.changeLink();
    acknowledge.push(written(box, second.ack));
    box.changeLink();
    for (const settle of acknowledge) settle("in time");
    expect([first.told, second.told, box.isFinished]).toEqual([[["in time"]], [["in time"]], true]);
  });
});

describe("G3 messages that wait for the server to name their user", () => {
  test("are not written, and come first again when it is the same one", () => {
    const { box, dropped } = outbox();
    for (const event of ["a", "b"]) box.add(message(event));
    box.setAside();
    expect(drained(box)).toEqual([]);
    box.add(message("since"));
    box.takeBack();
    expect([drained(box), dropped]).toEqual([["a", "b", "since"], []]);
  });

  test("are dropped when it is another one, and what came since is that one's", () => {
    const { box, dropped } = outbox();
    const { ack, told } = waiting();
    box.add(message("of alice"));
    box.add({ event: "of alice too", args: [], ack });
    box.setAside();
    box.add(message("of bob"));
    box.discardAside();
    expect([dropped, told]).toEqual([[["of alice", "ERR_IDENTITY_CHANGED"]], ["ERR_IDENTITY_CHANGED"]]);
    expect(drained(box)).toEqual(["of bob"]);
  });

  test.each([
    { what: "something", events: ["of alice"] },
    { what: "nothing", events: [] },
  ])(
    "with $what aside already, what is queued is of somebody who was never named, and is dropped",
    ({ events }) => {
      const { box, dropped } = outbox();
      for (const event of events) box.add(message(event));
      box.setAside();
      box.add(message("of somebody"));
      box.setAside();
      expect(dropped).toEqual([["of somebody", "ERR_IDENTITY_CHANGED"]]);
      box.takeBack();
      expect(drained(box)).toEqual(events);
      // It is over: the next ones are set aside anew.
      box.add(message("of alice again"));
      box.setAside();
      expect(dropped).toHaveLength(1);
    },
  );

  test("go with a sign-out, those that are aside first", () => {
    const { box, dropped } = outbox();
    box.add(message("aside"));
    box.setAside();
    box.add(message("queued"));
    box.discard("ERR_LOGGED_OUT");
    expect(dropped).toEqual([
      ["aside", "ERR_LOGGED_OUT"],
      ["queued", "ERR_LOGGED_OUT"],
    ]);
    box.takeBack();
    box.add(message("of bob"));
    box.setAside();
    box.takeBack();
    expect(drained(box)).toEqual(["of bob"]);
  });

  test("count towards the limit, and are not what is refused", () => {
    const { box, dropped } = outbox(2);
    for (const event of ["a", "b"]) box.add(message(event));
    box.setAside();
    box.add(message("c"));
    box.enforceLimit();
    box.takeBack();
    expect([dropped, drained(box)]).toEqual([[["c", "ERR_BUFFER_FULL"]], ["a", "b"]]);
  });

  test("may time out meanwhile", () => {
    const { box, dropped } = outbox();
    const { ack, told } = waiting();
    box.add({ event: "a", args: [], ack });
    box.setAside();
    box.forget(ack);
    box.takeBack();
    expect([drained(box), told, dropped]).toEqual([[], [], []]);
  });
});

describe("a time limit", () => {
  test("settles with ERR_ACK_TIMEOUT, once, and an answer in time takes it back", async () => {
    const clock = manualClock();
    const late = waiting();
    const due = vi.fn();
    const limited = limitAck(late.ack, 1_000, clock, due);
    await clock.advance(999);
    expect(late.told).toEqual([]);
    await clock.advance(1);
    limited.settle(null, ["late"]);
    expect([late.told, due.mock.calls]).toEqual([["ERR_ACK_TIMEOUT"], [[limited]]]);

    const timely = waiting();
    limitAck(timely.ack, 1_000, clock, due).settle(null, [1]);
    expect([timely.told, clock.pending()]).toEqual([[[1]], []]);
  });

  test("of Infinity is none at all", () => {
    const clock = manualClock();
    const { ack } = waiting();
    const setTimeout = vi.spyOn(clock, "setTimeout");
    expect(limitAck(ack, Number.POSITIVE_INFINITY, clock, () => {})).toBe(ack);
    expect(setTimeout).not.toHaveBeenCalled();
  });

  test("can be cancelled", () => {
    const clock = manualClock();
    limitAck(waiting().ack, 1_000, clock, () => {}).cancel?.();
    expect(clock.pending()).toEqual([]);
  });

  test("says operation has timed out, as Socket.IO does", async () => {
    const clock = manualClock();
    const errors: unknown[] = [];
    const ack: PendingAck = { takesErrors: true, settle: (error) => errors.push(error) };
    limitAck(ack, 5, clock, () => {});
    await clock.advance(5);
    expect(errors.map((error) => isConnectionError(error, "ERR_ACK_TIMEOUT") && error.message)).toEqual([
      expect.stringContaining("operation has timed out"),
    ]);
  });
});
