import type { Refresh, StorageAdapter } from "socket-rotor";
import type { TokenEvent } from "socket-rotor/machines";
import { createRefresher } from "../../src/storage/refresher.js";
import { promisesSettled } from "../manual-clock.js";
import { type Desk, desk } from "./desk.js";

export const REFRESH_TIMEOUT = 10_000;

/** A refresher at a desk. As the statechart does, it gives the refresh up when a token changes or is removed. */
export function refreshDesk(adapter: StorageAdapter, refresh: Refresh) {
  const at = desk(adapter);
  const { source, vault, clock, failures } = at;
  const refresher = createRefresher({
    refresh,
    refreshTimeout: REFRESH_TIMEOUT,
    source,
    vault,
    clock,
    failures,
  });
  const failed: TokenEvent[] = [];
  const begin = (): { outcome: Promise<void>; giveUp: () => void } => {
    const seen = at.events.length;
    const giveUp = refresher.start((event) => failed.push(event));
    const outcome = refresher.outcome();
    outcome.catch(() => {});
    const watch = at.events.push.bind(at.events);
    at.events.push = (...events) => {
      const length = watch(...events);
      if (
        at.events.length > seen &&
        events.some(({ type }) => type === "token.changed" || type === "token.removed")
      )
        giveUp();
      return length;
    };
    return { outcome, giveUp };
  };
  return { ...at, at, refresher, begin, failed };
}

/** Reads the first token. */
export async function signedIn(at: Desk, storage?: { answerRead(): void }): Promise<void> {
  at.source.read();
  storage?.answerRead();
  await promisesSettled();
}
