import { invalidOption } from "../errors.js";
import { consoleLogger, type Logger } from "../logger.js";
import { describeNumber, describeType, isFunction, property } from "../value.js";
import { hasNamespaces } from "./socket-io-private.js";

/**
 * Refuses what is no Socket.IO server. It is known by the members that are used of every one, not by its class: an
 * application may have several copies of socket.io.
 */
export function checkServer(caller: string, io: unknown): void {
  if (isFunction(property(io, "of")) && hasNamespaces(io)) return;
  // Node's servers alone say whether they listen.
  const given = typeof property(io, "listening") === "boolean" ? "an HTTP server" : describeType(io);
  throw invalidOption(
    `${caller} takes a Socket.IO server as its first argument, but got ${given}. Make one with new Server(httpServer), where Server is that of socket.io, and give it here.`,
  );
}

/** A number within its bounds, or the default where none was given. */
export function numberOption(
  name: string,
  value: unknown,
  [fallback, least, most]: readonly [fallback: number, least: number, most: number],
): number {
  if (value === undefined) return fallback;
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw invalidOption(
    `The option "${name}" takes a number from ${least} to ${most}, but got ${describeNumber(value)}.`,
  );
}

export function loggerOption(logger: unknown): Logger {
  if (logger === undefined) return consoleLogger;
  if (typeof logger === "object" && logger !== null) return logger;
  throw invalidOption('The option "logger" takes an object, such as console, or {} for silence.');
}
