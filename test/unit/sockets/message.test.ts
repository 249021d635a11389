import { describe, expect, test, vi } from "vitest";
import { connectedHarness } from "./harness.js";

describe("a time limit", () => {
  test("fails with ERR_ACK_TIMEOUT in Socket.IO's words, once nothing is waited for any more", async () => {
    const { socket, channel, clock } = connectedHarness();
    const told = vi.fn((error: unknown) => String(error) + channel.outbox.stay.size);
    socket.timeout(1_000).emit("save", told);
    await clock.advance(999);
    expect([told.mock.calls, channel.outbox.stay.size]).toEqual([[], 1]);
    await clock.advance(1);
    expect(told.mock.results.map(({ value }) => value)).toEqual([
      "ConnectionError: operation has timed out0",
    ]);
    expect(told.mock.lastCall).toEqual([expect.objectContaining({ code: "ERR_ACK_TIMEOUT" })]);
  });

  test.each([
    ["an answer", ({ link }: ReturnType<typeof connectedHarness>) => link.written[0]?.onAck?.(1)],
    ["the end of the link", ({ channel }) => channel.detach("transport close")],
  ])("ends with %s, and leaves no timer", (_, settle) => {
    const at = connectedHarness();
    const told = vi.fn();
    at.socket.timeout(1_000).emit("save", told);
    expect(at.clock.pending()).toEqual([1_000]);
    settle(at);
    expect([at.clock.pending(), told.mock.calls.length]).toEqual([[], 1]);
  });
});
