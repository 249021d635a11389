import { createServer } from "node:http";
import { type Socket as Peer, Server, type ServerOptions } from "socket.io";
import { io as connectRaw, type Socket } from "socket.io-client";
import { type ConnectionOptions, createConnection, memoryStorage } from "socket-rotor";
import { describeValue } from "./describe-value";

export type Transport = "polling" | "websocket";
export type Subject = "socket.io-client" | "socket-rotor";

/** What a script asks for beyond a plain server and a plain client. */
export interface Settings {
  server?: Partial<ServerOptions>;
  /** For socket-rotor only: what has no counterpart in socket.io-client. */
  connection?: Partial<ConnectionOptions>;
}

/** A server, a client that is not connected yet, and what they have noted. */
export interface Bench {
  /** The socket under test, a raw one or the facade. */
  readonly socket: Socket;
  readonly io: Server;
  readonly transport: Transport;
  /** The same client's socket of another namespace. */
  of(namespace: string): Socket;
  /** Notes what a client would see. */
  note(...values: unknown[]): void;
  /** Notes what the server saw; apart, as the order between the two is nobody's promise. */
  noteServer(...values: unknown[]): void;
  /** Connects; answers with the server's side of it. */
  connect(): Promise<Peer>;
  /** The server's side of the next connection. */
  nextPeer(): Promise<Peer>;
  /** Resolves with the arguments of the next such event. */
  next(event: string): Promise<unknown[]>;
  /** A round trip: what was sent before, either way, has arrived. */
  flush(): Promise<void>;
  /** What becomes of a promise within the time. */
  outcome(promise: Promise<unknown>, within?: number): Promise<unknown>;
  /** Lets the connection drop, as a network does. */
  drop(peer: Peer): void;
}

export interface Notes {
  client: unknown[];
  server: unknown[];
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits for what one of the two does and the other does not, a second at most. */
export async function eventually(condition: () => boolean): Promise<void> {
  for (let waited = 0; waited < 1_000 && !condition(); waited += 10) await pause(10);
}

/** Quick and even, so that both come back at the same pace. */
const PACE = { reconnectionDelay: 10, reconnectionDelayMax: 10 };

/** Makes the client under test; the facade is put in the place of a `Socket`, which is the claim to be proved. */
function createClient(
  subject: Subject,
  url: string,
  transport: Transport,
  given: Partial<ConnectionOptions>,
): Pick<Bench, "socket" | "of"> & { end(): void } {
  if (subject === "socket.io-client") {
    const socket = connectRaw(url, {
      ...PACE,
      auth: { token: "a token" },
      autoConnect: false,
      forceNew: true,
      randomizationFactor: 0,
      transports: [transport],
    });
    return { socket, of: (namespace) => socket.io.socket(namespace), end: () => socket.io._close() };
  }
  const connection = createConnection({
    ...PACE,
    url,
    storage: memoryStorage("a token"),
    autoConnect: false,
    logger: {},
    socketOptions: { transports: [transport] },
    ...given,
  });
  const as = (socket: unknown): Socket => socket as Socket;
  return {
    socket: as(connection.socket),
    of: (namespace) => as(connection.of(namespace)),
    end: () => connection.dispose(),
  };
}

/** Runs a script against one of the two on a server of its own; answers with what was noted. */
export async function play(
  subject: Subject,
  transport: Transport,
  script: (at: Bench) => void | Promise<void>,
  settings: Settings = {},
): Promise<Notes> {
  const http = createServer();
  const io = new Server(http, { serveClient: false, ...settings.server });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const client = createClient(subject, `http://127.0.0.1:${port}`, transport, settings.connection ?? {});
  const { socket } = client;
  let isOver = false;
  const notes: Notes = { client: [], server: [] };
  const noteServer = (...values: unknown[]): void => {
    if (!isOver) notes.server.push(values.map(describeValue));
  };
  io.on("connection", (peer) => follow(peer, noteServer));
  const nextPeer = (): Promise<Peer> => new Promise((resolve) => io.once("connection", resolve));
  const next = (event: string): Promise<unknown[]> =>
    new Promise((resolve) => socket.once(event, (...args: unknown[]) => resolve(args)));
  try {
    await script({
      socket,
      of: client.of,
      io,
      transport,
      note: (...values) => {
        if (!isOver) notes.client.push(values.map(describeValue));
      },
      noteServer,
      nextPeer,
      next,
      async connect() {
        const connected = next("connect");
        const peer = nextPeer();
        socket.connect();
        await connected;
        return peer;
      },
      flush: () => socket.emitWithAck("flush"),
      outcome: (promise, within = 60) =>
        Promise.race([
          promise.then(
            (value) => ["resolved", value],
            (error: unknown) => ["rejected", error],
          ),
          pause(within).then(() => "pending"),
        ]),
      drop: (peer) => peer.conn.close(),
    });
  } finally {
    isOver = true;
    client.end();
    http.closeAllConnections();
    await io.close();
  }
  return notes;
}

/** The server notes each event, and acknowledges with its arguments, unless it is to keep silent. */
function follow(peer: Peer, note: (...values: unknown[]) => void): void {
  peer.onAny((event: string, ...args: unknown[]) => {
    if (event === "flush") {
      (args.at(-1) as () => void)();
      return;
    }
    note(event, ...args);
    const reply = args.at(-1);
    if (typeof reply === "function" && event !== "silent") reply(...args.slice(0, -1));
  });
}
