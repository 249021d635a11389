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
  #due: Incoming[] = [];

  add(due: Incoming): void {
    this.#due.push(due);
  }

  /** Delivers for as long as it may. */
  drain(mayDeliver: () => boolean): void {
    while (this.#due.length > 0 && mayDeliver()) this.#due.shift()?.deliver();
  }

  /** Another link brings the events too: of this one only acknowledgements count. */
  dropEvents(): void {
    this.#due = this.#due.filter(({ isAck }) => isAck);
  }

  clear(): void {
    this.#due = [];
  }
}
