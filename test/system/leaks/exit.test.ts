import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startChild } from "./child.js";
import { startServer } from "./server.js";

/** Accepts, and never says a word. */
const deaf = createServer((socket) => {
  sockets.add(socket.on("error", () => {}));
  socket.once("data", () => onHeard());
});
const sockets = new Set<Socket>();
let onHeard = (): void => {};
let server: Awaited<ReturnType<typeof startServer>>;
let deafUrl = "";

beforeAll(async () => {
  server = await startServer();
  await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
  const address = deaf.address();
  if (typeof address === "object" && address !== null) deafUrl = `http://127.0.0.1:${address.port}`;
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  deaf.close();
  await server.close();
});

describe("F44 with autoUnref the process ends by itself, without dispose(), with timers of 30 days everywhere, from", () => {
  test.each([
    ["stopped", "idle.stopped"],
    ["connected", "connected.steady"],
    ["connected over websocket", "connected.steady"],
    ["waiting for an answer", "connected.steady"],
    ["waiting", "connecting.waiting"],
    ["reading a hung storage", "connecting.reading"],
    ["writing to a hung storage", "loggedOut.signedOut"],
    ["signed out", "loggedOut.signedOut"],
    ["refreshing", "connected.refreshing"],
    ["rotating", "rotating.replacing"],
    ["opening the next link of a rotation", "rotating.replacing"],
    ["leaving", "idle.stopped"],
    ["following a localStorage that somebody made", "connected.steady"],
    ["with a session cookie", "connecting.waiting"],
  ])("the state %s", { concurrent: false }, async (place, words) => {
    const child = startChild("exit.child.ts", [server.url, deafUrl, place, "unref"]);
    expect(await child.line()).toBe(words);
    expect(await child.ended).toEqual({ code: 0, signal: null, complaints: "" });
  });

  test.each([
    ["connected", "connected.steady"],
    ["waiting", "connecting.waiting"],
  ])("and without autoUnref it lives on: %s", { concurrent: false }, async (place, words) => {
    const child = startChild("exit.child.ts", [server.url, deafUrl, place, "alive"]);
    expect(await child.line()).toBe(words);
    // Every handle that was let go would have ended it by then: it says so after a while, by a timer that keeps nothing.
    expect(await child.line()).toBe("alive");
  });
});

describe("G9: after dispose() the process ends by itself, with timers of 30 days everywhere, from", () => {
  test.each([
    ["stopped", "idle.stopped"],
    ["connected", "connected.steady"],
    ["connected over websocket", "connected.steady"],
    ["waiting for an answer", "connected.steady"],
    ["opening", "connecting.opening"],
    ["waiting", "connecting.waiting"],
    ["reading a hung storage", "connecting.reading"],
    ["writing to a hung storage", "loggedOut.signedOut"],
    ["signed out", "loggedOut.signedOut"],
    ["following a webStorage that is not there", "connecting.waiting"],
    ["refreshing", "connected.refreshing"],
    ["rotating", "rotating.replacing"],
    ["opening the next link of a rotation", "rotating.replacing"],
    ["leaving", "idle.stopped"],
  ])("%s", { concurrent: false }, async (place, words) => {
    const child = startChild("exit.child.ts", [server.url, deafUrl, place]);
    onHeard = () => child.process.stdin?.write("heard\n");
    expect(await child.line()).toBe(words);
    expect(await child.ended).toEqual({ code: 0, signal: null, complaints: "" });
  });
});
