import type { Turn } from "./turn.js";

/**
 * Takes the log lines; `console` fits. No line holds a token, a claim or a cookie. A missing method is silent, so that
 * `{}` silences everything.
 */
export interface Logger {
  /** Each transition of the statechart. */
  debug?(line: string): void;
  /** What is worth knowing once. */
  info?(line: string): void;
  /** What needs somebody: a mistake in the set-up, or a connection that has given up. */
  warn?(line: string): void;
}

export interface Log extends Required<Logger> {
  /** Warns the first time only, told apart by `key`. */
  warnOnce(key: string, line: string): void;
  /** Informs the first time only, told apart by `key`. */
  infoOnce(key: string, line: string): void;
}

/** How many keys are remembered, should one ever depend on what a server sends. */
const MOST_KEYS = 1_000;

/** A logger of the user's, made safe: prefixed, out of the statechart's steps, and a throw in it changes nothing. */
export function createLog(logger: Logger, turn?: Pick<Turn, "call">): Log {
  const said = new Set<string>();
  const write = (level: keyof Logger, line: string): void => {
    const tell = (): void => {
      try {
        logger[level]?.(`[socket-rotor] ${line}`);
      } catch {
        // A logger that throws must not decide over a connection.
      }
    };
    if (turn) turn.call(tell);
    else tell();
  };
  const once = (level: "info" | "warn", key: string, line: string): void => {
    if (said.has(key) || said.size >= MOST_KEYS) return;
    said.add(key);
    // A browser in production has the keys alone: docs/errors.md says what each means.
    write(level, line || key);
  };
  return {
    debug: (line) => write("debug", line),
    info: (line) => write("info", line),
    warn: (line) => write("warn", line),
    warnOnce: (key, line) => once("warn", key, line),
    infoOnce: (key, line) => once("info", key, line),
  };
}

/** The default: the console, without the transitions. */
export const consoleLogger: Logger = {
  info: (line) => console.info(line),
  warn: (line) => console.warn(line),
};
