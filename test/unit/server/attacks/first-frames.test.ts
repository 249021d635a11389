import { request } from "node:http";
import { TokenError } from "socket-rotor/server";
import { expect, test } from "vitest";
import { amount } from "../../../support/amount.js";
import { seeded } from "../../../support/random.js";
import { connected, preConnect, serverSockets, startServer } from "../../../support/real-server.js";
import { collectUncaught } from "../../../support/uncaught.js";
import { malformedFrame } from "./frames.js";

const FRAMES = amount(1_000, 10_000);
const AT_ONCE = 20;

/** A text or bytes as one websocket frame of a client, which RFC 6455 wants masked; the mask is zero here. */
function websocketFrame(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const head = Buffer.alloc(bytes.length < 126 ? 2 : bytes.length < 65_536 ? 4 : 10);
  head[0] = typeof content === "string" ? 0x81 : 0x82;
  if (head.length === 2) head[1] = 0x80 | bytes.length;
  else if (head.length === 4) {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(bytes.length, 2);
  } else {
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(bytes.length), 2);
  }
  return Buffer.concat([head, Buffer.alloc(4), bytes]);
}

/** A websocket's ping, which is answered after all that came before was read. */
const PING = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);
const CLOSE_OR_PONG = [0x88, 0x8a];

function lengthAt(frames: Buffer, at: number): number {
  const length = frames[at + 1] ?? 0;
  return length === 126 && at + 4 <= frames.length ? 2 + frames.readUInt16BE(at + 2) : length;
}

/** Begins a connection, sends one frame before anything else, and resolves when the server has read or ended it. */
function sendFirst(url: string, frame: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const upgrade = request(`${url}/socket.io/?EIO=4&transport=websocket`, {
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      },
    });
    upgrade.on("error", reject);
    upgrade.on("upgrade", (_, socket) => {
      // What a server says is not masked; all of it is short here, and comes as it was written.
      let read = Buffer.alloc(0);
      socket.on("data", (bytes: Buffer) => {
        read = Buffer.concat([read, bytes]);
        for (let at = 0; at + 1 < read.length; at += 2 + lengthAt(read, at)) {
          if (CLOSE_OR_PONG.includes(read[at] ?? 0)) socket.destroy();
        }
      });
      socket.on("error", () => {}).on("close", () => resolve());
      socket.write(Buffer.concat([websocketFrame(frame), PING]));
    });
    upgrade.end();
  });
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
  { timeout: 120_000 },
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
