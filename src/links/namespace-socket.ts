import type { Socket } from "socket.io-client";
import type { ConnectionError } from "../errors.js";
import { field, MOST_HELD, sizeOf } from "../value.js";
import type { LinkSocket, LinkSocketListener } from "./io-adapter.js";

/** A link's socket for one namespace, over a socket of socket.io-client, and how the link tells it things. */
export interface NamespaceSocket extends LinkSocket {
  /** What Socket.IO's connection state recovery would need. */
  readonly session: Session | undefined;
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

/** A state that the server may recover, and the last event of it that was delivered. */
interface Session {
  pid: string;
  offset: string | undefined;
}

interface EarlyEvent {
  event: string;
  args: unknown[];
  onDelivered(): void;
}

/** The numbers of packets in Socket.IO's protocol. */
const CONNECT = 0;
const EVENT = 2;
const BINARY_EVENT = 5;

/** What a server gives for an id, of a session or of a packet: it is sent back, so that it has to be short. */
const ID = /^[!-~]{1,128}$/;
const isId = (value: unknown): value is string => typeof value === "string" && ID.test(value);

interface Parts {
  socket: Socket;
  /** What is offered to the server for recovery. */
  offered: Session | undefined;
  /** Resolves when the server has read everything that was written on this link. */
  settled(): Promise<void>;
  /** More has come in than may wait: the link has to be closed. */
  onOverflow(): void;
}

export function createNamespaceSocket({ socket, offered, settled, onOverflow }: Parts): NamespaceSocket {
  let listener: LinkSocketListener | undefined;
  let isWanted = true;
  let hasBegun = false;
  let isClosed = false;
  let isRecovered = false;
  /** The server may not have read yet that the namespace was left: a CONNECT that comes along with it ends the link. */
  let hasLeft = false;
  let isSettling = false;
  let session: Session | undefined;
  /** What came in before anybody listened. */
  let early: EarlyEvent[] = [];
  /** What that takes, with what socket.io-client keeps until the namespace is connected. */
  let held = 0;
  let hasListened = false;

  const hold = (values: unknown): void => {
    held += sizeOf(values);
    if (held <= MOST_HELD) return;
    early = [];
    socket.receiveBuffer = [];
    onOverflow();
  };

  const disconnect = (): void => {
    hasLeft ||= socket.connected;
    socket.disconnect();
  };

  socket.on("connect", () => {
    if (isWanted) listener?.onConnect();
    // Left while the server was still deciding about its CONNECT: only now is there something to leave.
    else disconnect();
  });
  socket.onAny((event: string, ...args: unknown[]) => {
    if (isClosed || !isWanted) return;
    const last = args.at(-1);
    const its = session;
    const onDelivered = (): void => {
      // The server adds one to each recoverable event. Any other that ends in a text is not told from these, but by it.
      if (its && isId(last)) its.offset = last;
    };
    if (typeof last === "function") {
      // An acknowledgement that the application keeps must not reach another link.
      args[args.length - 1] = (...values: unknown[]) => {
        if (!isClosed) last(...values);
      };
    }
    if (listener) listener.onEvent(event, args, onDelivered);
    // A listener that has left hears the same from another link.
    else if (!hasListened) {
      early.push({ event, args, onDelivered });
      hold(args);
    }
  });

  const connect = (): void => {
    if (!isWanted || isClosed || socket.active) return;
    // A namespace that was left, or let go, has nothing to recover, but socket.io-client would offer it.
    Reflect.set(socket, "_pid", undefined);
    socket.connect();
  };

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
      hasListened = true;
      if (socket.connected) listener?.onConnect();
      const pending = early;
      early = [];
      held = 0;
      for (const { event, args, onDelivered } of pending) listener?.onEvent(event, args, onDelivered);
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
      if (!isAsking) disconnect();
    },
    join() {
      isWanted = true;
      if (!hasBegun || isSettling) return;
      if (!hasLeft) {
        connect();
        return;
      }
      isSettling = true;
      void settled().then(() => {
        isSettling = false;
        hasLeft = false;
        connect();
      });
    },
    begin() {
      hasBegun = true;
      if (isWanted) socket.connect();
    },
    onPacket({ type, data }) {
      if (!socket.connected && (type === EVENT || type === BINARY_EVENT)) hold(data);
      if (type !== CONNECT) return;
      // What waited for this is delivered now.
      held = 0;
      const pid = field(data, "pid");
      isRecovered = pid !== undefined && pid === offered?.pid;
      // A state that was recovered goes on where it was.
      const offset = isRecovered ? offered?.offset : undefined;
      session = isId(pid) ? { pid, offset } : undefined;
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
