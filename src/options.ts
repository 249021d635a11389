import type { ManagerOptions } from "socket.io-client";
import type { InspectionEvent, Observer } from "xstate";
import { type Clock, systemClock } from "./clock.js";
import { browserEnvironment, type Environment } from "./environment/environment.js";
import { invalidOption } from "./errors.js";
import type { Classify } from "./io/classify.js";
import type { IoAdapter } from "./io/io-adapter.js";
import { consoleLogger, type Logger } from "./logger.js";
import type { Refresh } from "./storage/refresher.js";
import type { StorageAdapter } from "./storage/storage-adapter.js";
import { describeNumber, describeType, isFunction, property } from "./value.js";

/** What of socket.io-client's own options may be passed on; the rest has its place in {@link ConnectionOptions}. */
export type SocketOptions = Omit<Partial<ManagerOptions>, ForbiddenSocketOption>;

type ForbiddenSocketOption = keyof typeof FORBIDDEN;

/** How to connect. Times are milliseconds. An unknown option is an error. */
export interface ConnectionOptions {
  /**
   * The address of the server, as for `io()`: its path is the primary namespace, so that an HTTP path such as
   * `/api/socket.io` belongs in `socketOptions.path`. A relative address is resolved against the page's.
   */
  url: string | URL;
  /**
   * Where the token lives: `webStorage`, `cookieStorage`, `memoryStorage`, `fromSubscription`, or your own adapter.
   * `sessionCookie` where the credential is a cookie that scripts cannot read; then there is no token, and the options
   * that speak of one are errors.
   */
  storage: StorageAdapter;
  /**
   * Asks for another token: ahead of expiry, when the server refuses one as expired, and for `connection.refresh()`.
   * One tab calls it at a time. Left out, such a refusal ends in `loggedOut.rejected`.
   */
  refresh?: Refresh;
  /**
   * How long before its expiry a token is refreshed; never more than half of its lifetime. The moment is spread over
   * the first half of this time. @defaultValue a tenth of the lifetime, at least 5,000 and at most 60,000
   */
  refreshLeeway?: number;
  /** How long `refresh` may take before it is tried again. @defaultValue 10,000 */
  refreshTimeout?: number;
  /** How long the storage may take to answer before it is asked again. @defaultValue 5,000 */
  readTimeout?: number;
  /**
   * The strongest way in which a newer token of the same user may be put in force: `"auto"`, on the same link where
   * the server half offers that, else by closing and reopening; `"overlap"`, the same, else by a new link beside the
   * old one; `"replace"`, by closing and reopening. @defaultValue `"auto"`
   */
  rotation?: Rotation;
  /** How long the server may take to put a token in force on the same link. @defaultValue 5,000 */
  reauthenticateTimeout?: number;
  /** What is sent as `auth` in each handshake. @defaultValue `(token) => ({ token })` */
  auth?: (token: string) => object;
  /** Headers of the handshake; browsers ignore them on websockets. @defaultValue none */
  extraHeaders?: (token: string) => Record<string, string>;
  /**
   * Who a token stands for; `undefined` where that cannot be told. What one user queued is never sent for another.
   * @defaultValue the claims `iss`, `sub`, `act`, `tid` and `org_id` of a JWT
   */
  identify?: (token: string) => string | undefined;
  /** What a refusal of your server means; `undefined` leaves it to the default. */
  classify?: Classify;
  /** socket.io-client's own options, such as `path`, `transports` or `withCredentials`. */
  socketOptions?: SocketOptions;
  /** Whether to connect right away. @defaultValue true */
  autoConnect?: boolean;
  /** How long the server may take to accept a connection. @defaultValue 20,000 */
  timeout?: number;
  /** The longest first delay after a failure; each delay is a random part of it. @defaultValue 1,000 */
  reconnectionDelay?: number;
  /** The longest delay of all; delays double up to it. @defaultValue 30,000 */
  reconnectionDelayMax?: number;
  /** How many attempts follow a failure before `idle.exhausted`. @defaultValue Infinity */
  reconnectionAttempts?: number;
  /**
   * How long a connection must last before past failures are forgiven; also how long a session is waited for that has
   * changed, or was just signed in to.
   * @defaultValue 5,000
   */
  stableAfter?: number;
  /** How long an old connection may take to finish before a rotation closes it. @defaultValue 5,000 */
  drainTimeout?: number;
  /** How long `emitWithAck` waits; `Infinity` waits for as long as it takes. @defaultValue 30,000 */
  ackTimeout?: number;
  /** How many messages of a namespace may wait for a connection; more are refused. @defaultValue 1,000 */
  bufferLimit?: number;
  /** What opens connections. @defaultValue socket.io-client */
  io?: IoAdapter;
  /** Where signals of network and page come from. @defaultValue the browser's, and none elsewhere */
  environment?: Environment;
  /** Timers and the time. @defaultValue the system's */
  clock?: Clock;
  /** Sees every inspection event of the statechart; they hold no token. */
  inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void);
  /** Where one line a decision goes. @defaultValue the console, without the transitions */
  logger?: Logger;
}

/** How a newer token of the same user is put in force. */
export type Rotation = (typeof ROTATIONS)[number];

const ROTATIONS = ["auto", "overlap", "replace"] as const;

/** Options that were checked, with their defaults. */
export interface ResolvedOptions
  extends Required<Omit<ConnectionOptions, OptionalOption | "url">>,
    Pick<ConnectionOptions, OptionalOption> {
  /** Scheme, host and port. */
  origin: string;
  /** The primary namespace. */
  namespace: string;
}

type OptionalOption =
  | "refresh"
  | "refreshLeeway"
  | "extraHeaders"
  | "identify"
  | "classify"
  | "io"
  | "inspect";

/** Options of socket.io-client's that would work against the statechart, and what to use instead. */
const FORBIDDEN = {
  auth: 'the "auth" option: (token) => object',
  extraHeaders: 'the "extraHeaders" option: (token) => headers',
  query: 'the "auth" option, as an address ends up in logs',
  reconnection: '"reconnectionAttempts: 0"',
  reconnectionAttempts: 'the "reconnectionAttempts" option',
  reconnectionDelay: 'the "reconnectionDelay" option',
  reconnectionDelayMax: 'the "reconnectionDelayMax" option',
  randomizationFactor: "nothing: delays are fully random",
  timeout: 'the "timeout" option',
  forceNew: "nothing: each link has a Manager of its own",
  multiplex: "connection.of(namespace)",
  retries: "emitWithAck, which always settles",
  ackTimeout: 'the "ackTimeout" option',
  autoConnect: 'the "autoConnect" option',
} as const;

type Kind = "function" | "object" | "boolean" | "string";

/** The options that are no number, with what each takes. */
const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["storage", "object"],
  ["refresh", "function"],
  ["auth", "function"],
  ["extraHeaders", "function"],
  ["identify", "function"],
  ["classify", "function"],
  ["socketOptions", "object"],
  ["autoConnect", "boolean"],
  ["rotation", "string"],
  ["io", "object"],
  ["environment", "object"],
  ["clock", "object"],
  ["logger", "object"],
]);

/** The options that are a number: the default, and the smallest value. */
const NUMBERS = {
  refreshTimeout: [10_000, 1],
  reauthenticateTimeout: [5_000, 0],
  readTimeout: [5_000, 1],
  timeout: [20_000, 1],
  reconnectionDelay: [1_000, 0],
  reconnectionDelayMax: [30_000, 0],
  reconnectionAttempts: [Number.POSITIVE_INFINITY, 0],
  stableAfter: [5_000, 0],
  drainTimeout: [5_000, 0],
  ackTimeout: [30_000, 1],
  bufferLimit: [1_000, 0],
} as const;

type NumberOption = keyof typeof NUMBERS;

const KNOWN: readonly string[] = [
  "url",
  "inspect",
  "refreshLeeway",
  ...KINDS.keys(),
  ...Object.keys(NUMBERS),
];

/**
 * Checks options and fills in defaults.
 *
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`, naming the option and what it takes.
 */
export function resolveOptions(options: ConnectionOptions): ResolvedOptions {
  if (typeof options !== "object" || options === null) {
    throw invalidOption(`createConnection takes an object of options, but got ${describeType(options)}.`);
  }
  for (const [name, value] of Object.entries(options)) checkOption(name, value);
  const { url, storage, socketOptions = {}, ...rest } = options;
  checkMethods("storage", storage, ["read", "subscribe"]);
  if (storage.write !== undefined) checkMethods("storage", storage, ["write"]);
  if (rest.io) checkMethods("io", rest.io, ["open"]);
  if (rest.environment) checkMethods("environment", rest.environment, ["subscribe"]);
  if (rest.clock) checkMethods("clock", rest.clock, ["setTimeout", "clearTimeout", "now"]);
  checkSocketOptions(socketOptions);
  const isCookie = storage.credential === "cookie";
  if (isCookie) checkCookieMode(options, socketOptions);
  const numbers = {
    refreshTimeout: numberOption(options, "refreshTimeout"),
    reauthenticateTimeout: numberOption(options, "reauthenticateTimeout"),
    readTimeout: numberOption(options, "readTimeout"),
    timeout: numberOption(options, "timeout"),
    reconnectionDelay: numberOption(options, "reconnectionDelay"),
    reconnectionDelayMax: numberOption(options, "reconnectionDelayMax"),
    reconnectionAttempts: numberOption(options, "reconnectionAttempts"),
    stableAfter: numberOption(options, "stableAfter"),
    drainTimeout: numberOption(options, "drainTimeout"),
    ackTimeout: numberOption(options, "ackTimeout"),
    bufferLimit: numberOption(options, "bufferLimit"),
  };
  return {
    auth: (token) => (isCookie ? {} : { token }),
    autoConnect: true,
    rotation: "auto",
    environment: browserEnvironment(),
    clock: systemClock(),
    logger: consoleLogger,
    ...defined(rest),
    ...numbers,
    ...parseUrl(url),
    storage,
    socketOptions: isCookie ? { withCredentials: true, ...defined(socketOptions) } : socketOptions,
  };
}

/** Options that speak of a token, and have no meaning where there is none. */
const OF_TOKENS = [
  "auth",
  "extraHeaders",
  "identify",
  "refresh",
  "refreshLeeway",
  "refreshTimeout",
  "rotation",
  "reauthenticateTimeout",
] as const;

function checkCookieMode(options: ConnectionOptions, { withCredentials }: SocketOptions): void {
  for (const name of OF_TOKENS) {
    if (options[name] === undefined) continue;
    throw invalidOption(
      `The option "${name}" is about tokens, and with sessionCookie() there is none: the browser sends the cookie, and only the server knows whose it is. Leave it out.`,
    );
  }
  if (withCredentials === undefined || withCredentials === true) return;
  throw invalidOption(
    'With sessionCookie(), "socketOptions.withCredentials" must be true, which is the default: without it the browser sends no cookie to another origin, and the connection would be anonymous. Leave it out.',
  );
}

/** Leaves out what is given as `undefined`, so that it does not hide a default. */
function defined<T extends object>(options: T): T {
  const copy = { ...options };
  for (const key in copy) if (copy[key] === undefined) delete copy[key];
  return copy;
}

function numberOption(options: ConnectionOptions, name: NumberOption): number {
  const [fallback, least] = NUMBERS[name];
  return checkNumber(name, options[name] === undefined ? fallback : options[name], least);
}

function checkNumber(name: string, value: unknown, least: number): number {
  if (typeof value === "number" && value >= least) return value;
  throw invalidOption(
    `The option "${name}" takes a number of at least ${least}, but got ${describeNumber(value)}.`,
  );
}

function checkOption(name: string, value: unknown): void {
  if (!KNOWN.includes(name)) {
    throw invalidOption(`There is no option "${name}". The options are: ${[...KNOWN].sort().join(", ")}.`);
  }
  if (name === "inspect" && value !== undefined && typeof value !== "function") {
    if (typeof value !== "object" || value === null) {
      throw invalidOption(
        `The option "inspect" takes a function or an observer, but got ${describeType(value)}.`,
      );
    }
  }
  if (name === "refreshLeeway" && value !== undefined) checkNumber(name, value, 0);
  const kind = KINDS.get(name);
  if (kind === undefined || value === undefined) return;
  if (kind === "object" ? typeof value !== "object" || value === null : typeof value !== kind) {
    throw invalidOption(
      `The option "${name}" takes ${kind === "object" ? "an" : "a"} ${kind}, but got ${describeType(value)}.`,
    );
  }
  if (name === "rotation" && !ROTATIONS.some((rotation) => rotation === value)) {
    throw invalidOption('The option "rotation" takes "auto", "overlap" or "replace".');
  }
}

function checkMethods(name: string, value: object | undefined, methods: readonly string[]): void {
  if (value === undefined) {
    throw invalidOption(
      `The option "${name}" is missing: where the token lives, such as webStorage("accessToken") or memoryStorage().`,
    );
  }
  for (const method of methods) {
    const found = property(value, method);
    if (isFunction(found)) continue;
    throw invalidOption(
      `The option "${name}" takes an object with the methods ${methods.join(", ")}; "${method}" is ${found === undefined ? "missing" : describeType(found)}.`,
    );
  }
}

function checkSocketOptions(socketOptions: object): void {
  for (const [name, instead] of Object.entries(FORBIDDEN)) {
    if (!(name in socketOptions)) continue;
    throw invalidOption(`"socketOptions.${name}" would work against the statechart. Use ${instead} instead.`);
  }
  checkTransports(Reflect.get(socketOptions, "transports"));
}

const TRANSPORTS: readonly unknown[] = ["polling", "websocket", "webtransport"];

function checkTransports(transports: unknown): void {
  if (transports === undefined) return;
  const takes =
    '"socketOptions.transports" takes an array of "polling", "websocket" and "webtransport", or of transport classes of socket.io-client\'s';
  if (!Array.isArray(transports)) throw invalidOption(`${takes}, but got ${describeType(transports)}.`);
  if (transports.length === 0) throw invalidOption(`${takes}; it has none.`);
  for (const each of transports as readonly unknown[]) {
    if (TRANSPORTS.includes(each) || typeof each === "function") continue;
    throw invalidOption(
      `${takes}; it has ${typeof each === "string" ? JSON.stringify(each) : describeType(each)}.`,
    );
  }
}

function parseUrl(url: unknown): { origin: string; namespace: string } {
  if (url === undefined)
    throw invalidOption(
      'The option "url" is missing: the address of the server, such as "https://api.example.com".',
    );
  if (typeof url !== "string" && !(url instanceof URL)) {
    throw invalidOption(`The option "url" takes a string or a URL, but got ${describeType(url)}.`);
  }
  let parsed: URL;
  try {
    parsed = new URL(url, globalThis.location?.href);
  } catch {
    throw invalidOption('The option "url" takes a whole address, such as "https://api.example.com".');
  }
  if (!["http:", "https:", "ws:", "wss:"].includes(parsed.protocol)) {
    throw invalidOption(
      `The option "url" takes an address that begins with https: or wss: (http: or ws: for local servers), not ${parsed.protocol}`,
    );
  }
  if (parsed.search !== "" || parsed.hash !== "" || parsed.username !== "" || parsed.password !== "") {
    throw invalidOption(
      'The option "url" takes no query, no fragment and no user, as an address ends up in logs. Send such things by the "auth" option.',
    );
  }
  if (parsed.pathname.includes(","))
    throw invalidOption(
      'The option "url" takes no comma in its path, which is the name of a Socket.IO namespace.',
    );
  return { origin: `${parsed.protocol}//${parsed.host}`, namespace: parsed.pathname };
}
