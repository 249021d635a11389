import { callSafely } from "./errors.js";

/**
 * Keeps the application's functions out of the steps of the statechart: a command that one of them gives is then done
 * before it returns. They run when the step has ended, in the order of their causes, as by Socket.IO: what a command in a
 * listener causes is told before that command returns.
 */
export class Turn {
  #depth = 0;
  /** The application is being called, or a step that is none of ours may go on: what is pending comes after that. */
  #isHeld = false;
  readonly #pending: (() => void)[] = [];
  #endings = 0;

  /** Runs what makes the statechart take a step, and then calls the application. */
  step<T>(run: () => T): T {
    return this.#within(run, true);
  }

  /** Runs what the statechart orders, within a step that may be none of ours: then the application is called soon after. */
  handle<T>(run: () => T): T {
    return this.#within(run, false);
  }

  /**
   * Calls the application: now, or when the step, and the call before this one, have ended. What it throws is reported as
   * uncaught.
   */
  call(next: () => void): void {
    this.#pending.push(next);
    this.#drain();
  }

  /** Runs what may call the application and needs its answer: the calls that this causes come when it has ended. */
  hold<T>(run: () => T): T {
    if (this.#isHeld) return run();
    this.#isHeld = true;
    try {
      return run();
    } finally {
      this.#release();
    }
  }

  /** Whether a step is being taken. */
  get isInStep(): boolean {
    return this.#depth > 0;
  }

  /** Whether `call` would call at once, as nothing is before it. */
  get isIdle(): boolean {
    return this.#depth === 0 && !this.#isHeld && this.#pending.length === 0;
  }

  /** Runs what ends the connection. */
  end(run: () => void): void {
    this.call(() => {
      this.#endings += 1;
    });
    run();
    this.call(() => {
      this.#endings -= 1;
    });
  }

  /** Whether the application is told of that end: `connect()` has nothing to do then, and does not throw. */
  get isEnding(): boolean {
    return this.#endings > 0;
  }

  #within<T>(run: () => T, isOurs: boolean): T {
    this.#depth += 1;
    try {
      return run();
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0 && this.#pending.length > 0) {
        if (!isOurs) {
          this.#isHeld = true;
          queueMicrotask(() => this.#release());
        }
        this.#drain();
      }
    }
  }

  #drain(): void {
    // A command within a call ends its step there, and what it causes is told there, as Socket.IO does it.
    while (this.#depth === 0 && !this.#isHeld) {
      const next = this.#pending.shift();
      if (!next) return;
      callSafely(next);
    }
  }

  #release(): void {
    this.#isHeld = false;
    this.#drain();
  }
}

export const createTurn = (): Turn => new Turn();
