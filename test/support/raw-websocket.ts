import { request } from "node:http";
import type { Socket } from "node:net";

/** A websocket without a client library, to send what none would send. */
export interface RawWebSocket {
  /** Sends a text, or bytes, as one frame. */
  send(content: string | Buffer): void;
  /** Resolves when the server has read what was sent before, or the connection has ended. */
  read(): Promise<void>;
  /** Resolves with the next text that begins so, or with nothing where the connection ends before. */
  next(start: string): Promise<string | undefined>;
  destroy(): void;
  readonly closed: Promise<void>;
}

const [TEXT, BYTES, CLOSE, PING, PONG] = [0x81, 0x82, 0x88, 0x89, 0x8a];

/** Begins an Engine.IO connection over a websocket. */
export function openRaw(url: string, headers: Record<string, string> = {}): Promise<RawWebSocket> {
  return new Promise((resolve, reject) => {
    const upgrade = request(`${url}/socket.io/?EIO=4&transport=websocket`, {
      headers: {
        ...headers,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      },
    });
    upgrade.on("error", reject);
    upgrade.on("response", ({ statusCode }) =>
      reject(new Error(`The upgrade was answered with ${statusCode}.`)),
    );
    upgrade.on("upgrade", (_, socket, head) => resolve(converse(socket, head)));
    upgrade.end();
  });
}

function converse(socket: Socket, head: Buffer): RawWebSocket {
  const texts: string[] = [];
  let pongs = 0;
  let isClosed = false;
  let waiting: (() => void)[] = [];
  const look = (): void => {
    const all = waiting;
    waiting = [];
    for (const each of all) each();
  };
  let rest: Buffer = Buffer.alloc(0);
  const hear = (bytes: Buffer): void => {
    rest = Buffer.concat([rest, bytes]);
    for (let frame = frameIn(rest); frame !== undefined; frame = frameIn(rest)) {
      rest = rest.subarray(frame.end);
      if (frame.kind === TEXT) texts.push(frame.content.toString());
      if (frame.kind === PONG) pongs += 1;
      if (frame.kind === CLOSE) socket.destroy();
    }
    look();
  };
  socket.on("data", hear);
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => {
      isClosed = true;
      resolve();
      look();
    });
  });
  hear(head);
  const until = <T>(find: () => T | undefined): Promise<T | undefined> =>
    new Promise((resolve) => {
      const check = (): void => {
        const found = find();
        if (found !== undefined || isClosed) resolve(found);
        else waiting.push(check);
      };
      check();
    });
  return {
    closed,
    send: (content) => void socket.write(frameOf(content)),
    destroy: () => void socket.destroy(),
    next: (start) => until(() => texts.find((text) => text.startsWith(start))),
    async read() {
      const before = pongs;
      socket.write(Buffer.from([PING, 0x80, 0, 0, 0, 0]));
      await until(() => (pongs > before ? true : undefined));
    },
  };
}

/** A frame of a client, which RFC 6455 wants masked; the mask is zero here. */
function frameOf(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const kind = typeof content === "string" ? TEXT : BYTES;
  let head = Buffer.from([kind, 0x80 | bytes.length]);
  if (bytes.length >= 65_536) {
    head = Buffer.from([kind, 0x80 | 127, ...Array<number>(8).fill(0)]);
    head.writeBigUInt64BE(BigInt(bytes.length), 2);
  } else if (bytes.length >= 126) {
    head = Buffer.from([kind, 0x80 | 126, 0, 0]);
    head.writeUInt16BE(bytes.length, 2);
  }
  return Buffer.concat([head, Buffer.alloc(4), bytes]);
}

/** The first whole frame of a server, which masks nothing and sends nothing of more than 65,535 bytes here. */
function frameIn(bytes: Buffer): { kind: number; content: Buffer; end: number } | undefined {
  const [kind, short] = bytes;
  if (kind === undefined || short === undefined || (short === 126 && bytes.length < 4)) return undefined;
  const start = short === 126 ? 4 : 2;
  const end = start + (short === 126 ? bytes.readUInt16BE(2) : short);
  return bytes.length < end ? undefined : { kind, content: bytes.subarray(start, end), end };
}
