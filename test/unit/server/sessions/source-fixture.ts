import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { Server, type ServerOptions } from "socket.io";
import { Manager, type ManagerOptions, type Socket } from "socket.io-client";
import {
  type FoundSession,
  type SessionEnds,
  type SessionSource,
  type SourceOptions,
  shareSession,
} from "socket-rotor/server";
import { onTestFinished } from "vitest";
import { installedOn } from "../../../../src/server/installed.js";
import type { OpenLinks } from "../../../../src/server/link.js";
import { listen } from "../../../support/listen.js";
import { type Client, connected, listenForEnd, next } from "../../../support/real-server.js";

export interface SourceServer {
  readonly io: Server;
  readonly url: string;
  readonly links: OpenLinks;
  readonly ends: SessionEnds;
  readonly lines: string[];
  /** A client with one connection that sends a cookie. */
  client(cookie: string, options?: Partial<ManagerOptions>): Client;
  /** Connects it in these namespaces and the control namespace, and listens for the end. */
  connect(
    cookie: string,
    options?: Partial<ManagerOptions>,
    namespaces?: readonly string[],
  ): Promise<Visitor>;
}

interface Visitor {
  readonly client: Client;
  readonly control: Socket;
  readonly sockets: Socket[];
  readonly end: Promise<unknown[]>;
}

export interface Settings extends SourceOptions {
  server?: Partial<ServerOptions>;
  /** Runs before `shareSession`. */
  before?: (io: Server) => void;
}

/** Sessions by the value of the cookie `sid`. */
export function createSessions() {
  const sessions = new Map<string, FoundSession>();
  return {
    sessions,
    /** Signs a user in, and answers with the cookie. */
    signIn(user: string, rest: Partial<FoundSession> = {}): string {
      const value = randomUUID();
      sessions.set(value, { id: `id of ${value}`, user, ...rest });
      return `sid=${value}`;
    },
    find: async ({ headers }: { headers: { cookie?: string | undefined } }): Promise<FoundSession | null> =>
      sessions.get(/sid=([\w-]+)/.exec(headers.cookie ?? "")?.[1] ?? "") ?? null,
  };
}

/** A real server whose sessions a source finds, which ends with the test. */
export async function startSource(source: SessionSource, settings: Settings = {}): Promise<SourceServer> {
  const { server, before, ...options } = settings;
  const http = createServer();
  const io = new Server(http, { serveClient: false, ...server });
  const lines: string[] = [];
  const add = (line: string): void => void lines.push(line);
  before?.(io);
  const ends = shareSession(io, source, {
    logger: { debug: add, info: add, warn: add },
    identityKey: "a key of the tests alone",
    // Out of the way: a test that is about the re-check says how often.
    recheckInterval: 3_600_000,
    ...options,
  });
  const links = installedOn(io)?.links;
  if (links === undefined) throw new Error("shareSession has left no links");
  const url = await listen(http);
  const managers: Manager[] = [];
  onTestFinished(async () => {
    for (const manager of managers) manager._close();
    http.closeAllConnections();
    await io.close();
  });
  const client: SourceServer["client"] = (cookie, given) => {
    const manager = new Manager(url, {
      reconnection: false,
      autoConnect: false,
      transports: ["websocket"],
      extraHeaders: { cookie },
      ...given,
    });
    managers.push(manager);
    return { manager, join: (namespace, auth) => manager.socket(namespace, { auth }).connect() };
  };
  return {
    io,
    url,
    links,
    ends,
    lines,
    client,
    async connect(cookie, given, namespaces = ["/"]) {
      const made = client(cookie, given);
      const sockets = namespaces.map((namespace) => made.join(namespace, {}));
      const control = made.join("/rotor", {});
      await Promise.all([next(control, "ready"), ...sockets.map(connected)]);
      return { client: made, control, sockets, end: listenForEnd(made, control, sockets) };
    },
  };
}
