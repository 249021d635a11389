/** A session of WebTransport, as far as Engine.IO looks at one, with its client: HTTP/3 itself is no part of Node. */
export interface WebTransportClient {
  /** What is handed to `engine.onWebTransportSession`. */
  readonly session: object;
  /** Every packet that the server has sent, as text. */
  readonly packets: readonly string[];
  /** Whether the server has closed the session. */
  readonly isClosed: boolean;
  send(packet: string): Promise<void>;
}

const EXTENDED = 126;

/** @param isFramed - Whether each packet has its length before it, as from Engine.IO 6.5.2 on. */
export function createWebTransport(isFramed: boolean): WebTransportClient {
  const [toServer, toClient] = [new TransformStream<Uint8Array>(), new TransformStream<Uint8Array>()];
  const writer = toServer.writable.getWriter();
  const packets: string[] = [];
  let isClosed = false;
  let onClosed: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    onClosed = resolve;
  });
  const stream = { readable: toServer.readable, writable: toClient.writable };
  const incomingBidirectionalStreams = new ReadableStream<typeof stream>({
    start: (controller) => controller.enqueue(stream),
  });
  const close = (): void => {
    isClosed = true;
    onClosed();
  };

  void (async () => {
    let rest = Buffer.alloc(0);
    const reader = toClient.readable.getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      rest = Buffer.concat([rest, chunk.value]);
      for (let end = endOf(rest, isFramed); end !== undefined; end = endOf(rest, isFramed)) {
        packets.push(rest.subarray(...end).toString());
        rest = rest.subarray(end[1]);
      }
    }
  })().catch(() => {});

  return {
    session: { incomingBidirectionalStreams, closed, close },
    packets,
    get isClosed() {
      return isClosed;
    },
    async send(packet) {
      const body = Buffer.from(packet);
      await writer.write(isFramed ? Buffer.concat([headerOf(body.length), body]) : body);
    },
  };
}

function headerOf(length: number): Buffer {
  return length < EXTENDED ? Buffer.of(length) : Buffer.of(EXTENDED, length >> 8, length & 0xff);
}

/** Where the first packet begins and ends, if it is all there. */
function endOf(bytes: Buffer, isFramed: boolean): [begin: number, end: number] | undefined {
  if (bytes.length === 0) return undefined;
  if (!isFramed) return [0, bytes.length];
  const short = bytes.readUInt8(0) & 0x7f;
  if (short === EXTENDED && bytes.length < 3) return undefined;
  const begin = short === EXTENDED ? 3 : 1;
  const end = begin + (short === EXTENDED ? bytes.readUInt16BE(1) : short);
  return bytes.length < end ? undefined : [begin, end];
}
