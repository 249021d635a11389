import { callSafely, disposed } from "./errors.js";
import type { Turn } from "./turn.js";

/**
 * From the start of an actor to its end. Bindings of UI frameworks stop an actor in such a way that the same one can be
 * started again: within the same task, as StrictMode does it, or much later, as an Activity does. Until then it is
 * suspended. An actor that was stopped by itself is over.
 */
export interface Lifetime {
  start(actor: StartingActor): void;
  /** A part has started; answers with its clean-up, which runs once. */
  add(stop: () => void): () => void;
  /** Reports to the statechart, once all parts have started. */
  report(tell: () => void): void;
  /** Ends what still runs, for good. `isFinal`: a start after that is refused. */
  end(isFinal?: boolean): void;
  /** Whether any part runs. */
  readonly isRunning: boolean;
  /** Whether none runs any more. */
  readonly isStopped: boolean;
  /** Whether it may be started again: what is emitted until then is dropped. */
  readonly isSuspended: boolean;
  /** Whether it has ended for good. */
  readonly isOver: boolean;
}

/** The actor of a connection, as it starts. */
interface StartingActor {
  startChildren(): void;
  /** It was started before. Comes after all parts have started, and before what they have reported meanwhile. */
  onRestarted(): void;
  /** Whether it cannot be started again. */
  isStopped(): boolean;
}

interface Events {
  onFirstStart(): void;
  onSuspended(): void;
  onEnd(): void;
}

export function createLifetime(turn: Turn, events: Events): Lifetime {
  const running = new Set<() => void>();
  let hasStarted = false;
  let isSuspended = false;
  let isOver = false;
  let isEndFinal = false;
  let isOverNow = (): boolean => false;
  /** What was reported while the parts start. */
  let early: (() => void)[] | undefined;

  const end = (isFinal = false): void => {
    isEndFinal ||= isFinal;
    if (isOver) return;
    isOver = true;
    turn.obey(() =>
      turn.end(() => {
        events.onEnd();
        for (const stop of [...running]) stop();
      }),
    );
  };
  /** All parts have stopped. A binding that starts them again at once does so before anything else runs. */
  const settle = (): void => {
    if (running.size > 0 || isOver) return;
    if (isOverNow()) end();
    else {
      isSuspended = true;
      turn.obey(events.onSuspended);
    }
  };

  return {
    start(actor) {
      if (isEndFinal) throw disposed();
      const isFirst = !hasStarted;
      hasStarted = true;
      isOver = isSuspended = false;
      isOverNow = actor.isStopped;
      early = [];
      if (isFirst) events.onFirstStart();
      try {
        turn.obey(actor.startChildren);
      } finally {
        const due = early;
        early = undefined;
        if (!isFirst) actor.onRestarted();
        for (const tell of due) tell();
      }
    },
    add(stop) {
      const stopOnce = (): void => {
        if (!running.delete(stopOnce)) return;
        turn.obey(() => callSafely(stop));
        if (running.size === 0) queueMicrotask(settle);
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
    get isStopped() {
      return hasStarted && running.size === 0;
    },
    get isSuspended() {
      return isSuspended;
    },
    get isOver() {
      return isOver;
    },
  };
}
