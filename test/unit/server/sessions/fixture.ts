import { createServer } from "node:http";
import express, { type Express } from "express";
import session, {
  type SessionOptions as ExpressSessionOptions,
  MemoryStore,
  type SessionData,
} from "express-session";
import { Server, type ServerOptions, type Socket as ServerSocket } from "socket.io";
import { Manager, type ManagerOptions, type Socket } from "socket.io-client";
import { type SessionHandle, type SessionOptions, shareSession } from "socket-rotor/server";
import { onTestFinished } from "vitest";
import { installedOn } from "../../../../src/server/installed.js";
import type { OpenLinks } from "../../../../src/server/link.js";
import { listen } from "../../../support/listen.js";
import type { Client } from "../../../support/real-server.js";

declare module "express-session" {
  interface SessionData {
    user?: string;
    role?: string;
    count?: number;
    [name: string]: unknown;
  }
}

/** A store in memory that counts, and that can fail or hang. */
export class CountingStore extends MemoryStore {
  declare readonly sessions: Record<string, string>;
  reads = 0;
  touches = 0;
  writes = 0;
  state: "well" | "failing" | "hanging" = "well";
  /** What waits for a store that hung. */
  readonly #waiting: (() => void)[] = [];

  override get(id: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    this.reads += 1;
    this.#when(() => super.get(id, callback), callback);
  }

  override set(id: string, data: SessionData, callback?: (error?: unknown) => void): void {
    this.writes += 1;
    this.#when(() => super.set(id, data, callback), callback);
  }

  override touch(id: string, data: SessionData, callback?: (error?: unknown) => void): void {
    this.touches += 1;
    this.#when(() => super.touch(id, data, () => callback?.()), callback);
  }

  override destroy(id: string, callback?: (error?: unknown) => void): void {
    this.#when(() => super.destroy(id, callback), callback);
  }

  /** Answers late what came while it hung. */
  recover(): void {
    this.state = "well";
    for (const answer of this.#waiting.splice(0)) answer();
  }

  /** Forgets a session without a word, as a store does when it expires, or as another node may do. */
  lose(id: string): void {
    delete this.sessions[id];
  }

  /** What is stored of a session, without being asked for it. */
  stored(id: string): Record<string, unknown> | undefined {
    const text = this.sessions[id];
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** How many sessions there are. */
  get size(): number {
    return Object.keys(this.sessions).length;
  }

  #when(work: () => void, callback: ((error?: unknown) => void) | undefined): void {
    if (this.state === "well") work();
    else if (this.state === "hanging") this.#waiting.push(work);
    else setImmediate(() => callback?.(new Error("The store is down.")));
  }
}

/** A browser, as far as cookies and requests go. */
interface Browser {
  /** The cookie that it sends, if it has one. */
  cookie: string | undefined;
  /** The session id of that cookie. */
  readonly id: string;
  post(path: string): Promise<{ status: number; headers: Headers; body: unknown }>;
  /** A client with one connection and the cookies of this moment. */
  client(options?: Partial<ManagerOptions>): Client;
  /** Joins the namespaces and the control namespace with a new client, and waits for `ready`. */
  connect(options?: Partial<ManagerOptions>, namespaces?: readonly string[]): Promise<Connected>;
}

interface Connected {
  client: Client;
  control: Socket;
  ready: unknown;
  sockets: Socket[];
  /** The first of them. */
  socket: Socket;
}

export interface SessionServer {
  io: Server;
  url: string;
  links: OpenLinks;
  store: CountingStore;
  handle: SessionHandle<SessionData>;
  lines: string[];
  browser(): Browser;
}

export interface Settings {
  server?: Partial<ServerOptions>;
  session?: Partial<ExpressSessionOptions>;
  share?: SessionOptions<SessionData>;
  store?: CountingStore;
  /** Runs before `shareSession`. */
  before?: (io: Server) => void;
  routes?: (app: Express) => void;
  /** Sets Express up. */
  app?: (app: Express) => void;
  /** Stands before the session middleware of HTTP. */
  http?: (middleware: express.RequestHandler) => express.RequestHandler;
}

export const signedIn: SessionOptions<SessionData> = {
  isSignedIn: ({ user }) => user !== undefined,
  identify: ({ user }) => user,
};

/** A real server with Express, sessions and Socket.IO, which ends with the test. */
export async function startSessions(settings: Settings = {}): Promise<SessionServer> {
  const { store = new CountingStore() } = settings;
  const app = express();
  settings.app?.(app);
  const middleware = session({
    secret: "keyboard cat",
    resave: false,
    saveUninitialized: false,
    ...settings.session,
    store,
  });
  app.use(settings.http?.(middleware) ?? middleware);
  settings.routes?.(app);
  addRoutes(app);
  const http = createServer(app);
  const io = new Server(http, { serveClient: false, ...settings.server });
  const lines: string[] = [];
  const add = (line: string): void => {
    lines.push(line);
  };
  settings.before?.(io);
  const handle = shareSession(io, middleware, {
    logger: { debug: add, info: add, warn: add },
    // Out of the way: a test that is about the re-check says how often, and no other is to pass because of it.
    recheckInterval: 3_600_000,
    identityKey: "a key of the tests alone",
    ...signedIn,
    ...settings.share,
  });
  const links = installedOn(io)?.links;
  if (links === undefined) throw new Error("shareSession has left no links");
  const url = await listen(http);
  const managers: Manager[] = [];
  onTestFinished(async () => {
    for (const manager of managers) manager._close();
    store.recover();
    http.closeAllConnections();
    await io.close();
  });
  return { io, url, links, store, handle, lines, browser: () => createBrowser(url, managers) };
}

function addRoutes(app: Express): void {
  // Without regenerating the session, as many applications do.
  app.post("/login", (request, response) => {
    request.session.user = String(request.query["user"]);
    response.json({ id: request.sessionID });
  });
  app.post("/regenerate", (request, response, next) => {
    const { user } = request.query;
    request.session.regenerate((error) => {
      if (error) return next(error);
      if (typeof user === "string") request.session.user = user;
      response.json({ id: request.sessionID });
    });
  });
  app.post("/logout", (request, response, next) => {
    request.session.destroy((error) => (error ? next(error) : response.json({})));
  });
  app.post("/set", (request, response) => {
    Object.assign(request.session, request.query);
    response.json({});
  });
  app.post("/me", (request, response) => {
    response.json({ id: request.sessionID, user: request.session?.user, role: request.session?.role });
  });
  app.use(
    (_error: unknown, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
      response.status(500).json({});
    },
  );
}

function createBrowser(url: string, managers: Manager[]): Browser {
  const browser: Browser = {
    cookie: undefined,
    get id() {
      const value = decodeURIComponent(browser.cookie?.split("=")[1] ?? "");
      return value.slice(2, value.lastIndexOf("."));
    },
    async post(path) {
      const headers = {
        connection: "close",
        ...(browser.cookie !== undefined && { cookie: browser.cookie }),
      };
      const response = await fetch(url + path, { method: "POST", headers });
      const [setCookie] = response.headers.getSetCookie();
      if (setCookie !== undefined) browser.cookie = setCookie.split(";")[0];
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === "" ? undefined : JSON.parse(text),
      };
    },
    client(options) {
      const manager = new Manager(url, {
        reconnection: false,
        autoConnect: false,
        transports: ["websocket"],
        ...(browser.cookie !== undefined && { extraHeaders: { cookie: browser.cookie } }),
        ...options,
      });
      managers.push(manager);
      return { manager, join: (namespace, auth) => manager.socket(namespace, { auth }).connect() };
    },
    async connect(options, namespaces = ["/"]) {
      const client = browser.client(options);
      const sockets = namespaces.map((namespace) => client.join(namespace, {}));
      const control = client.join("/rotor", {});
      const ready = new Promise<unknown>((resolve) => control.once("ready", resolve));
      const connected = [control, ...sockets].map(
        (socket) =>
          new Promise<void>((resolve, reject) => {
            socket.once("connect", () => resolve());
            socket.once("connect_error", reject);
          }),
      );
      await Promise.all(connected);
      const [socket] = sockets;
      if (socket === undefined) throw new Error("No namespace was joined.");
      return { client, control, ready: await ready, sockets, socket };
    },
  };
  return browser;
}

/** The server's end of a client's socket. */
export function serverSide(io: Server, socket: Socket): ServerSocket {
  const found = io.sockets.sockets.get(socket.id ?? "");
  if (found === undefined) throw new Error("There is no such socket.");
  return found;
}

/** The session as a socket of the server sees it. */
export function sessionOf(socket: ServerSocket): { id: string; user?: string; role?: string } {
  return Reflect.get(socket.request, "session");
}
