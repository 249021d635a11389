import { LONGEST_DELAY } from "../../clock.js";
import { invalidOption } from "../../errors.js";
import type { Log } from "../../logger.js";
import { isFunction } from "../../value.js";
import { numberOption } from "../option.js";
import { describeThrown } from "../thrown.js";
import { withinTime } from "../timing.js";
import { TokenError } from "../token-error.js";
import { readStored, runMiddleware, type SessionMiddleware, type SessionStore } from "./express-session.js";

/** What is used of a response: Node's own over HTTP/1 and HTTP/2 fit, and those of Express. */
export interface DeadlineResponse {
  readonly headersSent: boolean;
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

/** A middleware of Express, of Connect and of the like. */
export type DeadlineMiddleware = (
  request: object,
  response: DeadlineResponse,
  next: (error?: unknown) => void,
) => void;

/** What a client is told to wait, in seconds. */
const RETRY_AFTER = 5;

/**
 * Answers a request over HTTP with the status 503 and `Retry-After`, instead of leaving it to hang, when the session
 * store does not answer in time.
 *
 * It is about reading a session: express-session writes one when the response ends, and a store that hangs only then
 * holds up the end of it. A store that fails is reported to `next`, as without this.
 *
 * @param session - What `session({ ... })` of express-session has answered. Give `shareSession` that one too, and not
 * what is returned here.
 * @param ms - How long it may take, in milliseconds. From 1 to 2,147,483,647.
 * @returns A middleware, to be used in place of the session's own.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`
 * @example
 * ```ts
 * import express from "express";
 * import expressSession from "express-session";
 * import { sessionDeadline } from "socket-rotor/server";
 *
 * const session = expressSession({ secret: "change me", resave: false, saveUninitialized: false });
 * express().use(sessionDeadline(session, 1_500));
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function sessionDeadline(session: SessionMiddleware, ms: number): DeadlineMiddleware {
  if (!isFunction(session)) {
    throw invalidOption(
      "sessionDeadline takes the session middleware: what session({ ... }) of express-session has answered.",
    );
  }
  const deadline = numberOption("ms", ms ?? Number.NaN, [0, 1, LONGEST_DELAY]);
  return (request, response, next) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      if (response.headersSent) return;
      // Else express-session takes the session for one that was unset, and with `unset: "destroy"` destroys it.
      Reflect.deleteProperty(request, "sessionID");
      const { data } = new TokenError("temporarily_unavailable", "The session store does not answer.");
      const headers = { "Content-Type": "application/json", "Retry-After": String(RETRY_AFTER) };
      response.writeHead(503, headers);
      response.end(JSON.stringify(data));
    }, deadline);
    runMiddleware(session, request, response, (error) => {
      clearTimeout(timer);
      // The request was answered, and nobody is to go on with it.
      if (isLate) Reflect.deleteProperty(request, "session");
      else next(error);
    });
  };
}

/**
 * Asks a session store, or a session source, within a limit of time.
 *
 * @throws {@link TokenError} `temporarily_unavailable` where it fails or takes too long. Other {@link TokenError}s pass.
 */
export type WithinDeadline = <T>(work: () => T | Promise<T>) => Promise<T>;

/** An outage is told at most so often, in milliseconds: some sources fail on what a client has sent. */
const TOLD_EVERY = 60_000;

/** One for all: the stack of an error takes more CPU than the question. */
const LATE = new Error();

/** @param what - What is asked, as a line of the log names it. */
export function createDeadline(what: string, storeTimeout: number, log: Log): WithinDeadline {
  let isTold = false;
  let toldAt = Number.NEGATIVE_INFINITY;
  const tell = (why: string): void => {
    const now = Date.now();
    if (isTold || (now >= toldAt && now - toldAt < TOLD_EVERY)) return;
    isTold = true;
    toldAt = now;
    log.warn(
      `shareSession: ${what} fails ${why}. Open connections stay, and nobody is signed out; new connections are told temporarily_unavailable until it answers again.`,
    );
  };
  const onAnswer = <T>(answer: T): T => {
    if (isTold) log.info(`shareSession: ${what} answers again.`);
    isTold = false;
    return answer;
  };
  const onFailure = (error: unknown): never => {
    if (error instanceof TokenError) throw error;
    const refusal = new TokenError("temporarily_unavailable", "The session cannot be checked now.");
    const { kind, details } = describeThrown(error);
    tell(error === LATE ? "to answer in time" : `with ${kind}${details}`);
    throw refusal;
  };
  return (work) => withinTime(work, storeTimeout, () => LATE).then(onAnswer, onFailure);
}

/** A store with a deadline, whose failures are told apart from sessions that there are not. */
export interface SessionReader {
  /**
   * What is stored of a session, or nothing.
   * @throws {@link TokenError} `temporarily_unavailable`
   */
  read(id: string): Promise<object | undefined>;
  /** The same for anything else that the store is asked. */
  readonly within: WithinDeadline;
}

export function createReader(store: SessionStore, within: WithinDeadline): SessionReader {
  return { within, read: (id) => within(() => readStored(store, id)) };
}
