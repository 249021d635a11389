import type { StorageAdapter } from "socket-rotor";
import type { StorageEvent } from "socket-rotor/machines";
import { createExpiry, type Expiry } from "../../../src/credential/expiry.js";
import { createTokenSource, type TokenSource } from "../../../src/credential/token-source.js";
import { createTokenStore, type TokenStore } from "../../../src/credential/token-store.js";
import type { Lock } from "../../../src/environment/tab-lock.js";
import { createLog } from "../../../src/logger.js";
import { createFailures, type Failures } from "../../../src/redaction/failures.js";
import { type ManualClock, manualClock } from "../../support/manual-clock.js";
import { recordingLogger } from "../../support/recording-logger.js";

/** A lock for the tabs of one process: one at a time, in order; a signal ends the wait, and not the work. */
export function sharedLock(): Lock {
  let last: Promise<unknown> = Promise.resolve();
  let asked = 0;
  return ({ signal }, work) => {
    const wasFree = asked === 0;
    asked += 1;
    return new Promise<void>((resolve, reject) => {
      const giveUp = (): void => reject(signal.reason);
      signal.addEventListener("abort", giveUp);
      last = last.then(async () => {
        signal.removeEventListener("abort", giveUp);
        if (signal.aborted) giveUp();
        else
          await Promise.resolve()
            .then(() => work(wasFree))
            .then(resolve, reject);
        asked -= 1;
      });
    });
  };
}

/** A token source on its own, with what it reports in plain sight. */
export interface SourceHarness {
  readonly source: TokenSource;
  readonly tokenStore: TokenStore;
  readonly expiry: Expiry;
  readonly failures: Failures;
  readonly clock: ManualClock;
  readonly events: StorageEvent[];
  readonly log: readonly string[];
  /** Ends the source. */
  stop(): void;
  /** The current token, as a link would get it. */
  token(): string | undefined;
}

interface HarnessOptions {
  clock?: ManualClock;
  lock?: Lock;
  /** As the statechart does: answer each `token.maybeChanged` with a read. */
  isFollowing?: boolean;
  identify?: (token: string) => string | undefined;
  /** Hears of every event first. */
  onEvent?: (event: StorageEvent) => void;
}

export const READ_TIMEOUT = 5_000;

export function sourceHarness(adapter: StorageAdapter, options: HarnessOptions = {}): SourceHarness {
  const { clock = manualClock(), lock = async (_, work) => work(false), isFollowing = true } = options;
  const expiry = createExpiry(clock, undefined, () => 0);
  const logger = recordingLogger();
  const log = createLog(logger);
  const tokenStore = createTokenStore(options.identify, expiry, log);
  const failures = createFailures(20_000, tokenStore);
  const source = createTokenSource({
    adapter,
    tokenStore,
    clock,
    readTimeout: READ_TIMEOUT,
    lock,
    failures,
    log,
    onDoubt: () => {},
    hold: (run) => run(),
  });
  const events: StorageEvent[] = [];
  const stop = source.start((event) => {
    events.push(event);
    options.onEvent?.(event);
    if (isFollowing && event.type === "token.maybeChanged") source.read();
  });
  return {
    source,
    tokenStore,
    expiry,
    failures,
    clock,
    events,
    log: logger.lines,
    stop,
    token: () => tokenStore.token(tokenStore.version),
  };
}

/** The types of the events, in order. */
export function types(events: readonly { type: string }[]): string[] {
  return events.map(({ type }) => type);
}
