/** How often an alarm looks at the clock, which may jump: timers go by another one, and stand still in a sleep. */
const LOOK_EVERY = 60_000;

/** One alarm that can be moved. */
export interface Expiry {
  /** Sets the alarm to a time in epoch milliseconds, in place of the one before; without a time there is none. */
  set(at: number | undefined): void;
  /** Takes the alarm back, for good. */
  stop(): void;
}

export function createExpiry(onExpired: () => void): Expiry {
  return new Alarm(onExpired);
}

/** A class, as each connection has one: closures would take more memory. */
class Alarm implements Expiry {
  readonly #onExpired: () => void;
  #at = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  constructor(onExpired: () => void) {
    this.#onExpired = onExpired;
  }

  set(at: number | undefined): void {
    clearTimeout(this.#timer);
    if (at === undefined || this.#isStopped) return;
    this.#at = at;
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#isStopped = true;
  }

  #arm(): void {
    const delay = Math.min(LOOK_EVERY, Math.max(0, this.#at - Date.now()));
    this.#timer = setTimeout(wake, delay, this);
  }

  wake(): void {
    // A timer may be early by a fraction of a millisecond.
    if (this.#at > Date.now()) this.#arm();
    else this.#onExpired();
  }
}

function wake(alarm: Alarm): void {
  alarm.wake();
}
