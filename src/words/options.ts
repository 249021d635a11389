// Checks of spelling, for development: a build for production leaves them out. What would send a token where it does not
// belong, or ask too often, is checked beside its use, in every build.
import type { CookieStorageOptions } from "../credential/cookie-storage.js";
import type { TokenShape } from "../credential/stored-text.js";
import type { WebStorageOptions } from "../credential/web-storage.js";
import { invalidOption } from "../errors.js";
import type { ConnectionOptions, ForbiddenOption } from "../options.js";
import { describeType, isFunction, property } from "../value.js";
import { checkOptions } from "./check-options.js";

/** What each option takes, where nothing else checks it: a type, or an object with these methods. */
const TAKES: Readonly<
  Record<keyof ConnectionOptions, "function" | "boolean" | "string" | readonly string[] | null>
> = {
  url: null,
  storage: ["read", "subscribe"],
  refresh: "function",
  refreshLeeway: null,
  refreshTimeout: null,
  readTimeout: null,
  rotation: "string",
  reauthenticateTimeout: null,
  auth: "function",
  extraHeaders: "function",
  identify: "function",
  classify: "function",
  socketOptions: [],
  autoConnect: "boolean",
  timeout: null,
  reconnectionDelay: null,
  reconnectionDelayMax: null,
  reconnectionAttempts: null,
  stableAfter: null,
  drainTimeout: null,
  ackTimeout: null,
  bufferLimit: null,
  io: ["open"],
  environment: ["subscribe"],
  clock: ["setTimeout", "clearTimeout", "now"],
  inspect: null,
  logger: [],
};

/** Checks names and types of the options of a connection, which were given to `caller`. */
export function checkSpelling(options: ConnectionOptions, caller: string): void {
  checkOptions(caller, options, Object.keys(TAKES));
  const { storage, rotation, inspect, socketOptions } = options;
  if (storage === undefined)
    throw invalidOption(
      'The option "storage" is missing: where the token lives, such as webStorage("accessToken") or memoryStorage().',
    );
  for (const [name, takes] of Object.entries(TAKES)) {
    const value: unknown = property(options, name);
    if (takes === null || value === undefined) continue;
    const kind = typeof takes === "string" ? takes : "object";
    if (typeof value !== kind || value === null)
      throw invalidOption(
        `The option "${name}" takes ${kind === "object" ? "an" : "a"} ${kind}, but got ${describeType(value)}.`,
      );
    if (typeof takes !== "string") checkMethods(name, value, takes);
  }
  if (storage.write !== undefined) checkMethods("storage", storage, ["write"]);
  if (rotation !== undefined && !["auto", "overlap", "replace"].includes(rotation))
    throw invalidOption('The option "rotation" takes "auto", "overlap" or "replace".');
  const isObserver = typeof inspect === "object" && inspect !== null;
  if (inspect !== undefined && !isFunction(inspect) && !isObserver)
    throw invalidOption(
      `The option "inspect" takes a function or an observer, but got ${describeType(inspect)}.`,
    );
  const wrong = Object.keys(socketOptions ?? {}).find(isForbidden);
  if (wrong !== undefined) throw invalidOption(forbidden(wrong));
  if (socketOptions?.transports !== undefined) checkTransports(socketOptions.transports);
  if (storage.credential === "cookie" && socketOptions?.withCredentials === false)
    throw invalidOption(
      'With sessionCookie(), "socketOptions.withCredentials" must be true, which is the default: without it the browser sends no cookie to another origin, and the connection would be anonymous. Leave it out.',
    );
}

function checkMethods(name: string, value: unknown, methods: readonly string[]): void {
  for (const method of methods) {
    const found = property(value, method);
    if (isFunction(found)) continue;
    throw invalidOption(
      `The option "${name}" takes an object with the methods ${methods.join(", ")}; "${method}" is ${found === undefined ? "missing" : describeType(found)}.`,
    );
  }
}

const TRANSPORTS: readonly unknown[] = ["polling", "websocket", "webtransport"];

function checkTransports(transports: unknown): void {
  const found = wrongIn(transports);
  if (found === undefined) return;
  throw invalidOption(
    `"socketOptions.transports" takes an array of "polling", "websocket" and "webtransport", or of transport classes of socket.io-client's${found}.`,
  );
}

function wrongIn(transports: unknown): string | undefined {
  if (!Array.isArray(transports)) return `, but got ${describeType(transports)}`;
  if (transports.length === 0) return "; it has none";
  const index = transports.findIndex((each) => !TRANSPORTS.includes(each) && !isFunction(each));
  if (index < 0) return undefined;
  const wrong: unknown = transports[index];
  return `; it has ${typeof wrong === "string" ? JSON.stringify(wrong) : describeType(wrong)}`;
}

/** Checks how a storage is told where in its text the token is. */
function checkTokenShape(caller: string, { decode, encode }: TokenShape): void {
  for (const [name, given] of Object.entries({ decode, encode }))
    if (given !== undefined && !isFunction(given))
      throw invalidOption(`${caller} takes a function as its ${name}, but got ${describeType(given)}.`);
  if (encode && !decode)
    throw invalidOption(`${caller} takes encode only beside decode, which reads it again.`);
}

/** Checks what `webStorage` takes. */
export function checkWebStorage(key: unknown, options: WebStorageOptions): void {
  checkOptions("webStorage", options, ["area", "pollInterval", "decode", "encode"]);
  checkTokenShape("webStorage", options);
  if (typeof key !== "string" || key === "")
    throw invalidOption(
      'webStorage(key) takes the name of the entry that holds the token, such as "accessToken".',
    );
  if (!["local", "session", undefined].includes(options.area))
    throw invalidOption('webStorage takes "local" or "session" as its area.');
}

const ATTRIBUTES = ["path", "domain", "sameSite", "secure", "maxAge"];

/** Checks what `cookieStorage` takes. */
export function checkCookieStorage(name: unknown, options: CookieStorageOptions): void {
  checkOptions("cookieStorage", options, [...ATTRIBUTES, "pollInterval", "decode", "encode"]);
  checkTokenShape("cookieStorage", options);
  const { path = "/", domain, sameSite = "lax", secure, maxAge = Number.POSITIVE_INFINITY } = options;
  const expect = (holds: boolean, message: string): void => {
    if (!holds) throw invalidOption(message);
  };
  const isText = (value: unknown, pattern: RegExp): boolean =>
    typeof value === "string" && pattern.test(value);
  // Nothing that would be a second attribute. A name is a token of RFC 2616.
  expect(
    isText(name, /^[\w!#$%&'*+.^`|~-]+$/),
    'cookieStorage(name) takes the name of the cookie that holds the token, such as "access_token", without spaces, commas, semicolons or equals signs.',
  );
  expect(
    isText(path, /^\/[\x20-\x3a\x3c-\x7e]*$/),
    'cookieStorage takes a path that begins with a slash, such as "/".',
  );
  expect(
    domain === undefined || isText(domain, /^\.?[a-z\d-]+(\.[a-z\d-]+)*$/i),
    'cookieStorage takes a domain such as "example.com", without a scheme or a port.',
  );
  expect(
    isText(sameSite, /^(strict|lax|none)$/),
    'cookieStorage takes "strict", "lax" or "none" as its sameSite.',
  );
  expect(
    secure === undefined || typeof secure === "boolean",
    "cookieStorage takes true or false as its secure.",
  );
  expect(
    sameSite !== "none" || secure !== false,
    'cookieStorage takes sameSite: "none" only with secure, as browsers do.',
  );
  expect(
    typeof maxAge === "number" && maxAge >= 1_000,
    "cookieStorage takes at least 1,000 milliseconds as its maxAge, or Infinity for as long as the browser is open.",
  );
}

/** What to use instead of an option of socket.io-client's. */
const INSTEAD: Readonly<Record<ForbiddenOption, string>> = {
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
};

const isForbidden = (name: string): name is ForbiddenOption => Object.hasOwn(INSTEAD, name);

export function forbidden(name: ForbiddenOption): string {
  return `"socketOptions.${name}" would work against the statechart. Instead, use ${INSTEAD[name]}.`;
}
