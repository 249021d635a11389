import { describe, expect, test, vi } from "vitest";
import { MOST_HELD, sizeOf } from "../../../src/value.js";
import { socketsHarness } from "./harness.js";

const MEGABYTE = "x".repeat(2 ** 20);

describe("F63 what came in and waits is limited:", () => {
  /** A connected channel that may not deliver. */
  function held() {
    const at = socketsHarness();
    at.channel.attach(at.link);
    at.link.connect();
    const heard = vi.fn();
    at.socket.onAny(heard);
    at.hold();
    return { ...at, heard };
  }

  test("events, past sixteen megabytes", () => {
    const { link, heard, onOverflow, release } = held();
    for (let number = 0; number < 15; number += 1) link.receive("news", number, MEGABYTE);
    expect(onOverflow).not.toHaveBeenCalled();
    link.receive("news", 15, MEGABYTE);
    expect(onOverflow).toHaveBeenCalledTimes(1);
    release();
    expect(heard).not.toHaveBeenCalled();
  });

  test("many small events", () => {
    const { link, onOverflow } = held();
    for (let number = 0; number < 200_000; number += 1) link.receive("news", number);
    expect(onOverflow).toHaveBeenCalled();
  });

  test("acknowledgements", () => {
    const { link, socket, onOverflow, hold, release } = held();
    release();
    for (let number = 0; number < 20; number += 1) socket.emitWithAck("ask").catch(() => {});
    hold();
    for (const { onAck } of link.written) onAck?.(MEGABYTE);
    expect(onOverflow).toHaveBeenCalled();
  });

  test("what was delivered, or dropped, does not count any more", () => {
    const { link, channel, heard, onOverflow, relink, hold, release } = held();
    for (let round = 0; round < 3; round += 1) {
      hold();
      for (let number = 0; number < 10; number += 1) link.receive("news", MEGABYTE);
      release();
    }
    expect(heard).toHaveBeenCalledTimes(30);
    hold();
    for (let number = 0; number < 10; number += 1) link.receive("news", MEGABYTE);
    channel.detach("transport close");
    const next = relink("id-2");
    hold();
    for (let number = 0; number < 10; number += 1) next.receive("news", MEGABYTE);
    expect(onOverflow).not.toHaveBeenCalled();
  });
});

test("F63 a reply that waits goes with the link that asked", () => {
  const { channel, socket, link, hold, release } = socketsHarness();
  channel.attach(link);
  link.connect();
  const replies: (() => void)[] = [];
  const written = vi.fn();
  socket.on("question", (reply) => replies.push(reply));
  link.receive("question", written);
  hold();
  for (const reply of replies) reply();
  channel.outbox.discardReplies();
  release();
  expect([replies.length, written.mock.calls]).toEqual([1, []]);
});

describe("F63 a size", () => {
  test("is that of the text, and of binary data", () => {
    for (const value of [
      MEGABYTE,
      new Uint8Array(2 ** 20),
      new ArrayBuffer(2 ** 20),
      [MEGABYTE],
      { a: { [MEGABYTE]: 1 } },
    ])
      expect(sizeOf(value)).toBeGreaterThanOrEqual(2 ** 20);
    expect(sizeOf([1, null, undefined, true, () => {}])).toBeLessThan(1_000);
  });

  test("is found for what is nested deeper than the stack, and ends at the limit", () => {
    let nested: unknown = [];
    for (let depth = 0; depth < 1_000_000; depth += 1) nested = [nested];
    expect(sizeOf(nested)).toBeGreaterThan(1_000_000);
    const size = sizeOf(Array.from({ length: 100 }, () => MEGABYTE));
    expect(size).toBeGreaterThan(MOST_HELD);
    expect(size).toBeLessThan(2 * MOST_HELD);
  });
});
