import { invalidOption } from "../errors.js";
import { describeType, field, isFunction, property } from "../value.js";

/** What the server of an {@link IoHarness} saw, in order. */
export type ContractServerEntry =
  /** A CONNECT packet, refused or not, with the `token` of its `auth`. */
  | { type: "handshake"; namespace: string; token: unknown }
  | { type: "message"; namespace: string; event: string; args: readonly unknown[] }
  /** A socket that was connected is gone. */
  | { type: "disconnected"; namespace: string };

/**
 * A server for the contract of IO adapters. It has the namespaces `/` and `/second`, takes every credential but
 * `{ token: REFUSED_TOKEN }`, which it refuses, and acknowledges each message that asks for it with its arguments.
 */
export interface ContractServer {
  readonly log: readonly ContractServerEntry[];
  /** Sends to every socket of a namespace; a function as the last argument is called with what they acknowledge. */
  send(namespace: string, event: string, ...args: unknown[]): void;
  /** Cuts every connection, as a network does that fails. */
  drop(): void;
}

/** The token that a {@link ContractServer} refuses; it takes every other one. */
export const REFUSED_TOKEN = "a-token-that-is-refused";

/** The namespaces of a {@link ContractServer}. */
const NAMESPACES = ["/", "/second"];

/** What is used of Socket.IO's server, described so that nobody needs its types. */
interface SocketIoServer {
  of(name: string): {
    use(
      middleware: (socket: Pick<ServerSocket, "handshake">, next: (error?: Error) => void) => void,
    ): unknown;
    on(event: "connection", listener: (socket: ServerSocket) => void): unknown;
    readonly sockets: ReadonlyMap<string, ServerSocket>;
  };
}

interface ServerSocket {
  readonly handshake: { readonly auth: object };
  readonly conn: { close(): unknown };
  emit(event: string, ...args: unknown[]): unknown;
  on(event: "disconnect", listener: () => void): unknown;
  onAny(listener: (event: string, ...args: unknown[]) => void): unknown;
}

/**
 * Makes a server of Socket.IO's into one for the contract of IO adapters.
 *
 * @param io - A server without middleware or listeners of its own; close it when you are done.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for what is no server of Socket.IO's.
 */
export function contractServer(io: SocketIoServer): ContractServer {
  if (!isFunction(property(io, "of"))) {
    throw invalidOption(`contractServer(io) takes a Server of Socket.IO's, but got ${describeType(io)}.`);
  }
  const log: ContractServerEntry[] = [];
  for (const namespace of NAMESPACES) {
    io.of(namespace).use(({ handshake }, next) => {
      const token = field(handshake.auth, "token");
      log.push({ type: "handshake", namespace, token });
      const refusal = Object.assign(new Error("refused"), { data: { error: "invalid_token" } });
      next(token === REFUSED_TOKEN ? refusal : undefined);
    });
    io.of(namespace).on("connection", (socket) => {
      socket.on("disconnect", () => log.push({ type: "disconnected", namespace }));
      socket.onAny((event, ...given) => {
        const answer = given.at(-1);
        const args = isFunction(answer) ? given.slice(0, -1) : given;
        log.push({ type: "message", namespace, event, args });
        if (isFunction(answer)) answer(...args);
      });
    });
  }
  return {
    log,
    send(namespace, event, ...args) {
      for (const socket of io.of(namespace).sockets.values()) socket.emit(event, ...args);
    },
    drop() {
      for (const namespace of NAMESPACES) {
        for (const socket of io.of(namespace).sockets.values()) socket.conn.close();
      }
    },
  };
}
