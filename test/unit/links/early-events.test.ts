import { expect, test, vi } from "vitest";
import { openLink } from "./real-link.js";

const MEGABYTE = "lorem ipsum ".repeat(83_334);

test("F63 events that come in before anybody listens are limited, and their end is told", async () => {
  const { io, link, events } = await openLink();
  for (let number = 0; number < 30; number += 1) io.emit("news", MEGABYTE);
  await expect.poll(() => events.map(({ type }) => type)).toContain("disconnected");
  const onEvent = vi.fn();
  link.socket("/").listen({ onConnect() {}, onDisconnect() {}, onRefused() {}, onEvent });
  expect(onEvent.mock.calls.length).toBeLessThan(17);
});

test("F63 who has listened, and does so no more, is kept nothing for", async () => {
  const { io, link, events } = await openLink();
  const socket = link.socket("/");
  const heard = vi.fn();
  const listener = { onConnect() {}, onDisconnect() {}, onRefused() {}, onEvent: heard };
  socket.listen(listener);
  io.emit("first");
  await expect.poll(() => heard).toHaveBeenCalledTimes(1);
  socket.listen(undefined);
  for (let number = 0; number < 30; number += 1) io.emit("news", MEGABYTE);
  // Packets come in order.
  await link.settle(new AbortController().signal);
  expect(events.map(({ type }) => type)).not.toContain("disconnected");
  socket.listen(listener);
  expect(heard).toHaveBeenCalledTimes(1);
});
