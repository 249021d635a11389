/** How often an alarm looks at the clock, which may jump: timers go by another one, and stand still in a sleep. */
const LOOK_EVERY = 60_000;

/** One alarm that can be moved. */
export interface Alarm {
  /** Sets the alarm to a time in epoch milliseconds, in place of the one before; without a time there is none. */
  set(at: number | undefined): void;
  /** Takes the alarm back, for good. */
  stop(): void;
}

export function createAlarm(onTime: () => void): Alarm {
  return new MovableAlarm(onTime);
}

/** A class, as each connection has one: closures would take more memory. */
class MovableAlarm implements Alarm {
  readonly #onTime: () => void;
  #at = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  constructor(onTime: () => void) {
    this.#onTime = onTime;
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
    else this.#onTime();
  }
}

function wake(alarm: MovableAlarm): void {
  alarm.wake();
}

/**
 * Does something again and again. The first time is at random within the interval, so that what began together, as after
 * a restart, is not done together ever after.
 *
 * @returns What ends it.
 */
export function repeat(interval: number, work: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const arm = (delay: number): void => {
    timer = setTimeout(() => {
      arm(interval);
      work();
    }, delay);
  };
  arm(Math.random() * interval);
  return () => clearTimeout(timer);
}

/** What work is done for, and what to reject with when that has ended. */
interface Purpose {
  readonly ended: { readonly aborted: boolean; subscribe(listener: () => void): () => void };
  readonly error: () => Error;
}

/**
 * Settles as `work` does, or rejects when the time is up, or when what it is done for has ended; what comes later is not
 * heard. Leaves no timer.
 */
export function withinTime<T>(
  work: () => T | Promise<T>,
  milliseconds: number,
  onTime: () => Error,
  purpose?: Purpose,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (purpose?.ended.aborted) throw purpose.error();
    const fail = (error: unknown): void => {
      stop();
      reject(error);
    };
    const timer = setTimeout(() => fail(onTime()), milliseconds);
    const unsubscribe = purpose?.ended.subscribe(() => fail(purpose.error()));
    const stop = (): void => {
      clearTimeout(timer);
      unsubscribe?.();
    };
    try {
      Promise.resolve(work()).then((value) => {
        stop();
        resolve(value);
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}

/**
 * Merges calls of one piece of work: one run is under way, and one more waits for it, however many ask. A call never
 * gets the result of a run that had begun before it, which may have missed the newest.
 */
export function oneAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const start = (): Promise<T> => {
    next = undefined;
    running = work().finally(() => {
      running = undefined;
    });
    return running;
  };
  return () => {
    if (running === undefined) return start();
    next ??= running.then(start, start);
    return next;
  };
}

/** One after the other of what belongs together, at once where nothing is under way. */
export type Queue = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** @param patience - How long one may hold up the next, in milliseconds. */
export function createQueue(patience: number): Queue {
  const tails = new Map<string, Promise<void>>();
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = tails.get(key);
    const answer = before === undefined ? work() : before.then(work);
    const tail = settledWithin(answer, before, patience).then(() => {
      if (tails.get(key) === tail) tails.delete(key);
    });
    tails.set(key, tail);
    return answer;
  };
}

async function settledWithin(
  answer: Promise<unknown>,
  before: Promise<void> | undefined,
  milliseconds: number,
): Promise<void> {
  await before;
  if (milliseconds === Number.POSITIVE_INFINITY) {
    await answer.catch(() => {});
    return;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([answer.then(noop, noop), patience]);
  clearTimeout(timer);
}

function noop(): void {}

const MINUTE = 60_000;

export interface RateLimit {
  /** Takes one; answers with 0, or with the milliseconds to wait where there is none left. */
  take(): number;
}

/** So many in any sixty seconds. */
export function createRateLimit(perMinute: number, now: () => number = Date.now): RateLimit {
  let taken: number[] = [];
  return {
    take() {
      const time = now();
      taken = taken.filter((at) => at > time - MINUTE && at <= time);
      const [oldest = time] = taken;
      if (taken.length >= perMinute) return oldest + MINUTE - time;
      if (perMinute !== Number.POSITIVE_INFINITY) taken.push(time);
      return 0;
    },
  };
}
