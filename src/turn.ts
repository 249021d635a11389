import { callSafely } from "./errors.js";

/**
 * Keeps the application's functions out of the steps of the statechart: a command that one of them gives is then obeyed
 * before it returns. They run when the step has ended, in the order of their causes, as by Socket.IO: what a command in a
 * listener causes is told before that command returns.
 */
export interface Turn {
  /** Runs what makes the statechart take a step, and then calls the application. */
  step<T>(run: () => T): T;
  /** Runs what the statechart orders, within a step that may be none of ours: then the application is called soon after. */
  obey<T>(run: () => T): T;
  /**
   * Calls the application: now, or when the step, and the call before this one, have ended. What it throws is reported as
   * uncaught.
   */
  call(call: () => void): void;
  /** Runs what may call the application and needs its answer: the calls that this causes come when it has ended. */
  hold<T>(run: () => T): T;
  /** Whether a step is being taken. */
  readonly isInStep: boolean;
  /** Whether `call` would call at once, as nothing is before it. */
  readonly isIdle: boolean;
  /** Runs what ends the connection. */
  end(run: () => void): void;
  /** Whether the application is told of that end: `connect()` has nothing to do then, and does not throw. */
  readonly isEnding: boolean;
}

export function createTurn(): Turn {
  let depth = 0;
  /** The application is being called, or a step that is none of ours may go on: what is pending comes after that. */
  let isHeld = false;
  const pending: (() => void)[] = [];
  let endings = 0;

  const call = (next: () => void): void => {
    pending.push(next);
    drain();
  };
  const drain = (): void => {
    // A command within a call ends its step there, and what it causes is told there, as Socket.IO does it.
    while (depth === 0 && !isHeld) {
      const next = pending.shift();
      if (!next) return;
      callSafely(next);
    }
  };
  const release = (): void => {
    isHeld = false;
    drain();
  };
  const within = <T>(run: () => T, then: () => void): T => {
    depth += 1;
    try {
      return run();
    } finally {
      depth -= 1;
      if (depth === 0 && pending.length > 0) then();
    }
  };

  return {
    step: (run) => within(run, drain),
    obey: (run) =>
      within(run, () => {
        isHeld = true;
        queueMicrotask(release);
      }),
    call,
    hold(run) {
      if (isHeld) return run();
      isHeld = true;
      try {
        return run();
      } finally {
        release();
      }
    },
    get isInStep() {
      return depth > 0;
    },
    get isIdle() {
      return depth === 0 && !isHeld && pending.length === 0;
    },
    end(run) {
      call(() => {
        endings += 1;
      });
      run();
      call(() => {
        endings -= 1;
      });
    },
    get isEnding() {
      return endings > 0;
    },
  };
}
