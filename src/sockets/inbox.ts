import { MOST_HELD, sizeOf } from "../value.js";
import { Line } from "./line.js";

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
  readonly #line = new Line<Incoming>();
  #place = 0;
  /** What all that waits takes together. */
  #size = 0;

  add(due: Incoming): void {
    this.#place += 1;
    this.#line.add(this.#place, due);
  }

  /** What was added last waits, where it is still here. Answers whether there is room for it. */
  hasRoom(): boolean {
    const last = this.#line.get(this.#place);
    if (last && last.size === undefined) {
      last.size = sizeOf(last.values);
      this.#size += last.size;
    }
    return this.#size <= MOST_HELD;
  }

  /** Delivers for as long as it may. */
  drain(mayDeliver: () => boolean): void {
    while (this.#line.size > 0 && mayDeliver()) {
      const { first } = this.#line;
      const due = this.#line.get(first);
      this.#line.delete(first);
      this.#size -= due?.size ?? 0;
      due?.deliver();
    }
  }

  /** Another link brings the events too: of this one only acknowledgements count. */
  dropEvents(): void {
    this.#drop(({ isAck }) => !isAck);
  }

  clear(): void {
    this.#drop(() => true);
  }

  #drop(fits: (due: Incoming) => boolean): void {
    for (const { size = 0 } of this.#line.takeAll(fits)) this.#size -= size;
  }
}
