import { describe, expect, test, vi } from "vitest";
import { manualClock } from "../../support/manual-clock.js";
import { collectUncaught } from "../../support/uncaught.js";
import { waiting } from "./waiting.js";

describe("a time limit", () => {
  test("fails with ERR_ACK_TIMEOUT, and says first that nothing is waited for any more", async () => {
    const clock = manualClock();
    const { message, told } = waiting();
    const forget = vi.fn(() => told.push("forgotten"));
    message.limit(1_000, clock, { forget });
    await clock.advance(999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect([told, forget.mock.calls]).toEqual([["forgotten", "ERR_ACK_TIMEOUT"], [[message]]]);
  });

  test("says operation has timed out, as Socket.IO does", async () => {
    const clock = manualClock();
    const { message } = waiting();
    const fail = vi.spyOn(message, "fail");
    message.limit(10, clock, { forget() {} });
    await clock.advance(10);
    expect(String(fail.mock.lastCall?.[0])).toContain("operation has timed out");
  });

  test.each([
    ["an answer", (message: ReturnType<typeof waiting>["message"]) => message.answer([1])],
    ["a failure", (message: ReturnType<typeof waiting>["message"]) => message.fail(new Error("dropped"))],
  ])("ends with %s, and leaves no timer", (_, settle) => {
    const clock = manualClock();
    const { message } = waiting();
    message.limit(1_000, clock, { forget() {} });
    settle(message);
    expect(clock.pending()).toEqual([]);
  });
});

test("a plain callback gets the values, and is told of no error", () => {
  const { message, told } = waiting(false);
  message.fail(new Error("dropped"));
  message.answer([1, "two"]);
  expect([message.takesErrors, told]).toEqual([false, [[1, "two"]]]);
});

test("a callback that throws is reported as uncaught", async () => {
  const { message } = waiting();
  Object.assign(message.ack ?? {}, {
    onAnswer() {
      throw new Error("in an acknowledgement");
    },
  });
  expect((await collectUncaught(() => message.answer([]))).map(String)).toEqual([
    "Error: in an acknowledgement",
  ]);
});
