import { AssertionError } from "node:assert";
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { Server, type ServerOptions } from "socket.io";
import { Manager, type ManagerOptions, type Socket } from "socket.io-client";
import { authenticateToken, type TokenOptions } from "socket-rotor/server";
import { onTestFinished } from "vitest";
import { installedOn } from "../../src/server/installed.js";
import type { OpenLinks } from "../../src/server/link.js";
import { listen } from "./listen.js";

/** A token of a user: his name, and what nobody could guess. */
export function tokenOf(user: string): string {
  return `${user}.${randomUUID()}`;
}

export interface RealServer {
  io: Server;
  url: string;
  links: OpenLinks;
  /** Every token that `verify` was asked about, in order. */
  verified: string[];
  /** Every line that was logged. */
  lines: string[];
  /** A client with one connection, made for the first namespace that it joins. */
  client(options?: Partial<ManagerOptions>): Client;
}

export interface Client {
  manager: Manager;
  /** Begins to join a namespace. */
  join(namespace: string, auth: Record<string, unknown>): Socket;
}

interface Settings extends Partial<TokenOptions> {
  server?: Partial<ServerOptions>;
  /** Runs before `authenticateToken`. */
  before?: (io: Server) => void;
}

/** A real server that ends with the test. Unless said otherwise, a token is good for the user whom it begins with. */
export async function startServer(settings: Settings = {}): Promise<RealServer> {
  const { server, before, verify = async (token) => ({ subject: userOf(token) }), ...options } = settings;
  const http = createServer();
  const io = new Server(http, { serveClient: false, ...server });
  const verified: string[] = [];
  const lines: string[] = [];
  const add = (line: string): void => {
    lines.push(line);
  };
  before?.(io);
  authenticateToken(io, {
    logger: { debug: add, info: add, warn: add },
    // The tokens here are no JWTs, so that without a key there would be a warning.
    identityKey: "a key of the tests alone",
    ...options,
    verify: (token) => {
      verified.push(token);
      return verify(token);
    },
  });
  const links = installedOn(io)?.links;
  if (links === undefined) throw new Error("authenticateToken has left no links");
  const url = await listen(http);
  const managers: Manager[] = [];
  onTestFinished(async () => {
    for (const manager of managers) manager._close();
    await io.close();
  });
  return {
    io,
    url,
    links,
    verified,
    lines,
    client(options) {
      const manager = new Manager(url, {
        reconnection: false,
        autoConnect: false,
        transports: ["websocket"],
        ...options,
      });
      managers.push(manager);
      return { manager, join: (namespace, auth) => manager.socket(namespace, { auth }).connect() };
    },
  };
}

export function userOf(token: string): string {
  return token.split(".")[0] ?? "";
}

/** The first arguments of the next event of that name. */
export function next(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve) => socket.once(event, resolve));
}

/** Resolves when a socket is connected; rejects when it is refused. */
export function connected(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (socket.connected) resolve(socket);
    socket.once("connect", () => resolve(socket));
    socket.once("connect_error", reject);
  });
}

/** Resolves with the error's `data` when a socket is refused; rejects when it is connected. */
export function refused(socket: Socket): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.once("connect", () => reject(new AssertionError({ message: `${socket.id} was let in` })));
    socket.once("connect_error", (error) => resolve("data" in error ? error.data : error.message));
  });
}

/** Joins the namespaces with one token, the control namespace too, and waits for `ready`. */
export async function signIn(
  { join }: Client,
  token: string,
  namespaces: readonly string[] = ["/"],
): Promise<{ control: Socket; ready: unknown; sockets: Socket[] }> {
  const sockets = namespaces.map((namespace) => join(namespace, { token }));
  const control = join("/rotor", { token });
  const [ready] = await Promise.all([next(control, "ready"), ...sockets.map(connected)]);
  return { control, ready, sockets };
}

/** The server's sockets of all namespaces but the control namespace. */
export function serverSockets(io: Server) {
  return [...io._nsps.values()]
    .filter(({ name }) => name !== "/rotor")
    .flatMap(({ sockets }) => [...sockets.values()]);
}

/** A promise that is settled from outside. */
export function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

/** Resolves when the connection has ended, with every goodbye and disconnection in the order in which they came. */
export async function listenForEnd(client: Client, control: Socket, sockets: Socket[]): Promise<unknown[]> {
  const heard: unknown[] = [];
  control.on("goodbye", (refusal) => heard.push(refusal));
  for (const socket of [control, ...sockets]) socket.on("disconnect", (reason) => heard.push(reason));
  await new Promise<void>((resolve) => client.manager.once("close", () => resolve()));
  return heard;
}

/** How many sockets Socket.IO holds that are not connected yet. */
export function preConnect(io: { _nsps: Map<string, object> }): number {
  return [...io._nsps.values()]
    .map((namespace): Map<string, object> => Reflect.get(namespace, "_preConnectSockets"))
    .reduce((sum, { size }) => sum + size, 0);
}
