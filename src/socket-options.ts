import type { ManagerOptions } from "socket.io-client";
import { type ConnectionError, invalidOption } from "./errors.js";
import { describeType } from "./value.js";

/** What of socket.io-client's own options may be passed on; the rest has its place in `ConnectionOptions`. */
export type SocketOptions = Omit<Partial<ManagerOptions>, keyof typeof FORBIDDEN>;

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

const TRANSPORTS: readonly unknown[] = ["polling", "websocket", "webtransport"];

/** @throws {@link ConnectionError} `ERR_INVALID_OPTION` for an option that is not to be passed on. */
export function checkSocketOptions(socketOptions: object): void {
  for (const [name, instead] of Object.entries(FORBIDDEN)) {
    if (!(name in socketOptions)) continue;
    throw invalidOption(`"socketOptions.${name}" would work against the statechart. Use ${instead} instead.`);
  }
  checkTransports(Reflect.get(socketOptions, "transports"));
}

function checkTransports(transports: unknown): void {
  if (transports === undefined) return;
  if (!Array.isArray(transports)) throw invalidTransports(`, but got ${describeType(transports)}`);
  if (transports.length === 0) throw invalidTransports("; it has none");
  for (const each of transports as readonly unknown[]) {
    if (TRANSPORTS.includes(each) || typeof each === "function") continue;
    throw invalidTransports(
      `; it has ${typeof each === "string" ? JSON.stringify(each) : describeType(each)}`,
    );
  }
}

function invalidTransports(found: string): ConnectionError {
  return invalidOption(
    `"socketOptions.transports" takes an array of "polling", "websocket" and "webtransport", or of transport classes of socket.io-client's${found}.`,
  );
}
