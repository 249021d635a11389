import { TokenError } from "socket-rotor/server";
import { expect, test } from "vitest";
import { amount } from "../../../support/amount.js";
import { seeded } from "../../../support/random.js";
import { openRaw } from "../../../support/raw-websocket.js";
import { connected, preConnect, serverSockets, startServer } from "../../../support/real-server.js";
import { collectUncaught } from "../../../support/uncaught.js";
import { malformedFrame } from "./frames.js";

const FRAMES = amount(1_000, 10_000);
const AT_ONCE = 20;

/** Begins a connection, sends one frame before anything else, and resolves when the server has read or ended it. */
async function sendFirst(url: string, frame: string | Buffer): Promise<void> {
  const socket = await openRaw(url);
  socket.send(frame);
  await socket.read();
  socket.destroy();
  await socket.closed;
}

/** The same over polling: the frame is the body of the first POST. */
async function postFirst(url: string, frame: string | Buffer): Promise<void> {
  const path = `${url}/socket.io/?EIO=4&transport=polling`;
  const opened = await (await fetch(path)).text();
  const { sid }: { sid: string } = JSON.parse(opened.slice(1));
  const body = typeof frame === "string" ? frame : new Uint8Array(frame);
  const answer = await fetch(`${path}&sid=${sid}`, { method: "POST", body });
  await answer.arrayBuffer();
  await (await fetch(`${path}&sid=${sid}`, { method: "POST", body: "1" })).arrayBuffer();
}

test.each([
  ["websocket", sendFirst, FRAMES],
  ["polling", postFirst, FRAMES / 10],
] as const)(
  "malformed first frames over %s let nobody in, leave nothing behind, and end nothing",
  { timeout: 300_000 },
  async (_, send, count) => {
    const good = `alice.${crypto.randomUUID()}`;
    const server = await startServer({
      before: (io) => io.of(/^\/room-\d+$/),
      server: { cleanupEmptyChildNamespaces: true, connectionStateRecovery: {} },
      verify: async (token) => {
        if (token !== good) throw new TokenError("invalid_token");
        return { subject: "alice" };
      },
    });
    const random = seeded(20_261_130);
    const admitted: unknown[] = [];
    server.io.on("connection", (socket) => admitted.push(socket.id));
    const namespaces = server.io._nsps.size;
    const uncaught = await collectUncaught(async () => {
      for (let sent = 0; sent < count; sent += AT_ONCE) {
        const frames = Array.from({ length: AT_ONCE }, () => malformedFrame(random));
        await Promise.all(frames.map((frame) => send(server.url, frame)));
      }
    });
    expect(uncaught).toEqual([]);
    expect(admitted).toEqual([]);
    await expect.poll(() => server.io.engine.clientsCount).toBe(0);
    expect([server.links.size, preConnect(server.io), serverSockets(server.io).length]).toEqual([0, 0, 0]);
    expect(server.io._nsps.size).toBe(namespaces);
    // No refusal of ours was a failure of ours: the only warning is of what an application would have to know.
    expect(server.lines.filter((line) => line.includes("temporarily_unavailable"))).toEqual([]);
    await connected(server.client().join("/", { token: good }));
  },
);
