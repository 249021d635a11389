import { invalidOption } from "../errors.js";
import { createLog, type Logger } from "../logger.js";
import { describeType } from "../value.js";
import { checkOptions } from "../words/check-options.js";
import { addEngineMiddleware } from "./engine-middleware.js";
import {
  createOriginWarnings,
  type HandshakeRequest,
  isHttpResponse,
  refuseRequest,
} from "./handshake-request.js";
import { checkServer, loggerOption } from "./option.js";
import type { SocketIoServer } from "./socket-io-types.js";

/** Which requests without an `Origin` are let through. */
export interface AllowOriginsOptions {
  /**
   * Whether to let requests through that have no `Origin` header: those of native clients and servers, and of browsers
   * that poll their own origin over plain `http:`. What says that it comes from another site is still refused.
   * @defaultValue false
   */
  allowMissing?: boolean | undefined;
  /**
   * Where one line a refusal goes, as `debug`, and a warning of each of the first five origins that are refused, here
   * or by browsers for want of `cors`.
   * @defaultValue the console, without what is said of each request
   */
  logger?: Logger | undefined;
}

/** Chooses origins that cannot be listed. It never sees `"null"`, which is always refused. */
type OriginTest = (origin: string) => boolean;

/**
 * Refuses every request of a page of another origin with the status 403, polling and websocket alike, before anything
 * else looks at it. The option `cors` of Socket.IO does not do that: browsers do not apply it to websockets.
 *
 * Browsers name the origin of each websocket and of each request across origins. The opaque origin `null` of sandboxed
 * frames and local files is refused, as it could be anybody's. A browser that polls its own origin names none, but says
 * `Sec-Fetch-Site: same-origin` over `https:` and on localhost, which is enough.
 *
 * @param io - A server that is attached already; an HTTP server that is attached later is covered too. One that was
 * attached before the last lets nobody in.
 * @param origins - Exact origins such as `https://app.example.com`, or a function that tells.
 * @param options - See {@link AllowOriginsOptions}.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`; `ERR_SERVER_SETUP` where the server is not attached yet, or it
 * was called before.
 * @example
 * ```ts
 * import { Server } from "socket.io";
 * import { allowOrigins } from "socket-rotor/server";
 *
 * const io = new Server(3000, { cors: { origin: "https://app.example.com" } });
 * allowOrigins(io, ["https://app.example.com"]);
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-10.2
 */
export function allowOrigins(
  io: SocketIoServer,
  origins: readonly string[] | OriginTest,
  options: AllowOriginsOptions = {},
): void {
  checkServer("allowOrigins", io);
  checkOptions("allowOrigins", options, ["allowMissing", "logger"]);
  const { allowMissing = false } = options;
  if (typeof allowMissing !== "boolean")
    throw invalidOption('The option "allowMissing" takes true or false.');
  const log = createLog(loggerOption(options.logger));
  const isListed = testOf(origins);
  const [warnOfRefused, warnOfUnreadable] = [createOriginWarnings(log), createOriginWarnings(log)];

  const isAllowed = (request: HandshakeRequest): boolean => {
    const { origin } = request.headers;
    if (origin === "null") return false;
    if (typeof origin === "string") return isListed(origin);
    const site = request.headers["sec-fetch-site"];
    if (site === "same-origin") return true;
    if (allowMissing && site === undefined) return true;
    if (site === undefined) {
      log.warnOnce(
        "origin:missing",
        'allowOrigins: a request without an Origin header was refused. If native clients, servers or pages on plain http: are to connect, set "allowMissing: true".',
      );
    }
    return false;
  };

  addEngineMiddleware(io, "allowOrigins", "origin", log, (request, response, next) => {
    let isGood = false;
    try {
      isGood = isAllowed(request);
    } catch {
      log.warnOnce(
        "origin:threw",
        "allowOrigins: the function threw, so the request was refused. Answer true or false.",
      );
    }
    if (isGood) {
      next();
      return;
    }
    warnOfRefused(request.headers["origin"], refusedLine);
    log.debug("allowOrigins: a request of another origin was refused.");
    refuseRequest(request, response, 403, {
      error: "access_denied",
      error_description: "The origin is not allowed.",
    });
  });
  addEngineMiddleware(io, "allowOrigins", "cors", log, (request, response, next) => {
    if (isUnreadable(request, response)) {
      warnOfUnreadable(
        request.headers["origin"],
        (name) =>
          `allowOrigins: browsers do not let the page of ${name} poll, as "cors" of the server does not allow its origin. Change: new Server({ cors: { origin: [${name}], credentials: true } })`,
      );
    }
    next();
  });
}

function refusedLine(name: string): string {
  const advice =
    name === '"null"'
      ? "It is that of sandboxed frames and local files, which could be anybody's, and is always refused: serve the page from an origin of its own."
      : "If it is one of your pages, add it to the origins of allowOrigins, beside those of cors: a browser reports this as an error of CORS. If it is not, nothing is to be done.";
  return `allowOrigins: requests of the origin ${name} are refused. ${advice}`;
}

/** Whether a page of another origin is kept by its browser from reading the answer. Older browsers do not say whose it is. */
function isUnreadable({ headers }: HandshakeRequest, response: unknown): boolean {
  const site = headers["sec-fetch-site"];
  if (!isHttpResponse(response) || (site !== "same-site" && site !== "cross-site")) return false;
  const allowed = response.getHeader("access-control-allow-origin");
  return headers["origin"] !== undefined && allowed !== "*" && allowed !== headers["origin"];
}

function testOf(origins: readonly string[] | OriginTest): OriginTest {
  if (typeof origins === "function") return (origin) => origins(origin) === true;
  if (!Array.isArray(origins) || origins.length === 0) {
    throw invalidOption(
      'allowOrigins takes a list of origins such as ["https://app.example.com"], or a function.',
    );
  }
  for (const origin of origins) {
    if (isOrigin(origin)) continue;
    const given: unknown = origin;
    if (given instanceof RegExp) {
      throw invalidOption(
        "allowOrigins: a regular expression is no origin. Give a function in place of the list, and test the whole origin in it, from ^ to $: (origin) => /^https:\\/\\/[a-z0-9-]+\\.example\\.com$/.test(origin)",
      );
    }
    throw invalidOption(
      `allowOrigins: ${typeof given === "string" ? JSON.stringify(given) : describeType(given)} is no origin. It is a string of the scheme, the host and the port where it is not the default, in lower case, without a path and a slash at the end: https://app.example.com`,
    );
  }
  const listed = new Set<string>(origins);
  return (origin) => listed.has(origin);
}

/** As browsers write one. Of schemes that are not the web's, such as `capacitor://localhost`, `URL` knows none. */
function isOrigin(value: unknown): boolean {
  if (typeof value !== "string" || value.includes("*") || !URL.canParse(value)) return false;
  const { origin, protocol } = new URL(value);
  if (origin !== "null") return origin === value;
  return /^[a-z][a-z\d+.-]*:\/\/[^\s/?#@]+$/.test(value) && protocol !== "file:";
}
