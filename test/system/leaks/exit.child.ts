// Brings a connection to a place, disposes of it, and says so. That is all: the process has to end by itself. With "unref"
// it is not disposed of, and with "alive" the process lives on and says so.
import {
  type ConnectionOptions,
  createConnection,
  memoryStorage,
  type StorageAdapter,
  sessionCookie,
  webStorage,
} from "../../../src/index.js";
import { jwt } from "../../support/tokens.js";

const [url = "", deaf = "", place = "", way = ""] = process.argv.slice(2);
/** Never given back, as the timers of a process that lives for days would be. */
const DAYS = 30 * 24 * 60 * 60_000;
const NOW = Math.floor(Date.now() / 1_000);
const token = jwt({ sub: "alice", iat: NOW, exp: NOW + DAYS / 1_000 });
const hung: StorageAdapter = {
  read: () => new Promise(() => {}),
  write: () => new Promise(() => {}),
  subscribe: () => () => {},
};
const long = {
  readTimeout: DAYS,
  refreshTimeout: DAYS,
  timeout: DAYS,
  stableAfter: DAYS,
  drainTimeout: DAYS,
  ackTimeout: DAYS,
  reconnectionDelay: DAYS,
  reconnectionDelayMax: DAYS,
};

const make = ({ socketOptions, ...options }: Partial<ConnectionOptions> = {}) =>
  createConnection({
    url,
    storage: memoryStorage(token),
    logger: {},
    ...long,
    ...options,
    socketOptions: { ...socketOptions, ...(way === "unref" && { autoUnref: true }) },
  });
const connected = async (options?: Partial<ConnectionOptions>) => {
  const connection = make(options);
  await connection.whenConnected();
  return connection;
};
const nothing = (): void => {};

/** Each leads to a connection that is busy. */
const places: Record<string, () => Promise<ReturnType<typeof make>> | ReturnType<typeof make>> = {
  stopped: () => make({ autoConnect: false }),
  connected: () => connected(),
  "connected over websocket": () => connected({ socketOptions: { transports: ["websocket"] } }),
  "waiting for an answer": async () => {
    const connection = await connected();
    connection.of("/other");
    connection.socket.emitWithAck("never answered").catch(nothing);
    connection.socket.timeout(DAYS).emit("never answered", nothing);
    return connection;
  },
  opening: async () => {
    const connection = make({ url: deaf });
    // The deaf server has the request, and says so through the parent process.
    await new Promise((resolve) => process.stdin.once("data", resolve));
    process.stdin.destroy();
    return connection;
  },
  waiting: async () => {
    const connection = make({ url: "http://127.0.0.1:1" });
    await new Promise<void>((resolve) =>
      connection.subscribe(() => connection.getSnapshot().detail === "waiting" && resolve()),
    );
    return connection;
  },
  "reading a hung storage": () => make({ storage: hung }),
  "writing to a hung storage": () => {
    const connection = make({ storage: hung });
    connection.login(token).catch(nothing);
    connection.logout().catch(nothing);
    return connection;
  },
  "signed out": () => make({ storage: memoryStorage() }),
  "following a webStorage that is not there": () => make({ storage: webStorage("accessToken") }),
  refreshing: async () => {
    const connection = await connected({ refresh: () => new Promise(nothing) });
    connection.refresh().catch(nothing);
    return connection;
  },
  rotating: async () => {
    const connection = await connected();
    connection.socket.emit("echo", "before", nothing);
    await connection.login(jwt({ sub: "alice", jti: 2 }));
    return connection;
  },
  "opening the next link of a rotation": async () => {
    const connection = await connected();
    await connection.login(jwt({ sub: "bob" }));
    return connection;
  },
  "following a localStorage that somebody made": () => {
    localStorage();
    return connected({ storage: webStorage("accessToken") });
  },
  "with a session cookie": async () => {
    localStorage();
    const storage = sessionCookie({ keepAliveUrl: "http://127.0.0.1:1/" });
    const connection = make({ url: "http://127.0.0.1:1", storage, refreshTimeout: undefined });
    await new Promise<void>((resolve) =>
      connection.subscribe(() => connection.getSnapshot().detail === "waiting" && resolve()),
    );
    return connection;
  },
  leaving: async () => {
    const connection = await connected();
    connection.socket.emit("echo", "before", nothing);
    connection.disconnect();
    return connection;
  },
};

/** As Node has it behind a flag, and tests put it there. */
const localStorage = (): void => {
  const held = new Map([["accessToken", token]]);
  const area = {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  };
  Object.defineProperty(globalThis, "localStorage", { value: area });
};

// With autoUnref nothing else keeps the process until it has got there.
const keeper = setInterval(nothing, DAYS / 1_000);
const connection = await places[place]?.();
if (!connection) throw new Error(`there is no place "${place}"`);
clearInterval(keeper);
const { status, detail } = connection.getSnapshot();
if (way === "") connection.dispose();
console.log(`${status}.${detail}`);
if (way === "alive") setTimeout(() => console.log("alive"), 1_000).unref();
