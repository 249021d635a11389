import type { TokenEvent } from "../../machines/index.js";
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

/** Runs the application's `refresh` function, one call at a time, and puts its answer in force. */
export interface Refresher {
  /** Begins a refresh; returns the function that gives it up. */
  start(report: (event: TokenEvent) => void): () => void;
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

export function createRefresher({
  refresh,
  refreshTimeout,
  source,
  vault,
  clock,
  failures,
}: Parts): Refresher {
  let underWay: Promise<void> | undefined;

  const failed = (cause: unknown): ConnectionError => {
    if (isConnectionError(cause)) return new ConnectionError(cause.code, vault.redact(cause.message));
    return new ConnectionError(
      "ERR_REFRESH_FAILED",
      "The refresh function failed. Nobody is signed out; where a fresh token is needed, it is tried again. To sign out, answer with null.",
      { cause: vault.redactError(cause) },
    );
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    const origin = source.origin();
    const token =
      checkToken(await refresh({ signal }), "The refresh function answers with its token; it") || null;
    if (signal.aborted) return;
    if (token !== null && vault.holds(token)) {
      throw new ConnectionError(
        "ERR_REFRESH_FAILED",
        "The refresh function answered with the very token it was to replace. Check that it asks the server for a new one.",
      );
    }
    await source.settle(origin, token);
    if (!signal.aborted) {
      throw new ConnectionError(
        "ERR_REFRESH_FAILED",
        "The storage changed while the token was being refreshed.",
      );
    }
  };

  return {
    start(report) {
      const controller = new AbortController();
      const begun = vault.epoch;
      let timer: unknown;
      const given = new Promise<never>((_, reject) => {
        const { signal } = controller;
        signal.addEventListener("abort", () => reject(signal.reason));
        timer = clock.setTimeout(() => {
          reject(
            new ConnectionError(
              "ERR_REFRESH_TIMEOUT",
              `The refresh function did not answer within ${refreshTimeout} ms. Nobody is signed out; where a fresh token is needed, it is tried again.`,
            ),
          );
          controller.abort();
        }, refreshTimeout);
      });
      const flight = Promise.race([run(controller.signal), given]).finally(() => clock.clearTimeout(timer));
      let isGivenUp = false;
      const outcome = flight.catch((cause: unknown) => {
        if (!isGivenUp) {
          const error = failed(cause);
          report({ type: "token.refreshFailed", code: failures.note(error) });
          throw error;
        }
        if (!vault.hasToken) {
          throw new ConnectionError(
            "ERR_LOGGED_OUT",
            "The user signed out while the token was being refreshed.",
          );
        }
        // Something newer than the refresh is in force, which is as good; else it was given up for nothing.
        if (vault.epoch === begun) {
          throw new ConnectionError(
            "ERR_NOT_REFRESHED",
            "The refresh was given up, because the connection was stopped.",
          );
        }
      });
      // Its failure is an event of the statechart; nobody has to wait for it.
      outcome.catch(() => {});
      underWay = outcome;
      return () => {
        isGivenUp = true;
        underWay = undefined;
        clock.clearTimeout(timer);
        controller.abort();
      };
    },
    outcome: () =>
      underWay ??
      Promise.reject(
        new ConnectionError(
          "ERR_NOT_REFRESHED",
          "refresh() does nothing here: it needs a token, and a connection that was started.",
        ),
      ),
  };
}
