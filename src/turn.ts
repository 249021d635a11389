import { callSafely } from "./report-error.js";

/**
 * Keeps the application's functions out of the steps of the statechart: a command that one of them gives is then obeyed
 * before it returns. They run when the step has ended, in the order of their causes.
 */
export interface Turn {
  /** Runs what makes the statechart take a step, and then calls the application. */
  step<T>(run: () => T): T;
  /** Runs what the statechart orders, within a step that may be none of ours: then the application is called soon after. */
  obey<T>(run: () => T): T;
  /** Calls the application: now, or when the step has ended. What it throws is reported as uncaught. */
  call(call: () => void): void;
  /** Whether a step is being taken. */
  readonly isInStep: boolean;
}

export function createTurn(): Turn {
  let depth = 0;
  let isDraining = false;
  let due: (() => void)[] = [];

  const drain = (): void => {
    if (depth > 0 || isDraining) return;
    isDraining = true;
    while (due.length > 0) {
      const calls = due;
      due = [];
      for (const call of calls) callSafely(call);
    }
    isDraining = false;
  };
  const within = <T>(run: () => T, then: () => void): T => {
    depth += 1;
    try {
      return run();
    } finally {
      depth -= 1;
      if (depth === 0 && due.length > 0) then();
    }
  };

  return {
    step: (run) => within(run, drain),
    obey: (run) => within(run, () => queueMicrotask(drain)),
    call(call) {
      if (depth === 0) callSafely(call);
      else due.push(call);
    },
    get isInStep() {
      return depth > 0;
    },
  };
}
