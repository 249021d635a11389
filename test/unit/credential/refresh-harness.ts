import type { Refresh, StorageAdapter } from "socket-rotor";
import type { RefresherEvent } from "socket-rotor/machines";
import { createRefresher, type Refresher } from "../../../src/credential/refresher.js";
import type { Lock } from "../../../src/environment/tab-lock.js";
import { createTurn } from "../../../src/turn.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { type SourceHarness, sourceHarness } from "./source-harness.js";

export const REFRESH_TIMEOUT = 10_000;
/** How long to wait after each failure in a row, in milliseconds. */
export const RETRY_DELAY = 1_000;

interface RefreshHarness extends SourceHarness {
  readonly at: SourceHarness;
  readonly refresher: Refresher;
  /** What the refresher reported. */
  readonly failed: RefresherEvent[];
  /** Has a refresh begin, or joins the one under way; answers with how it ends. */
  begin(): Promise<void>;
  /** Ends the refresher. */
  end(): void;
}

/** A refresher with a token source. As the statechart does, it gives up what is under way when the token is removed. */
export function refreshHarness(
  adapter: StorageAdapter,
  refresh: Refresh,
  options: { lock?: Lock } = {},
): RefreshHarness {
  const at = sourceHarness(adapter, {
    ...options,
    onEvent: ({ type }) => type === "token.removed" && refresher.handle({ type: "abandon" }),
  });
  const { source, tokenStore, expiry, clock, failures } = at;
  const refresher = createRefresher({
    refresh,
    refreshTimeout: REFRESH_TIMEOUT,
    source,
    tokenStore,
    expiry,
    delay: (attempt) => attempt * RETRY_DELAY,
    clock,
    failures,
    turn: createTurn(),
  });
  const failed: RefresherEvent[] = [];
  const end = refresher.start((event) => failed.push(event));
  const begin = (): Promise<void> => {
    refresher.handle({ type: "refresh" });
    return refresher.outcome();
  };
  return { ...at, at, refresher, begin, failed, end };
}

/** Reads the first token. */
export async function signedIn(at: SourceHarness, storage?: { answerRead(): void }): Promise<void> {
  at.source.read();
  storage?.answerRead();
  await promisesSettled();
}
