import type { RefresherCommand, RefresherEvent } from "../../machines/index.js";
import type { Clock } from "../clock.js";
import { ConnectionError, isConnectionError, reasonOf, throwIfAborted } from "../errors.js";
import type { Failures } from "../redaction/failures.js";
import type { Turn } from "../turn.js";
import type { Expiry } from "./expiry.js";
import { isSame, type Owner } from "./owners.js";
import type { TokenSource } from "./token-source.js";
import type { TokenStore } from "./token-store.js";
import { checkToken, readToken } from "./token-text.js";

/**
 * Asks the authorization server for another access token.
 *
 * It answers with the token; with `null` when the user has to sign in again, which signs out; or it throws when
 * it could not find out, which is tried again. `signal` aborts when the answer is no longer wanted.
 */
export type Refresh = (request: { signal: AbortSignal }) => Promise<string | null>;

/**
 * Runs the application's `refresh` function, one call at a time. A call that was made runs to its end whatever the
 * link does meanwhile, because a refresh token that may be used once is used up by it. It is given up only when its
 * answer could not count any more: after a sign-out, or when a newer token is to be refreshed in its place.
 */
export interface Refresher {
  /** Begins to report; returns the function that gives up what is under way. */
  start(report: (event: RefresherEvent) => void): () => void;
  handle(command: RefresherCommand): void;
  readonly isUnderWay: boolean;
  /** How the refresh that is under way ends; rejects at once when none is. */
  outcome(): Promise<void>;
}

interface Parts {
  refresh: Refresh;
  expiry: Pick<Expiry, "watch" | "expect">;
  /** How long to wait after so many failures in a row, in milliseconds. */
  delay(attempt: number): number;
  refreshTimeout: number;
  source: TokenSource;
  tokenStore: TokenStore;
  clock: Clock;
  failures: Failures;
  turn: Pick<Turn, "call">;
}

/** One refresh, from the wait for its turn to its answer. */
interface Flight {
  /** The version that it is to replace, and whose it is. */
  version: number;
  owner: Owner;
  controller: AbortController;
  outcome: Promise<void>;
}

export function createRefresher({
  refresh,
  expiry,
  delay,
  refreshTimeout,
  source,
  tokenStore,
  clock,
  failures,
  turn,
}: Parts): Refresher {
  let report: (event: RefresherEvent) => void = () => {};
  /** Ends the watch of the token's expiry. */
  let unwatch = (): void => {};
  let flight: Flight | undefined;
  /** The flight whose call is under way, also when it helps nobody any more. */
  let asking: Flight | undefined;
  /** What the application's function has thrown, which may say anything. */
  const thrown = new WeakSet<object>();

  /** The application's answer, within the limit and for as long as it is wanted. */
  const ask = (controller: AbortController): Promise<string | null> =>
    new Promise<string | null>((resolve, reject) => {
      const { signal } = controller;
      // Given up while the storage was read.
      throwIfAborted(signal);
      const timer = clock.setTimeout(() => {
        reject(
          new ConnectionError(
            "ERR_REFRESH_TIMEOUT",
            `The refresh function did not answer within ${refreshTimeout} ms. Nobody is signed out; where a fresh token is needed, it is tried again.`,
          ),
        );
        controller.abort();
      }, refreshTimeout);
      signal.addEventListener("abort", () => {
        clock.clearTimeout(timer);
        reject(reasonOf(signal));
      });
      const answered = (async () => refresh({ signal }))().catch((cause: unknown) => {
        if (typeof cause === "object" && cause !== null) thrown.add(cause);
        throw cause;
      });
      answered
        .finally(() => clock.clearTimeout(timer))
        .then((answer) => resolve(check(answer)))
        .catch(reject);
    });

  const check = (answer: unknown): string | null => {
    const token = checkToken(answer, "The refresh function answers with its token; it");
    if (token === "") {
      throw new ConnectionError(
        "ERR_INVALID_TOKEN",
        "The refresh function answered with an empty string, which is no token. Nobody is signed out by it; to sign out, answer with null.",
      );
    }
    if (token === null) return token;
    if (!tokenStore.holds(token)) {
      expiry.expect(readToken(token).expiresAt);
      return token;
    }
    throw new ConnectionError(
      "ERR_REFRESH_FAILED",
      "The refresh function answered with the very token it was to replace. Check that it asks the server for a new one.",
    );
  };

  const failed = (cause: unknown): ConnectionError => {
    if (isConnectionError(cause)) {
      const behind = cause.cause === undefined ? {} : { cause: tokenStore.maskError(cause.cause) };
      return new ConnectionError(cause.code, tokenStore.mask(cause.message), behind);
    }
    return new ConnectionError(
      "ERR_REFRESH_FAILED",
      "The refresh function failed. Nobody is signed out; where a fresh token is needed, it is tried again. To sign out, answer with null.",
      { cause: tokenStore.maskError(cause) },
    );
  };

  const run = async (begun: Flight): Promise<void> => {
    let error: ConnectionError;
    let isOurs = true;
    const { controller, version } = begun;
    try {
      // The call before this one may bring the cookie that this one has to present.
      if (asking) await asking.outcome.catch(() => {});
      throwIfAborted(controller.signal);
      const call = (): Promise<string | null> => {
        asking = begun;
        return ask(controller);
      };
      await source.renew(call, controller.signal);
      error = new ConnectionError(
        "ERR_REFRESH_FAILED",
        "The storage changed while the token was being refreshed.",
      );
    } catch (cause) {
      error = failed(cause);
      isOurs = !(isConnectionError(cause) && thrown.has(cause));
    }
    if (asking === begun) asking = undefined;
    if (flight === begun) flight = undefined;
    if (!tokenStore.hasToken) {
      throw new ConnectionError(
        "ERR_LOGGED_OUT",
        "Nobody is signed in any more: the refresh function answered with null, or the user signed out meanwhile.",
      );
    }
    // Whatever came of it, something newer is current.
    if (tokenStore.version !== version) return;
    report({ type: "token.refreshFailed", code: failures.note(error, isOurs) });
    throw error;
  };

  const begin = (): void => {
    const { version, owners } = tokenStore;
    const owner = owners.ofToken;
    const begun: Flight = { version, owner, controller: new AbortController(), outcome: Promise.resolve() };
    flight = begun;
    begun.outcome = run(begun);
    // Its failure is an event of the statechart; nobody has to wait for it.
    begun.outcome.catch(() => {});
  };

  /** The application may listen to the signal. */
  const abort = (given: Flight | undefined): void =>
    turn.call(() =>
      given?.controller.abort(
        new ConnectionError(
          "ERR_NOT_REFRESHED",
          "The refresh was given up, because the connection has ended.",
        ),
      ),
    );

  return {
    start(listener) {
      report = listener;
      return () => {
        report = () => {};
        unwatch();
        abort(flight);
        abort(asking);
        flight = undefined;
      };
    },
    handle(command) {
      if (command.type === "watch" || command.type === "unwatch") {
        unwatch();
        unwatch =
          command.type === "watch"
            ? expiry.watch(
                () => report({ type: "token.due" }),
                command.attempt === 0 ? 0 : delay(command.attempt),
              )
            : () => {};
        return;
      }
      const isAbandoned = command.type === "abandon";
      // What was to replace another token than the current one helps nobody any more.
      const isStale = (given: Flight): boolean => isAbandoned || given.version !== tokenStore.version;
      // A call of the same user still runs to its end: its answer brings the next refresh token.
      if (asking && isStale(asking) && (isAbandoned || !isSame(asking.owner, tokenStore.owners.ofToken)))
        abort(asking);
      if (flight && isStale(flight)) {
        if (flight !== asking) abort(flight);
        flight = undefined;
      }
      if (command.type === "refresh" && !flight) begin();
    },
    get isUnderWay() {
      return flight !== undefined;
    },
    outcome: () =>
      flight?.outcome ??
      Promise.reject(
        new ConnectionError(
          "ERR_NOT_REFRESHED",
          "refresh() does nothing here: it needs a token, and a connection that was started.",
        ),
      ),
  };
}
