import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { Channel } from "../../../src/sockets/channel.js";
import { Line } from "../../../src/sockets/line.js";
import type { Message } from "../../../src/sockets/message.js";
import { ROOT, read } from "../../docs/documents.js";
import { connectedHarness, type SocketsHarness } from "./harness.js";
import { steps } from "./steps.js";

const FEW = 10;
const MANY = 10_000;

/** Sends a message whose acknowledgement is waited for. */
function promise(channel: Channel, timeout?: number): void {
  channel.outbox.send(
    "due",
    [],
    {},
    timeout,
    () => {},
    () => {},
  );
}

/** Sends so many whose time is limited; answers with what the clock calls when that of the one in the middle is over. */
function limited({ channel, clock }: SocketsHarness, count: number): () => void {
  const setTimeout = vi.spyOn(clock, "setTimeout").mockImplementation(() => undefined);
  repeat(count, () => promise(channel, 1_000));
  return setTimeout.mock.calls[count / 2]?.[0] ?? expect.fail();
}

const repeat = (count: number, act: (index: number) => void): void => {
  for (let index = 0; index < count; index += 1) act(index);
};

/** A connected channel, with the gate's answers counted as steps. */
function counted(bufferLimit = Number.POSITIVE_INFINITY) {
  const at = connectedHarness({ bufferLimit, ackTimeout: Number.POSITIVE_INFINITY });
  let looks = 0;
  at.credential.isCurrent = () => {
    looks += 1;
    return true;
  };
  const cost = (act: () => void): number => {
    const before = looks;
    return steps(act) + looks - before;
  };
  return { ...at, cost };
}

/** Each makes `count` of something wait, and answers with what one more step of it costs. */
const COSTS: Record<string, (count: number) => number> = {
  "an emit while as many wait": (count) => {
    const { socket, hold, cost } = counted();
    hold();
    repeat(count, () => socket.emit("waits"));
    return cost(() => socket.emit("one more"));
  },
  "an emit while as many wait for the statechart": (count) => {
    const { socket, pause, cost } = counted();
    pause();
    repeat(count, () => socket.emit("waits"));
    return cost(() => socket.emit("one more"));
  },
  "an emit that is refused as too many wait": (count) => {
    const { socket, hold, cost, dropped } = counted(count);
    hold();
    repeat(count, () => socket.emit("waits"));
    const spent = cost(() => socket.emit("one more"));
    expect(dropped).toHaveLength(1);
    return spent;
  },
  "a volatile emit while as many wait": (count) => {
    const { socket, hold, cost } = counted();
    hold();
    repeat(count, () => socket.emit("waits"));
    return cost(() => socket.volatile.emit("one more"));
  },
  "an emit that leaves while as many acknowledgements are due": (count) => {
    const { channel, cost, written } = counted();
    repeat(count, () => promise(channel));
    const spent = cost(() => promise(channel));
    expect(written()).toHaveLength(count + 1);
    return spent;
  },
  "a reply while as many replies and messages wait": (count) => {
    const { socket, link, hold, cost } = counted();
    const replies: Array<() => void> = [];
    socket.on("question", (reply) => replies.push(reply));
    repeat(count + 1, () => link.receive("question", () => {}));
    hold();
    repeat(count, (index) => {
      socket.emit("waits");
      replies[index]?.();
    });
    return cost(() => replies[count]?.());
  },
  "a reply that leaves while as many messages wait": (count) => {
    const { socket, link, pause, cost } = counted();
    let answered = 0;
    let reply = (): void => {};
    socket.on("question", (given) => {
      reply = given;
    });
    link.receive("question", () => {
      answered += 1;
    });
    pause();
    repeat(count, () => socket.emit("waits"));
    const spent = cost(() => reply());
    expect(answered).toBe(1);
    return spent;
  },
  "an acknowledgement that comes in while as many are due": (count) => {
    const { channel, link, cost } = counted();
    repeat(count, () => promise(channel));
    return cost(() => link.written[count / 2]?.onAck?.("answer"));
  },
  "an acknowledgement of the last link that comes in while as many are due": (count) => {
    const { channel, link, relink, cost } = counted();
    repeat(count, () => promise(channel));
    channel.switchTo(relink("id-2"));
    return cost(() => link.written[count / 2]?.onAck?.("answer"));
  },
  "a time-out of a message that waits among as many": (count) => {
    const at = counted();
    at.hold();
    return at.cost(limited(at, count));
  },
  "a time-out of a message that was written among as many": (count) => {
    const at = counted();
    return at.cost(limited(at, count));
  },
  "an event that comes in while as many are held": (count) => {
    const { link, hold, cost } = counted();
    hold();
    repeat(count, () => link.receive("held"));
    return cost(() => link.receive("one more"));
  },
  "a delivery of one of as many that are held": (count) => {
    const { socket, link, hold, release, cost } = counted();
    let heard = 0;
    socket.on("held", () => {
      heard += 1;
      hold();
    });
    hold();
    repeat(count, () => link.receive("held"));
    const spent = cost(release);
    expect(heard).toBe(1);
    return spent;
  },
};

describe("G12 work grows with what is done, and not with what waits", () => {
  test.each(Object.entries(COSTS))("%s", (_, cost) => {
    const few = cost(FEW);
    expect(few).toBeGreaterThan(0);
    expect(cost(MANY)).toBe(few);
  });

  test("all that waits leaves in a number of steps that grows as it does", () => {
    const cost = (count: number): number => {
      const at = counted();
      at.hold();
      repeat(count, () => promise(at.channel));
      const spent = at.cost(at.release);
      expect(at.written()).toHaveLength(count);
      return spent;
    };
    const [few, twice, many] = [cost(100), cost(200), cost(MANY)];
    expect(many - few).toBe(((twice - few) * (MANY - 100)) / 100);
  });
});

test("nothing but a line follows what comes after an item, so that each walk over one is counted", () => {
  const files = readdirSync(join(ROOT, "src/sockets")).filter((file) => file !== "line.ts");
  expect(files.length).toBeGreaterThan(5);
  for (const file of files)
    expect(read(`src/sockets/${file}`), file).not.toMatch(/[.{,] ?(after|before) ?[;),}.=]/);
});

test("a walk over an array, a map, a set or a line is counted", () => {
  const items = Array.from({ length: MANY }, (_, index) => index);
  const set = new Set(items);
  const line = new Line<Message>();
  const stamp = { owner: {}, heard: 0 };
  for (const place of items)
    line.add({
      content: { event: "due", args: [] },
      stamp,
      place,
      isVolatile: false,
      onError: undefined,
      timer: undefined,
      isAnnounced: false,
    });
  const counts = [
    steps(() => items.includes(-1)),
    steps(() => [...items]),
    steps(() => line.removeAll(() => false)),
    steps(() => {
      for (const each of set) if (each < 0) break;
    }),
  ];
  for (const count of counts) expect(count).toBeGreaterThanOrEqual(MANY);
});
