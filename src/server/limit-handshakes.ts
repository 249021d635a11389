import { isIPv6 } from "node:net";
import { LONGEST_DELAY } from "../clock.js";
import { invalidOption } from "../errors.js";
import { createLog, type Logger } from "../logger.js";
import { describeNumber, isDuration, property } from "../value.js";
import { checkOptions } from "../words/check-options.js";
import { addEngineMiddleware } from "./engine-middleware.js";
import { type HandshakeRequest, isHandshake, refuseRequest } from "./handshake-request.js";
import { checkServer, loggerOption, numberOption } from "./option.js";
import type { SocketIoServer } from "./socket-io-types.js";
import { withinTime } from "./timing.js";
import { LONGEST_STAY } from "./token-error.js";

/** A limiter of yours, such as those of `rate-limiter-flexible`. */
export interface HandshakeLimiter {
  /**
   * Takes one. Rejects with an `Error` where it cannot tell, and with anything else where there is none left:
   * `msBeforeNext` of it is the time to wait, in milliseconds.
   */
  consume(key: string): Promise<unknown>;
}

/** How handshakes are counted. Times are milliseconds. */
export interface LimitHandshakesOptions {
  /**
   * What is counted. Behind a proxy take the address from the header that your proxy writes, and be sure that clients
   * cannot write it. @defaultValue the remote address; of IPv6 its /64
   */
  key?: ((request: HandshakeRequest) => string) | undefined;
  /** How long the limiter may take. From 1 to 2,147,483,647. @defaultValue 1,500 */
  timeout?: number | undefined;
  /** Where one line a refusal goes. @defaultValue the console, without what is said of each request */
  logger?: Logger | undefined;
}

/** What a client is told to wait where the limiter does not say. */
const UNKNOWN_WAIT = 1_000;
const OUTAGE_WAIT = 5_000;

/**
 * Refuses handshakes beyond a limit with the status 429 and `Retry-After`, before a token is verified or a session is
 * read. A handshake is counted once, not each request of it.
 *
 * Where the limiter fails or does not answer in time, nobody gets in: 503 with `Retry-After`, which clients take for an
 * outage and try again.
 *
 * @param io - A server that is attached already; an HTTP server that is attached later is covered too. One that was
 * attached before the last lets nobody in.
 * @param limiter - See {@link HandshakeLimiter}. Share one between nodes, through Redis for example.
 * @param options - See {@link LimitHandshakesOptions}.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`; `ERR_SERVER_SETUP` where the server is not attached yet, or it
 * was called before.
 * @example
 * ```ts
 * import { RateLimiterMemory } from "rate-limiter-flexible";
 * import { Server } from "socket.io";
 * import { limitHandshakes } from "socket-rotor/server";
 *
 * const io = new Server(3000);
 * limitHandshakes(io, new RateLimiterMemory({ points: 50, duration: 60 }));
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc6585#section-4
 */
export function limitHandshakes(
  io: SocketIoServer,
  limiter: HandshakeLimiter,
  options: LimitHandshakesOptions = {},
): void {
  checkServer("limitHandshakes", io);
  checkOptions("limitHandshakes", options, ["key", "timeout", "logger"]);
  if (typeof property(limiter, "consume") !== "function") {
    throw invalidOption(
      "limitHandshakes takes a limiter with consume(key), such as one of rate-limiter-flexible.",
    );
  }
  const { key = remoteAddress } = options;
  if (typeof key !== "function")
    throw invalidOption('The option "key" takes a function: (request) => string.');
  const timeout = numberOption("timeout", options.timeout, [1_500, 1, LONGEST_DELAY]);
  const log = createLog(loggerOption(options.logger));

  addEngineMiddleware(io, "limitHandshakes", "limit", log, (request, response, next) => {
    if (!isHandshake(request)) {
      next();
      return;
    }
    const refuse = (reason: unknown): void => {
      const isOutage = reason instanceof Error;
      const wait = property(reason, "msBeforeNext");
      if (isOutage) {
        log.warnOnce(
          "limiter:outage",
          "limitHandshakes: the limiter failed or took too long, so handshakes are refused with 503 until it works again.",
        );
      } else if (wait !== undefined && !Number.isFinite(wait)) {
        log.warnOnce(
          "limiter:wait",
          `limitHandshakes: "msBeforeNext" of what the limiter rejects with is the time to wait, in milliseconds; it was ${describeNumber(wait)}, so that clients are told ${UNKNOWN_WAIT}. Reject with { msBeforeNext: 5_000 }.`,
        );
      }
      log.debug(`limitHandshakes: a handshake was refused with ${isOutage ? 503 : 429}.`);
      refuseRequest(request, response, isOutage ? 503 : 429, {
        error: "temporarily_unavailable",
        error_description: isOutage ? "The limit cannot be checked now." : "Too many connections were begun.",
        retryAfter: isOutage ? OUTAGE_WAIT : isDuration(wait) ? Math.min(wait, LONGEST_STAY) : UNKNOWN_WAIT,
      });
    };
    withinTime(
      () => limiter.consume(key(request)),
      timeout,
      () => new Error("The limiter took too long."),
    ).then(() => next(), refuse);
  });
}

const GROUPS = 8;
/** A subscriber has at least this much of an IPv6 address to choose from: the other half, a /64. */
const NETWORK_GROUPS = 4;

/**
 * Whom a request comes from, as far as its connection tells: the IPv4 address, or the first half of the IPv6 address.
 * Behind a proxy it is the proxy.
 */
export function remoteAddress({ socket }: HandshakeRequest): string {
  const { remoteAddress: address = "unknown" } = socket;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, GROUPS - left.length - right.length) }, () => "0");
  return `${[...left, ...zeros, ...right].slice(0, NETWORK_GROUPS).join(":")}::/64`;
}
