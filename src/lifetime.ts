import { callSafely, disposed } from "./errors.js";
import type { Turn } from "./turn.js";

/**
 * From the start of an actor to its end. Bindings of UI frameworks stop an actor and start the same one again, within one
 * task or much later; what lasts only until then is no end.
 */
export interface Lifetime {
  /**
   * The actor starts: `startChildren` starts the parts, and `onRestarted` is called unless it is the first time. What the
   * parts report meanwhile comes after that, when all of them can hear what follows from it.
   */
  start(startChildren: () => void, onRestarted: () => void): void;
  /** A part has started; answers with its clean-up, which runs once. */
  add(stop: () => void): () => void;
  /** Reports to the statechart, once all parts have started. */
  report(tell: () => void): void;
  /** Ends what still runs. `isFinal`: a start after that is refused. */
  end(isFinal?: boolean): void;
  /** Whether any part runs. */
  readonly isRunning: boolean;
  /** Whether it has ended: it was stopped, and not started again in the same task. */
  readonly isOver: boolean;
}

interface Events {
  onFirstStart(): void;
  onEnd(): void;
}

export function createLifetime(turn: Turn, { onFirstStart, onEnd }: Events): Lifetime {
  const running = new Set<() => void>();
  let hasStarted = false;
  let isOver = false;
  let isFinal = false;
  /** What was reported while the parts start. */
  let early: (() => void)[] | undefined;

  const end = (isForGood = false): void => {
    isFinal ||= isForGood;
    if (isOver) return;
    isOver = true;
    turn.obey(() =>
      turn.end(() => {
        onEnd();
        for (const stop of [...running]) stop();
      }),
    );
  };

  return {
    start(startChildren, onRestarted) {
      if (isFinal) throw disposed();
      const isFirst = !hasStarted;
      hasStarted = true;
      isOver = false;
      early = [];
      if (isFirst) onFirstStart();
      try {
        turn.obey(startChildren);
      } finally {
        const due = early;
        early = undefined;
        if (!isFirst) onRestarted();
        for (const tell of due) tell();
      }
    },
    add(stop) {
      const stopOnce = (): void => {
        if (!running.delete(stopOnce)) return;
        turn.obey(() => callSafely(stop));
        // A binding that starts it again does so before anything else runs.
        if (running.size === 0)
          queueMicrotask(() => {
            if (running.size === 0) end();
          });
      };
      running.add(stopOnce);
      return stopOnce;
    },
    report(tell) {
      if (early) early.push(tell);
      else tell();
    },
    end,
    get isRunning() {
      return running.size > 0;
    },
    get isOver() {
      return isOver;
    },
  };
}
