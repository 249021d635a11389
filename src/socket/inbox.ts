import { MOST_HELD, sizeOf } from "../io/held.js";

/** Something that came in: an acknowledgement, or an event. */
export interface Incoming {
  isAck: boolean;
  values: readonly unknown[];
  /** What it takes, where it has to wait. */
  size?: number;
  deliver(): void;
}

/**
 * What came in of one namespace and was not delivered yet, in order. It never decides whether to deliver: it asks
 * before each, as a listener may change everything.
 */
export class Inbox {
  #due: Incoming[] = [];
  /** What all that waits takes together. */
  #size = 0;

  add(due: Incoming): void {
    this.#due.push(due);
  }

  /** What was added last waits, where it is still here. Answers whether there is room for it. */
  hasRoom(): boolean {
    const last = this.#due.at(-1);
    if (last && last.size === undefined) {
      last.size = sizeOf(last.values);
      this.#size += last.size;
    }
    return this.#size <= MOST_HELD;
  }

  /** Delivers for as long as it may. */
  drain(mayDeliver: () => boolean): void {
    while (this.#due.length > 0 && mayDeliver()) {
      const due = this.#due.shift();
      if (!due) return;
      this.#size -= due.size ?? 0;
      due.deliver();
    }
  }

  /** Another link brings the events too: of this one only acknowledgements count. */
  dropEvents(): void {
    const kept = this.#due.filter(({ isAck }) => isAck);
    this.clear();
    this.#due = kept;
    for (const { size = 0 } of kept) this.#size += size;
  }

  clear(): void {
    this.#due = [];
    this.#size = 0;
  }
}
