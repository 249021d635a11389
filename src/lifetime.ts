import type { ConnectionActor } from "./connection-logic.js";
import { callSafely, disposed } from "./errors.js";
import type { Turn } from "./turn.js";

/**
 * From the start of an actor to its end. Bindings of UI frameworks stop an actor in such a way that the same one can be
 * started again: within the same task, as StrictMode does it, or much later, as an Activity does. Until then it is
 * suspended. An actor that was stopped by itself is over.
 */
export class Lifetime {
  readonly #actor: ConnectionActor;
  readonly #turn: Turn;
  readonly #onRest: (isOver: boolean) => void;
  readonly #running = new Set<() => void>();
  #phase: "new" | "started" | "suspended" | "over" | "disposed" = "new";
  /** What was reported while the parts start. */
  #early: (() => void)[] | undefined;

  /** @param onRest - Everything was stopped, and `isOver` for good. */
  constructor(actor: ConnectionActor, turn: Turn, onRest: (isOver: boolean) => void) {
    this.#actor = actor;
    this.#turn = turn;
    this.#onRest = onRest;
  }

  start(startChildren: () => void): void {
    if (this.#phase === "disposed") throw disposed();
    const isFirst = this.#phase === "new";
    this.#phase = "started";
    const early: (() => void)[] = [];
    this.#early = early;
    // What it does at its start may throw.
    queueMicrotask(() => {
      if (this.#actor.getSnapshot().status === "error") this.end();
    });
    try {
      this.#turn.handle(startChildren);
    } finally {
      this.#early = undefined;
      if (!isFirst) this.#actor.send({ type: "links.lost" });
      for (const tell of early) tell();
    }
  }

  /** A part has started; answers with its clean-up, which runs once. */
  add(stop: () => void): () => void {
    const stopOnce = (): void => {
      if (!this.#running.delete(stopOnce)) return;
      this.#turn.handle(() => callSafely(stop));
      if (!this.isRunning) queueMicrotask(() => this.#settle());
    };
    this.#running.add(stopOnce);
    return stopOnce;
  }

  /** Reports to the statechart, once all parts have started. */
  report(tell: () => void): void {
    if (this.#early) this.#early.push(tell);
    else tell();
  }

  /** Ends what still runs, for good. `isFinal`: a start after that is refused. */
  end(isFinal = false): void {
    const wasOver = this.isOver;
    if (isFinal) this.#phase = "disposed";
    if (wasOver) return;
    if (!isFinal) this.#phase = "over";
    this.#turn.handle(() =>
      this.#turn.end(() => {
        this.#onRest(true);
        for (const stop of [...this.#running]) stop();
      }),
    );
  }

  /** Whether any part runs. */
  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  /** Whether none runs any more. */
  get isStopped(): boolean {
    return this.#phase !== "new" && !this.isRunning;
  }

  /** Whether it is over, or may be started again: what is emitted until then is dropped. */
  get isResting(): boolean {
    return this.#phase === "suspended" || this.isOver;
  }

  /** Whether it has ended for good. */
  get isOver(): boolean {
    return this.#phase === "over" || this.#phase === "disposed";
  }

  /** All parts have stopped. A binding that starts them again at once does so before anything else runs. */
  #settle(): void {
    if (this.isRunning || this.isOver) return;
    if (this.#actor.getSnapshot().status !== "active") {
      this.end();
      return;
    }
    this.#phase = "suspended";
    this.#turn.handle(() => this.#onRest(false));
  }
}
