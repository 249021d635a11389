import { createExpiry } from "../expiry.js";

/** Says when to read a session again, as it may have expired. The store decides whether it has. */
export interface SessionExpiry {
  /** What the store says of when the session ends, in epoch milliseconds; nothing where it ends with the browser. */
  setStored(at: number | undefined): void;
  /** It was touched, and ends then. Some stores keep it longer without saying so when they are asked. */
  setTouched(at: number | undefined): void;
  /** There is no other reading from now on. */
  stop(): void;
}

/** When it is read after each such time, in milliseconds: stores that count in seconds keep it up to one more. */
const AFTER = [0, 100, 1_000] as const;

export function createSessionExpiry(read: () => void): SessionExpiry {
  let stored: number | undefined;
  let touched: number | undefined;
  let readAt = Date.now();
  const alarm = createExpiry(() => {
    readAt = Date.now();
    arm();
    read();
  });
  const arm = (): void => {
    // A clock that was set back has those times before it once more.
    readAt = Math.min(readAt, Date.now());
    // Each time counts once: what the store still has then was touched elsewhere, until when only the re-check can tell.
    const times = [stored, touched]
      .flatMap((end) => (end === undefined ? [] : AFTER.map((after) => end + after)))
      .filter((at) => at > readAt);
    alarm.set(times.length === 0 ? undefined : Math.min(...times));
  };
  return {
    setStored(at) {
      stored = at;
      arm();
    },
    setTouched(at) {
      touched = at;
      arm();
    },
    stop: () => alarm.stop(),
  };
}
