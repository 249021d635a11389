import { systemClock } from "./clock.js";
import { browserEnvironment } from "./environment/environment.js";
import { invalidOption } from "./errors.js";
import { consoleLogger, type Log } from "./logger.js";
import {
  type ConnectionOptions,
  FORBIDDEN_OPTIONS,
  type ResolvedOptions,
  type SocketOptions,
} from "./options.js";
import { isOwnNamespace } from "./protocol.js";
import { describeNumber, describeType, parseUrl } from "./value.js";
import { checkSpelling, forbidden } from "./words/options.js";

type NumberOption = {
  [Name in keyof ConnectionOptions]-?: ConnectionOptions[Name] extends number | undefined ? Name : never;
}[keyof ConnectionOptions];

/**
 * Checks options and fills in defaults.
 *
 * @param caller - The function that they were given to.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`, naming the option and what it takes.
 */
export function resolveOptions(options: ConnectionOptions, caller = "createConnection"): ResolvedOptions {
  checkSpelling(options, caller);
  const { url, storage, socketOptions = {}, ...rest } = options;
  const isCookie = storage.credential === "cookie";
  const number = (name: NumberOption, byDefault: number, least: number): number => {
    const value: unknown = options[name] === undefined ? byDefault : options[name];
    if (typeof value === "number" && value >= least) return value;
    throw invalidOption(
      `The option "${name}" takes a number of at least ${least}, but got ${describeNumber(value)}.`,
    );
  };
  for (const name of FORBIDDEN_OPTIONS) if (name in socketOptions) throw invalidOption(forbidden(name));
  if (isCookie) checkCookieMode(options, socketOptions);
  if (options.refreshLeeway !== undefined) number("refreshLeeway", 0, 0);
  return {
    ...rest,
    auth: rest.auth ?? ((token) => (isCookie ? {} : { token })),
    autoConnect: rest.autoConnect ?? true,
    rotation: rest.rotation ?? "auto",
    environment: rest.environment ?? browserEnvironment(),
    clock: rest.clock ?? systemClock(socketOptions.autoUnref === true),
    logger: rest.logger ?? consoleLogger,
    refreshTimeout: number("refreshTimeout", 10_000, 1),
    reauthenticateTimeout: number("reauthenticateTimeout", 5_000, 0),
    readTimeout: number("readTimeout", 5_000, 1),
    timeout: number("timeout", 20_000, 1),
    reconnectionDelay: number("reconnectionDelay", 1_000, 0),
    reconnectionDelayMax: number("reconnectionDelayMax", 30_000, 0),
    reconnectionAttempts: number("reconnectionAttempts", Number.POSITIVE_INFINITY, 0),
    stableAfter: number("stableAfter", 5_000, 0),
    drainTimeout: number("drainTimeout", 5_000, 0),
    ackTimeout: number("ackTimeout", 30_000, 1),
    bufferLimit: number("bufferLimit", 1_000, 0),
    ...parseAddress(url),
    storage,
    socketOptions: isCookie ? { ...socketOptions, withCredentials: true } : socketOptions,
  };
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

function checkCookieMode(options: ConnectionOptions, { withCredentials = true }: SocketOptions): void {
  const wrong = OF_TOKENS.find((name) => options[name] !== undefined);
  if (wrong !== undefined)
    throw invalidOption(
      `The option "${wrong}" is about tokens, and with sessionCookie() there is none: the browser sends the cookie, and only the server knows whose it is. Leave it out.`,
    );
  if (withCredentials !== true)
    throw invalidOption(
      'With sessionCookie(), "socketOptions.withCredentials" must be true, which is the default: without it the browser sends no cookie to another origin, and the connection would be anonymous. Leave it out.',
    );
}

/**
 * The option `url`, as `io()` takes it: where the server is, and the primary namespace.
 *
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for what is no address, or one that would end up in logs whole.
 */
function parseAddress(url: unknown): { origin: string; namespace: string } {
  if (url === undefined)
    throw invalidOption(
      'The option "url" is missing: the address of the server, such as "https://api.example.com".',
    );
  if (typeof url !== "string" && !(url instanceof URL))
    throw invalidOption(`The option "url" takes a string or a URL, but got ${describeType(url)}.`);
  const parsed = parseUrl(url);
  if (!parsed)
    throw invalidOption('The option "url" takes a whole address, such as "https://api.example.com".');
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
  // On the wire a comma would end the name, and a question mark begin a query.
  if (/[,?]/.test(namespace))
    throw invalidOption(
      'The option "url" takes no comma and no question mark in its path, which is the name of a Socket.IO namespace.',
    );
  if (isOwnNamespace(namespace))
    throw invalidOption(
      `The option "url" has the path ${namespace}, a namespace that is socket-rotor's own. Give the namespace of yours another name.`,
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

/** Logs a warning where anybody on the way can read tokens. */
export function warnOfPlainHttp(origin: string, log: Log): void {
  const { protocol, hostname } = new URL(origin);
  const isLocal = /^(localhost|.*\.localhost|\[::1\]|127\..*)$/.test(hostname);
  if (isLocal || protocol === "https:" || protocol === "wss:") return;
  log.warn(
    `Tokens and cookies travel to ${hostname} unencrypted. Use https: or wss: for every host that is not local.`,
  );
}
