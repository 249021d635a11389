import { LONGEST_DELAY } from "../../clock.js";
import { invalidOption } from "../../errors.js";
import type { Logger } from "../../logger.js";
import { property } from "../../value.js";
import { checkOptions } from "../../words/check-options.js";
import { identityKeyOption } from "../identity-key.js";
import { loggerOption, numberOption } from "../option.js";
import type { PolicyOptions } from "./session-user.js";

/** What is stored of a session, where the application has no type of its own for it. */
export interface StoredSession {
  readonly [name: string]: unknown;
}

/** Runs something while no other node does so for the same session. */
export type SessionLock = <T>(sessionId: string, run: () => Promise<T>) => Promise<T>;

/** What `shareSession` takes for any kind of session. Times are milliseconds. An unknown option is an error. */
export interface SourceOptions {
  /**
   * Whether a connection needs a session in which somebody is signed in. Without, it is refused with
   * `session_required`; with `false` it is let in, as nobody in particular.
   * @defaultValue true
   */
  required?: boolean | undefined;
  /**
   * How long the store, or the source, may take to answer. Then the client that connects is told
   * `temporarily_unavailable`, and nobody is signed out. From 1 to 2,147,483,647. @defaultValue 1,500
   */
  storeTimeout?: number | undefined;
  /**
   * How often the session of open connections is looked at again, once however many connections it has, for what no
   * other sign reaches this node of: sessions deleted in the database, messages of other nodes that were lost. From 1
   * to 2,147,483,647. @defaultValue 30,000
   */
  recheckInterval?: number | undefined;
  /**
   * The secret under which the client is told whether it is still the same user: at least 16 characters or bytes.
   * Several nodes must share one, and it has to outlive a restart: or a client takes itself for someone else, and drops
   * what it has queued. Take it from the configuration. Together with tokens, give it here or there, or the same in both places.
   * @defaultValue random, for this process
   */
  identityKey?: string | Uint8Array | undefined;
  /** Where one line a decision goes. @defaultValue the console, without what is said of each client */
  logger?: Logger | undefined;
}

/** How the sessions of express-session are shared with HTTP. Times are milliseconds. An unknown option is an error. */
export interface SessionOptions<Session extends object = StoredSession> extends SourceOptions {
  /**
   * Whether somebody is signed in, by what is stored of a session. Give it where sessions begin before the sign-in, or
   * outlive the sign-out, as with `saveUninitialized: true` or Passport: `(session) => session.passport?.user != null`.
   * It has to answer `true` or `false`; where it throws or answers anything else, nobody is let in.
   * @defaultValue every stored session counts as signed in
   */
  isSignedIn?: ((session: Session) => boolean) | undefined;
  /**
   * Who is signed in, the same for every session of one user. It becomes `socket.data.identity`, unless a token says
   * who it is. With it a client knows itself again after its session was regenerated, and keeps what it has queued.
   * Together with tokens it is compared with the token's subject. It is asked only where somebody is signed in.
   * @defaultValue each session counts as another user
   */
  identify?: ((session: Session) => string | undefined) | undefined;
  /**
   * How often, at most, what a client sends keeps its session from expiring, through the `touch` of the store. From 1
   * to 2,147,483,647; keep it well below the session's `maxAge`, or active users are disconnected. @defaultValue 60,000
   */
  touchInterval?: number | undefined;
  /**
   * Keeps other nodes from changing a session while {@link SessionHandle.update} does. On one node that needs no lock.
   * @defaultValue none
   */
  lock?: SessionLock | undefined;
}

export interface ResolvedSourceOptions {
  readonly required: boolean;
  readonly storeTimeout: number;
  readonly recheckInterval: number;
  readonly identityKey: string | Uint8Array | undefined;
  readonly logger: Logger;
}

export interface ResolvedSessionOptions<Session extends object>
  extends ResolvedSourceOptions,
    PolicyOptions<Session> {
  readonly touchInterval: number;
  readonly lock: SessionLock;
}

const FUNCTIONS = ["isSignedIn", "identify", "lock"] as const;

/** The options that are a number: the default, the least and the most. */
const NUMBERS = {
  storeTimeout: [1_500, 1, LONGEST_DELAY],
  recheckInterval: [30_000, 1, LONGEST_DELAY],
  touchInterval: [60_000, 1, LONGEST_DELAY],
} as const;

const OF_SOURCES: readonly string[] = [
  "required",
  "storeTimeout",
  "recheckInterval",
  "identityKey",
  "logger",
];
const OF_MIDDLEWARES: readonly string[] = ["touchInterval", ...FUNCTIONS];

/** @throws {@link ConnectionError} `ERR_INVALID_OPTION`, naming the option and what it takes. */
export function resolveSourceOptions(options: SourceOptions): ResolvedSourceOptions {
  const foreign = OF_MIDDLEWARES.find((name) => property(options, name) !== undefined);
  if (foreign !== undefined) {
    throw invalidOption(
      `The option "${foreign}" is for the sessions of express-session. A session source says who is signed in by what find answers: { id, user, expiresAt?, data? }.`,
    );
  }
  checkOptions("shareSession", options, OF_SOURCES);
  return commonOptions(options);
}

/** @throws {@link ConnectionError} `ERR_INVALID_OPTION`, naming the option and what it takes. */
export function resolveSessionOptions<Session extends object>(
  options: SessionOptions<Session>,
): ResolvedSessionOptions<Session> {
  checkOptions("shareSession", options, [...OF_SOURCES, ...OF_MIDDLEWARES]);
  const { isSignedIn = () => true, identify, lock = (_, run) => run() } = options;
  for (const name of FUNCTIONS) {
    if (options[name] !== undefined && typeof options[name] !== "function") {
      throw invalidOption(`The option "${name}" takes a function.`);
    }
  }
  const touchInterval = numberOption("touchInterval", options.touchInterval, NUMBERS.touchInterval);
  return { ...commonOptions(options), isSignedIn, identify, lock, touchInterval };
}

function commonOptions(options: SourceOptions): ResolvedSourceOptions {
  const { required = true, storeTimeout, recheckInterval, identityKey, logger } = options;
  if (typeof required !== "boolean") throw invalidOption('The option "required" takes true or false.');
  return {
    required,
    identityKey: identityKeyOption(identityKey),
    logger: loggerOption(logger),
    storeTimeout: numberOption("storeTimeout", storeTimeout, NUMBERS.storeTimeout),
    recheckInterval: numberOption("recheckInterval", recheckInterval, NUMBERS.recheckInterval),
  };
}
