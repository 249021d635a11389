import type { ManagerOptions } from "socket.io-client";
import type { InspectionEvent, Observer } from "xstate";
import { type Clock, systemClock } from "./clock.js";
import type { Refresh } from "./credential/refresher.js";
import type { StorageAdapter } from "./credential/storage-adapter.js";
import { browserEnvironment, type Environment } from "./environment/environment.js";
import { invalidOption } from "./errors.js";
import type { IoAdapter } from "./links/io-adapter.js";
import type { Classify } from "./links/refusals.js";
import { consoleLogger, type Logger } from "./logger.js";
import { isNamespace, isOwnNamespace } from "./protocol.js";
import { describeNumber, parseUrl } from "./value.js";
import { checkSpelling, forbidden } from "./words/options.js";

/** How to connect. Times are milliseconds. In development, an unknown option is an error. */
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
   * One tab calls it at a time. Without it, such a refusal ends in `loggedOut.rejected`.
   */
  refresh?: Refresh | undefined;
  /**
   * How long before its expiry a token is refreshed at the latest; never more than half of its lifetime. The moment is
   * drawn from the 75,000 before that, or from a quarter of the lifetime where that is less, or a twentieth where that is
   * more. @defaultValue a tenth of the lifetime, at least 5,000 and at most 60,000
   */
  refreshLeeway?: number | undefined;
  /** How long `refresh` may take before it is tried again. @defaultValue 10,000 */
  refreshTimeout?: number | undefined;
  /** How long the storage may take to answer before it is asked again. @defaultValue 5,000 */
  readTimeout?: number | undefined;
  /**
   * How a newer token of the same user takes effect: `"auto"`, on the same link where the server half offers that, else
   * by closing and reopening; `"overlap"`, the same, else by a new link beside the old one; `"replace"`, by closing and
   * reopening. @defaultValue `"auto"`
   */
  rotation?: Rotation | undefined;
  /** How long the server may take to accept a token on the same link. @defaultValue 5,000 */
  reauthenticateTimeout?: number | undefined;
  /** What is sent as `auth` in each handshake. @defaultValue `(token) => ({ token })` */
  auth?: ((token: string) => object) | undefined;
  /** Headers of the handshake; browsers ignore them on websockets. @defaultValue none */
  extraHeaders?: ((token: string) => Record<string, string>) | undefined;
  /**
   * The user of a token; `undefined` if unknown. What one user queued is never sent for another.
   * @defaultValue the claims `iss`, `sub`, `act`, `tid` and `org_id` of a JWT
   */
  identify?: ((token: string) => string | undefined) | undefined;
  /** What a refusal of your server means; `undefined` leaves it to the default. */
  classify?: Classify | undefined;
  /** socket.io-client's own options, such as `path`, `transports` or `withCredentials`. */
  socketOptions?: SocketOptions | undefined;
  /** Whether to connect right away. @defaultValue true */
  autoConnect?: boolean | undefined;
  /** How long the server may take to accept a connection. @defaultValue 20,000 */
  timeout?: number | undefined;
  /** The longest first delay after a failure; each delay is a random part of it. @defaultValue 1,000 */
  reconnectionDelay?: number | undefined;
  /** The longest delay of all; delays double up to it. @defaultValue 30,000 */
  reconnectionDelayMax?: number | undefined;
  /** How many attempts follow a failure before `idle.exhausted`. @defaultValue Infinity */
  reconnectionAttempts?: number | undefined;
  /**
   * How long a connection must last before past failures are forgiven; also how long to wait for a session that has
   * changed, or was just signed in to. @defaultValue 5,000
   */
  stableAfter?: number | undefined;
  /** How long an old connection may take to finish before a rotation closes it. @defaultValue 5,000 */
  drainTimeout?: number | undefined;
  /** How long `emitWithAck` waits; `Infinity` waits for as long as it takes. @defaultValue 30,000 */
  ackTimeout?: number | undefined;
  /** How many messages of a namespace may wait for a connection; more are refused. @defaultValue 1,000 */
  bufferLimit?: number | undefined;
  /** What opens connections. @defaultValue socket.io-client */
  io?: IoAdapter | undefined;
  /**
   * Where signals of network and page come from.
   * @defaultValue the browser's; the end of a long sleep of the machine is noticed where there is no page as well
   */
  environment?: Environment | undefined;
  /** Timers and the time. @defaultValue the system's */
  clock?: Clock | undefined;
  /** Sees every inspection event of the statechart; they hold no token. */
  inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void) | undefined;
  /** Takes the log lines. @defaultValue the console, without the line for each transition */
  logger?: Logger | undefined;
}

/** How a newer token of the same user takes effect. */
export type Rotation = "auto" | "overlap" | "replace";

/** Options of socket.io-client's that would work against the statechart. */
export type ForbiddenOption =
  | LeakingOption
  | "auth"
  | "reconnection"
  | "reconnectionAttempts"
  | "reconnectionDelay"
  | "reconnectionDelayMax"
  | "randomizationFactor"
  | "timeout"
  | "forceNew"
  | "multiplex"
  | "retries"
  | "ackTimeout"
  | "autoConnect";

/** Those that could carry a token which is not current, or put one into an address. The others have no effect on a link. */
type LeakingOption = "extraHeaders" | "query";
const LEAKING_OPTIONS: readonly LeakingOption[] = ["extraHeaders", "query"];

/** What of socket.io-client's own options may be passed on; the rest has its place in `ConnectionOptions`. */
export type SocketOptions = Omit<Partial<ManagerOptions>, ForbiddenOption>;

/** Options with none of them left out, or given as `undefined`. */
export type Complete<Options> = { [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

type OptionalOption =
  | "refresh"
  | "refreshLeeway"
  | "extraHeaders"
  | "identify"
  | "classify"
  | "io"
  | "inspect";

/** Options that were checked, with their defaults. */
export interface ResolvedOptions
  extends Complete<Omit<ConnectionOptions, OptionalOption | "url">>,
    Pick<ConnectionOptions, OptionalOption> {
  /** Scheme, host and port. */
  origin: string;
  /** The primary namespace. */
  namespace: string;
  /** The credential is a cookie, so that there is no token. */
  isCookie: boolean;
}

/** Options about tokens, which have no meaning where there is none. */
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

type NumberOption = {
  [Name in keyof ConnectionOptions]-?: ConnectionOptions[Name] extends number | undefined ? Name : never;
}[keyof ConnectionOptions];

/** Each option that is a number, with its default. */
const NUMBERS: Pick<ResolvedOptions, NumberOption> = {
  refreshLeeway: undefined,
  refreshTimeout: 10_000,
  readTimeout: 5_000,
  reauthenticateTimeout: 5_000,
  timeout: 20_000,
  reconnectionDelay: 1_000,
  reconnectionDelayMax: 30_000,
  reconnectionAttempts: Number.POSITIVE_INFINITY,
  stableAfter: 5_000,
  drainTimeout: 5_000,
  ackTimeout: 30_000,
  bufferLimit: 1_000,
};
/** Those of which 0 would never give an answer a chance. */
const AT_LEAST_ONE = ["refreshTimeout", "readTimeout", "timeout", "ackTimeout"];

const isNumberOption = (name: string): name is NumberOption => Object.hasOwn(NUMBERS, name);

/**
 * Checks options and fills in defaults. What is checked here could send a token where it does not belong, or ask too
 * often; the rest of the checks is for development.
 *
 * @param caller - The function that they were given to.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`, naming the option and what it takes.
 */
export function resolveOptions(options: ConnectionOptions, caller = "createConnection"): ResolvedOptions {
  checkSpelling(options, caller);
  const { url, storage, socketOptions = {}, ...rest } = options;
  const isCookie = storage.credential === "cookie";
  for (const name of LEAKING_OPTIONS) if (name in socketOptions) throw invalidOption(forbidden(name));
  const wrong = isCookie && OF_TOKENS.find((name) => options[name] !== undefined);
  if (wrong)
    throw invalidOption(
      `The option "${wrong}" is about tokens, and with sessionCookie() there is none: the browser sends the cookie, and only the server knows whose it is. Leave it out.`,
    );
  const numbers = { ...NUMBERS };
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined || !isNumberOption(name)) continue;
    const least = AT_LEAST_ONE.includes(name) ? 1 : 0;
    if (typeof value !== "number" || !(value >= least))
      throw invalidOption(
        `The option "${name}" takes a number of at least ${least}, but got ${describeNumber(value)}.`,
      );
    numbers[name] = value;
  }
  return {
    ...rest,
    ...numbers,
    ...parseAddress(url),
    storage,
    isCookie,
    auth: rest.auth ?? ((token) => (isCookie ? {} : { token })),
    autoConnect: rest.autoConnect ?? true,
    rotation: rest.rotation ?? "auto",
    environment: rest.environment ?? browserEnvironment(),
    clock: rest.clock ?? systemClock(socketOptions.autoUnref === true),
    logger: rest.logger ?? consoleLogger,
    // Without it the browser would send no cookie to another origin.
    socketOptions: isCookie ? { ...socketOptions, withCredentials: true } : socketOptions,
  };
}

/**
 * The option `url`, as `io()` takes it: where the server is, and the primary namespace.
 *
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for what is no address, or one that would end up in logs whole.
 */
function parseAddress(url: unknown): { origin: string; namespace: string } {
  const parsed = typeof url === "string" || url instanceof URL ? parseUrl(url) : undefined;
  if (!parsed)
    throw invalidOption(
      url === undefined
        ? 'The option "url" is missing: the address of the server, such as "https://api.example.com".'
        : 'The option "url" takes a whole address, such as "https://api.example.com": a string or a URL.',
    );
  const { protocol, host, pathname, search, hash, username, password } = parsed;
  if (!/^(http|ws)s?:$/.test(protocol))
    throw invalidOption(
      `The option "url" takes an address that begins with https: or wss: (http: or ws: for local servers), not ${protocol}`,
    );
  if (search || hash || username || password)
    throw invalidOption(
      'The option "url" takes no query, no fragment and no user, as an address ends up in logs. Send such things by the "auth" option.',
    );
  const namespace = decode(pathname);
  if (!isNamespace(namespace))
    throw invalidOption(
      isOwnNamespace(namespace)
        ? `The option "url" has the path ${namespace}, a namespace that is socket-rotor's own. Give the namespace of yours another name.`
        : 'The option "url" takes no comma and no question mark in its path, which is the name of a Socket.IO namespace.',
    );
  return { origin: `${protocol}//${host}`, namespace };
}

/** The path as it was written, before `URL` has encoded what is beyond ASCII: so a server names its namespace. */
function decode(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
