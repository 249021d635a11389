import type { SnapshotFrom } from "xstate";
import type { ConnectionEvent, connectionMachine } from "../machines/index.js";
import type { Parts } from "./parts.js";
import { pathOf } from "./snapshot.js";
import type { Turn } from "./turn.js";
import { property } from "./value.js";
import { endOfTrying, eventWords, mistake, NO_SESSION, NO_TOKEN } from "./words/messages.js";

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

/**
 * A logger of the user's, made safe: prefixed, out of the statechart's steps, and a throw in it changes nothing. It writes
 * lines as they are: who logs words of a server's, of an error's or of the application's masks them before.
 */
export function createLog(logger: Logger, turn?: Pick<Turn, "call">): Log {
  const said = new Set<string>();
  const write = (level: keyof Logger) => (line: string) => {
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
  const once = (tell: (line: string) => void) => (key: string, line: string) => {
    if (said.has(key) || said.size >= MOST_KEYS) return;
    said.add(key);
    // A browser in production has the keys alone: docs/errors.md says what each means.
    tell(line || key);
  };
  const [debug, info, warn] = [write("debug"), write("info"), write("warn")];
  return { debug, info, warn, warnOnce: once(warn), infoOnce: once(info) };
}

/** The default: the console, without the transitions. */
export const consoleLogger: Logger = {
  info: (line) => console.info(line),
  warn: (line) => console.warn(line),
};

/** What the application itself has given does not work; a network that is down for a while is no mistake. */
const MISTAKE = /^ERR_(CREDENTIAL|REFRESH_FAILED|INVALID_TOKEN|STORAGE_READ|STORAGE_UNAVAILABLE)$/;

/** In every build, as only a deployment shows it. */
const NO_COOKIE =
  "The server sees no signed-in session after login(). Was Set-Cookie accepted? Secure needs https, SameSite=None Secure. See docs/troubleshooting.md.";

/** Writes a line for a step of the statechart that has changed its state, and for what needs somebody. */
export function logStep(
  { isCookie, source, failures, log }: Parts,
  event: ConnectionEvent,
  before: SnapshotFrom<typeof connectionMachine>,
  { value, context }: SnapshotFrom<typeof connectionMachine>,
): void {
  const code = property(event, "code");
  if (typeof code === "string" && MISTAKE.test(code)) {
    const error = failures.recall(code);
    // Only the name of what was thrown: in a runtime without the storage nobody looks at a snapshot.
    const what = error.cause instanceof Error ? `${code}, ${error.cause.name}` : code;
    log.warnOnce(what, mistake(what, error, failures));
  }
  const [from, to] = [pathOf(before.value), pathOf(value)];
  if (from === to) return;
  log.debug(
    `${eventWords(event.type) || event.type}${code === undefined ? "" : ` (${code})`}: ${from} → ${to}`,
  );
  if (to === "loggedOut.signedOut") {
    log.infoOnce("signed-out", isCookie ? NO_SESSION : NO_TOKEN);
    if (source.isLoginOpen && property(event, "session") === "required") log.warnOnce("login", NO_COOKIE);
  }
  if (to !== "loggedOut.rejected" && to !== "idle.exhausted") return;
  // What the server said is for `getSnapshot().error`: there may be anything in it.
  const error = failures.recall(String(context.code));
  const why = error.reason === undefined ? error.code : `${error.code}, ${error.reason}`;
  log.warn(endOfTrying(to, why, isCookie, failures) || `${to} (${why})`);
}

/** Warns where anybody on the way can read tokens. In every build. */
export function warnOfPlainHttp(origin: string, log: Log): void {
  const host = /^(?:http|ws):\/\/(.*?)(?::\d+)?$/.exec(origin)?.[1];
  if (host === undefined || /^(localhost|.*\.localhost|\[::1\]|127\..*)$/.test(host)) return;
  log.warnOnce(
    origin,
    `Tokens and cookies travel to ${host} unencrypted. Use https: or wss: for every host that is not local.`,
  );
}
