import { Line } from "./line.js";

/** Something that came in: an acknowledgement, or an event. */
export interface Incoming {
  isAck: boolean;
  deliver(): void;
}

/**
 * What came in of one namespace and was not delivered yet, in order. It never decides whether to deliver: it asks
 * before each, as a listener may change everything.
 */
export class Inbox {
  readonly #line = new Line<Incoming>();
  #place = 0;

  add(due: Incoming): void {
    this.#place += 1;
    this.#line.add(this.#place, due);
  }

  /** Delivers for as long as it may. */
  drain(mayDeliver: () => boolean): void {
    while (this.#line.size > 0 && mayDeliver()) {
      const { first } = this.#line;
      const due = this.#line.get(first);
      this.#line.delete(first);
      due?.deliver();
    }
  }

  /** Another link brings the events too: of this one only acknowledgements count. */
  dropEvents(): void {
    this.#line.takeAll(({ isAck }) => !isAck);
  }

  clear(): void {
    this.#line.takeAll(() => true);
  }
}
