import { parseAddress } from "./address.js";
import { checkOptions } from "./check-options.js";
import { systemClock } from "./clock.js";
import { browserEnvironment } from "./environment/environment.js";
import { invalidOption } from "./errors.js";
import { consoleLogger } from "./logger.js";
import { type ConnectionOptions, type ResolvedOptions, ROTATIONS } from "./options.js";
import { checkSocketOptions, type SocketOptions } from "./socket-options.js";
import { describeNumber, describeType, isFunction, property } from "./value.js";

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
 * @param caller - The function that they were given to.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`, naming the option and what it takes.
 */
export function resolveOptions(options: ConnectionOptions, caller = "createConnection"): ResolvedOptions {
  checkOptions(caller, options, KNOWN);
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
    ...rest,
    auth: rest.auth ?? ((token) => (isCookie ? {} : { token })),
    autoConnect: rest.autoConnect ?? true,
    rotation: rest.rotation ?? "auto",
    environment: rest.environment ?? browserEnvironment(),
    clock: rest.clock ?? systemClock(socketOptions.autoUnref === true),
    logger: rest.logger ?? consoleLogger,
    ...numbers,
    ...parseAddress(url),
    storage,
    socketOptions: isCookie ? { ...socketOptions, withCredentials: true } : socketOptions,
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
