/** What happened within a tenth of a second. */
export interface Bin {
  messages: number;
  /** The states that the connection was in, the last one last. */
  states: string[];
  /** The way of a rotation that was going on. */
  rotation: string | undefined;
}

export const BIN = 100;
export const BINS = 200;

/** The last 20 seconds in tenths of a second. Times are in milliseconds, of a clock that never goes back. */
export class Bins {
  readonly #bins = new Map<number, Bin>();
  #state = "idle";
  #rotation: string | undefined;
  #newest = 0;

  /** The bin of a time. Those since the last one, in which nothing happened, are made too. */
  at(time: number): Bin {
    const index = Math.floor(time / BIN);
    const first = Math.max(this.#newest + 1, index - BINS);
    for (let missing = first; missing <= index; missing += 1) {
      this.#bins.set(missing, { messages: 0, states: [this.#state], rotation: this.#rotation });
      this.#bins.delete(missing - BINS - 1);
    }
    this.#newest = Math.max(this.#newest, index);
    return this.#bins.get(index) ?? { messages: 0, states: [], rotation: undefined };
  }

  setState(time: number, state: string): void {
    this.#state = state;
    this.at(time).states.push(state);
  }

  /** @param way - `undefined` when it is over */
  setRotation(time: number, way: string | undefined): void {
    const bin = this.at(time);
    bin.rotation = way ?? bin.rotation;
    this.#rotation = way;
  }

  /** Newest first; the one that is not over yet is left out. */
  *past(time: number): Iterable<Bin> {
    this.at(time);
    const now = Math.floor(time / BIN);
    for (let index = now - 1; index >= now - BINS; index -= 1) {
      yield this.#bins.get(index) ?? { messages: 0, states: [], rotation: undefined };
    }
  }
}
