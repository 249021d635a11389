import type { RefresherCommand, TokenEvent } from "../../machines/index.js";
import type { Clock } from "../clock.js";
import { ConnectionError, isConnectionError } from "../errors.js";
import type { Failures } from "../failures.js";
import { checkToken } from "./check-token.js";
import type { TokenSource } from "./token-source.js";
import type { Vault } from "./vault.js";

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
  start(report: (event: TokenEvent) => void): () => void;
  obey(command: RefresherCommand): void;
  /** How the refresh that is under way ends; rejects at once when none is. */
  outcome(): Promise<void>;
}

interface Parts {
  refresh: Refresh;
  refreshTimeout: number;
  source: TokenSource;
  vault: Vault;
  clock: Clock;
  failures: Failures;
}

/** One refresh, from the wait for its turn to its answer. */
interface Flight {
  /** The epoch that it is to replace. */
  epoch: number;
  controller: AbortController;
  outcome: Promise<void>;
}

export function createRefresher({
  refresh,
  refreshTimeout,
  source,
  vault,
  clock,
  failures,
}: Parts): Refresher {
  let report: (event: TokenEvent) => void = () => {};
  let flight: Flight | undefined;

  /** The application's answer, within the limit and for as long as it is wanted. */
  const ask = (controller: AbortController): Promise<string | null> =>
    new Promise<string | null>((resolve, reject) => {
      const { signal } = controller;
      // Given up while the storage was read.
      signal.throwIfAborted();
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
        reject(signal.reason);
      });
      const answered = (async () => refresh({ signal }))();
      answered
        .finally(() => clock.clearTimeout(timer))
        .then((answer) => resolve(check(answer)))
        .catch(reject);
    });

  const check = (answer: unknown): string | null => {
    const token = checkToken(answer, "The refresh function answers with its token; it") || null;
    if (token === null || !vault.holds(token)) return token;
    throw new ConnectionError(
      "ERR_REFRESH_FAILED",
      "The refresh function answered with the very token it was to replace. Check that it asks the server for a new one.",
    );
  };

  const failed = (cause: unknown): ConnectionError => {
    if (isConnectionError(cause)) return new ConnectionError(cause.code, vault.redact(cause.message));
    return new ConnectionError(
      "ERR_REFRESH_FAILED",
      "The refresh function failed. Nobody is signed out; where a fresh token is needed, it is tried again. To sign out, answer with null.",
      { cause: vault.redactError(cause) },
    );
  };

  const run = async (controller: AbortController, epoch: number): Promise<void> => {
    let error: ConnectionError | undefined;
    try {
      await source.renew(() => ask(controller), controller.signal);
      error = new ConnectionError(
        "ERR_REFRESH_FAILED",
        "The storage changed while the token was being refreshed.",
      );
    } catch (cause) {
      error = failed(cause);
    }
    if (!vault.hasToken) {
      throw new ConnectionError("ERR_LOGGED_OUT", "The user signed out while the token was being refreshed.");
    }
    // Whatever came of it, something newer is in force.
    if (vault.epoch !== epoch) return;
    report({ type: "token.refreshFailed", code: failures.note(error) });
    throw error;
  };

  const begin = (): void => {
    const controller = new AbortController();
    const { epoch } = vault;
    const begun: Flight = {
      epoch,
      controller,
      outcome: run(controller, epoch).finally(() => {
        if (flight === begun) flight = undefined;
      }),
    };
    // Its failure is an event of the statechart; nobody has to wait for it.
    begun.outcome.catch(() => {});
    flight = begun;
  };

  const giveUp = (): void => {
    const given = flight;
    flight = undefined;
    given?.controller.abort(
      new ConnectionError("ERR_NOT_REFRESHED", "The refresh was given up, because the connection has ended."),
    );
  };

  return {
    start(listener) {
      report = listener;
      return () => {
        report = () => {};
        giveUp();
      };
    },
    obey(command) {
      // What was to replace another token than the one in force helps nobody any more.
      if (command.type === "abandon" || flight?.epoch !== vault.epoch) giveUp();
      if (command.type === "refresh" && !flight) begin();
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
