import { MOST_HELD, sizeOf } from "../value.js";
import { Item, Line } from "./line.js";
import type { Common } from "./outbox.js";

/** Something that came in and has to wait. */
class Incoming extends Item<Incoming> {
  constructor(
    readonly isAck: boolean,
    readonly size: number,
    readonly deliver: () => void,
  ) {
    super();
  }
}

/** What came in of one namespace, events and acknowledgements, until it is certain whose it is. */
export class Inbox {
  readonly #common: Common;
  readonly #line = new Line<Incoming>();
  /** What all that waits takes together. */
  #size = 0;

  constructor(common: Common) {
    this.#common = common;
  }

  /** Delivers something at once, where nothing is before it, or as soon as it may. */
  receive(isAck: boolean, values: readonly unknown[], deliver: () => void): void {
    const { turn, onOverflow } = this.#common;
    if (this.#line.size === 0 && turn.isIdle && this.#mayDeliver) {
      deliver();
      return;
    }
    const size = sizeOf(values);
    this.#line.add(new Incoming(isAck, size, deliver));
    this.#size += size;
    turn.call(() => this.deliver());
    if (this.#size <= MOST_HELD) return;
    this.drop();
    onOverflow();
  }

  /** Delivers for as long as it may: it asks the gate before each, as a listener may change everything. */
  deliver(): void {
    while (this.#line.first && this.#mayDeliver) {
      const { first } = this.#line;
      this.#line.remove(first);
      this.#size -= first.size;
      first.deliver();
    }
  }

  /** Drops what waits: events only where another link brings them too. */
  drop(isEventsOnly = false): void {
    for (const { size } of this.#line.removeAll(({ isAck }) => !isAck || !isEventsOnly)) this.#size -= size;
  }

  get #mayDeliver(): boolean {
    return this.#common.gate.mayDeliver(this.#common.current);
  }
}
