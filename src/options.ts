import type { ManagerOptions } from "socket.io-client";
import type { InspectionEvent, Observer } from "xstate";
import type { Clock } from "./clock.js";
import type { Refresh } from "./credential/refresher.js";
import type { StorageAdapter } from "./credential/storage-adapter.js";
import type { Environment } from "./environment/environment.js";
import type { IoAdapter } from "./links/io-adapter.js";
import type { Classify } from "./links/refusals.js";
import type { Logger } from "./logger.js";

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
export const FORBIDDEN_OPTIONS = [
  "auth",
  "extraHeaders",
  "query",
  "reconnection",
  "reconnectionAttempts",
  "reconnectionDelay",
  "reconnectionDelayMax",
  "randomizationFactor",
  "timeout",
  "forceNew",
  "multiplex",
  "retries",
  "ackTimeout",
  "autoConnect",
] as const;

export type ForbiddenOption = (typeof FORBIDDEN_OPTIONS)[number];

/** What of socket.io-client's own options may be passed on; the rest has its place in `ConnectionOptions`. */
export type SocketOptions = Omit<Partial<ManagerOptions>, ForbiddenOption>;

/** Options with none of them left out, or given as `undefined`. */
export type Complete<Options> = { [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/** Options that were checked, with their defaults. */
export interface ResolvedOptions
  extends Complete<Omit<ConnectionOptions, OptionalOption | "url">>,
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
