import { isConnectionError } from "socket-rotor";
import { describe, expect, test, vi } from "vitest";
import { limitAck, type PendingAck } from "../../../src/sockets/pending-ack.js";
import { manualClock } from "../../support/manual-clock.js";
import { waiting } from "./waiting.js";

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
