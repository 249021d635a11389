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
  return new SessionAlarm(read);
}

/** A class, as each session has one: closures would take more memory. */
class SessionAlarm implements SessionExpiry {
  readonly #read: () => void;
  readonly #alarm = createExpiry(() => this.#onAlarm());
  #stored: number | undefined;
  #touched: number | undefined;
  #readAt = Date.now();

  constructor(read: () => void) {
    this.#read = read;
  }

  setStored(at: number | undefined): void {
    this.#stored = at;
    this.#arm();
  }

  setTouched(at: number | undefined): void {
    this.#touched = at;
    this.#arm();
  }

  stop(): void {
    this.#alarm.stop();
  }

  #onAlarm(): void {
    this.#readAt = Date.now();
    this.#arm();
    this.#read();
  }

  #arm(): void {
    // A clock that was set back has those times before it once more.
    const readAt = Math.min(this.#readAt, Date.now());
    this.#readAt = readAt;
    // Each time counts once: what the store still has then was touched elsewhere, until when only the re-check can tell.
    const times = [this.#stored, this.#touched]
      .flatMap((end) => (end === undefined ? [] : AFTER.map((after) => end + after)))
      .filter((at) => at > readAt);
    this.#alarm.set(times.length === 0 ? undefined : Math.min(...times));
  }
}
