import { createServer } from "node:http";
import { Server } from "socket.io";
import { expect, onTestFinished, test, vi } from "vitest";
import { ConnectionError } from "../../../src/errors.js";
import type { LinkEvent } from "../../../src/links/io-adapter.js";
import { socketIo } from "../../../src/links/socket-io.js";
import { createLog } from "../../../src/logger.js";
import { listen } from "../../support/listen.js";

const MEGABYTE = "lorem ipsum ".repeat(83_334);

/** A real server, and a link to it to which nobody listens yet. */
async function openLink() {
  const http = createServer();
  const io = new Server(http);
  const origin = await listen(http);
  onTestFinished(async () => {
    http.closeAllConnections();
    await io.close();
  });
  const events: LinkEvent[] = [];
  const link = socketIo({
    origin,
    socketOptions: { transports: ["websocket"] },
    classify: undefined,
    make: (code, message, details) => new ConnectionError(code, message, details),
    log: createLog({}),
  }).open({ link: 1, credential: () => ({}), namespaces: ["/"] }, (event) => events.push(event));
  onTestFinished(() => link.close());
  await expect.poll(() => events).toContainEqual({ type: "connected" });
  return { io, link, events };
}

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
