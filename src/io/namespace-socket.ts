import type { Socket } from "socket.io-client";
import type { ConnectionError } from "../errors.js";
import { field } from "../value.js";
import type { LinkSocket, LinkSocketListener } from "./io-adapter.js";

/** A link's socket for one namespace, over a socket of socket.io-client, and how the link tells it things. */
export interface NamespaceSocket extends LinkSocket {
  /** What Socket.IO's connection state recovery would need. */
  readonly session: { pid: string; offset: string | undefined } | undefined;
  /** Joins the namespace, unless it is joined or joining; once the link has begun, if it has not. */
  join(): void;
  /** The link begins: joins the namespace, unless the application has left it meanwhile. */
  begin(): void;
  /** A packet of this namespace came in. */
  onPacket(packet: { type: number; data?: unknown }): void;
  /** The server refused this namespace only. */
  refuse(error: ConnectionError, isFinal: boolean): void;
  /** The server let this namespace go. */
  lose(reason: string): void;
  /** The link is closed. */
  close(): void;
}

/** The number of a CONNECT packet in Socket.IO's protocol. */
const CONNECT = 0;

export function createNamespaceSocket(socket: Socket, offeredPid: string | undefined): NamespaceSocket {
  let listener: LinkSocketListener | undefined;
  let isListening = false;
  let isWanted = true;
  let hasBegun = false;
  let isClosed = false;
  let isRecovered = false;
  let session: { pid: string; offset: string | undefined } | undefined;
  /** What came in before anybody listened. */
  let early: Array<{ event: string; args: unknown[] }> = [];

  socket.on("connect", () => {
    if (isWanted) listener?.onConnect();
    // Left while the server was still deciding about its CONNECT: only now is there something to leave.
    else socket.disconnect();
  });
  socket.onAny((event: string, ...args: unknown[]) => {
    if (isClosed || !isWanted) return;
    const last = args.at(-1);
    // How socket.io-client itself finds the offset that the server adds to each recoverable event.
    if (session && typeof last === "string") session.offset = last;
    if (typeof last === "function") {
      // An acknowledgement that the application keeps must not reach another link.
      args[args.length - 1] = (...values: unknown[]) => {
        if (!isClosed) last(...values);
      };
    }
    if (isListening) listener?.onEvent(event, args);
    else early.push({ event, args });
  });

  return {
    get id() {
      return socket.id;
    },
    get isConnected() {
      return socket.connected;
    },
    get isRecovered() {
      return isRecovered;
    },
    get isWritable() {
      return socket.connected && socket.io.engine?.transport?.writable === true;
    },
    get session() {
      return session;
    },
    listen(next) {
      listener = next;
      isListening = next !== undefined;
      if (socket.connected) listener?.onConnect();
      const due = early;
      early = [];
      for (const { event, args } of due) listener?.onEvent(event, args);
    },
    write({ event, args, onAck, compress = true }) {
      socket.compress(compress).emit(event, ...(onAck ? [...args, onAck] : args));
      if (socket.sendBuffer.length === 0) return true;
      // socket.io-client found the link dead and kept the message for itself; it goes to a link that lives.
      socket.sendBuffer = [];
      return false;
    },
    leave() {
      isWanted = false;
      session = undefined;
      early = [];
      // A DISCONNECT that overtakes the answer to a CONNECT would be ignored by the server.
      const isAsking = socket.active && !socket.connected && socket.io.engine?.readyState === "open";
      if (!isAsking) socket.disconnect();
    },
    join() {
      isWanted = true;
      if (hasBegun && !socket.active) socket.connect();
    },
    begin() {
      hasBegun = true;
      if (isWanted) socket.connect();
    },
    onPacket({ type, data }) {
      if (type !== CONNECT) return;
      const pid = field(data, "pid");
      isRecovered = pid !== undefined && pid === offeredPid;
      session = typeof pid === "string" ? { pid, offset: undefined } : undefined;
    },
    refuse: (error, isFinal) => listener?.onRefused(error, isFinal),
    lose: (reason) => listener?.onDisconnect(reason),
    close() {
      isClosed = true;
      listener = undefined;
      socket.offAny();
      socket.disconnect();
    },
  };
}
