import { io, type Socket } from "socket.io-client";
import type { Rotation } from "socket-rotor";
import type { Edition } from "./edition.js";

/** A client of a server, whatever keeps its connection. */
export interface Client {
  connect(): void;
  /** Resolves when it is connected. */
  untilConnected(): Promise<void>;
  emit(event: string, ...args: readonly unknown[]): void;
  ask(event: string, ...args: readonly unknown[]): Promise<unknown>;
  on(event: string, listener: (...args: unknown[]) => void): void;
  /** Brings another token of the same user; resolves when the server has accepted it. */
  rotate(token: string): Promise<void>;
  close(): void;
}

export interface ClientOptions {
  url: string;
  token: string;
  /** @defaultValue a websocket from the start */
  transports?: readonly ("polling" | "websocket")[];
  autoConnect?: boolean;
  rotation?: Rotation;
  /** How long an acknowledgement is waited for, in milliseconds. @defaultValue 30,000 */
  patience?: number;
}

export const WEBSOCKET = ["websocket"] as const;
/** What Socket.IO does when it is told nothing. */
export const DEFAULT_TRANSPORTS = ["polling", "websocket"] as const;

/** Nothing that waits for a connection is refused, as plain Socket.IO does not do so either. */
const BUFFER_LIMIT = 1_000_000;
export const PATIENCE = 30_000;

/** A client by an edition of the library, or by plain socket.io-client. */
export function openClient(edition: Edition | undefined, options: ClientOptions): Client {
  return edition ? withEdition(edition, options) : plain(options);
}

function withEdition(
  { createConnection, memoryStorage }: Edition,
  {
    url,
    token,
    transports = WEBSOCKET,
    autoConnect = true,
    rotation = "auto",
    patience = PATIENCE,
  }: ClientOptions,
): Client {
  const connection = createConnection({
    url,
    storage: memoryStorage(token),
    socketOptions: { transports: [...transports] },
    autoConnect,
    rotation,
    bufferLimit: BUFFER_LIMIT,
    ackTimeout: patience,
    reconnectionDelay: 1,
    reconnectionDelayMax: 20,
    logger: {},
  });
  const { socket } = connection;
  return {
    connect: () => connection.connect(),
    untilConnected: () => connection.whenConnected(),
    emit: (event, ...args) => void socket.emit(event, ...args),
    ask: (event, ...args) => socket.emitWithAck(event, ...args),
    on: (event, listener) => void socket.on(event, listener),
    async rotate(next) {
      await connection.login(next);
      await connection.whenConnected();
    },
    close: () => connection.dispose(),
  };
}

/** As by hand: `auth` is a function, and another token means `disconnect().connect()`. */
function plain({
  url,
  token,
  transports = WEBSOCKET,
  autoConnect = true,
  patience = PATIENCE,
}: ClientOptions): Client {
  let current = token;
  const socket = io(url, {
    forceNew: true,
    transports: [...transports],
    autoConnect,
    auth: (send) => send({ token: current }),
  });
  return {
    connect: () => void socket.connect(),
    untilConnected: () => untilConnected(socket),
    emit: (event, ...args) => void socket.emit(event, ...args),
    ask: (event, ...args) => socket.timeout(patience).emitWithAck(event, ...args),
    on: (event, listener) => void socket.on(event, listener),
    async rotate(next) {
      current = next;
      socket.disconnect().connect();
      await untilConnected(socket);
    },
    close: () => void socket.disconnect(),
  };
}

/** Rejects where the server refuses, or cannot be reached. */
export function untilConnected(socket: Socket): Promise<void> {
  if (socket.connected) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const end = (error?: Error): void => {
      socket.off("connect", onConnect).off("connect_error", end);
      if (error) reject(error);
      else resolve();
    };
    const onConnect = (): void => end();
    socket.on("connect", onConnect).on("connect_error", end);
  });
}
