/**
 * The few members of Socket.IO's server that are used here. Described instead of imported, so that a server with
 * typed events fits and no application needs Socket.IO's types to compile ours.
 */
export interface SocketIoServer {
  readonly _nsps: ReadonlyMap<string, SocketIoNamespace>;
  of(name: string): SocketIoNamespace;
}

export interface SocketIoNamespace {
  readonly name: string;
  /** Those that are connected, by id. */
  readonly sockets: ReadonlyMap<string, ServerSocket>;
  use(middleware: Middleware): unknown;
}

export type Middleware = (socket: ServerSocket, next: (error?: Error) => void) => void;

export interface ServerSocket {
  readonly id: string;
  readonly nsp: { readonly name: string };
  readonly client: object;
  readonly conn: EngineConnection;
  readonly connected: boolean;
  readonly recovered: boolean;
  readonly handshake: { readonly auth: object; readonly headers: object };
  readonly request: object;
  data: object;
  use(middleware: (event: unknown[], next: () => void) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  disconnect(close?: boolean): unknown;
}

/** What makes sockets of the CONNECT packets of one connection. */
export interface ServerClient {
  readonly conn: EngineConnection;
}

/** The Engine.IO connection that the sockets of all namespaces share. */
export interface EngineConnection {
  readonly readyState: string;
  /** The handshake; none over WebTransport. */
  readonly request: object | null;
  /** With `discard`, what is still to be sent is given up. */
  close(discard?: boolean): unknown;
}
