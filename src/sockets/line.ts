/** What can wait in a line, in one at a time. */
export interface Item<T extends Item<T>> {
  line?: Line<T> | undefined;
  before?: T | undefined;
  after?: T | undefined;
}

/** What waits, in order. To add one, to remove one and to find the first cost the same however many wait. */
export class Line<T extends Item<T>> {
  first: T | undefined;
  size = 0;
  #last: T | undefined;

  /** Adds one at the end, and removes it from the line where it was. */
  add(item: T): void {
    item.line?.remove(item);
    item.line = this;
    item.before = this.#last;
    if (this.#last) this.#last.after = item;
    else this.first = item;
    this.#last = item;
    this.size += 1;
  }

  /** Answers whether it was in this line. */
  remove(item: T): boolean {
    if (item.line !== this) return false;
    const { before, after } = item;
    if (before) before.after = after;
    else this.first = after;
    if (after) after.before = before;
    else this.#last = before;
    item.line = item.before = item.after = undefined;
    this.size -= 1;
    return true;
  }

  /** Removes the newest, where there are more than `limit`. */
  trim(limit: number): T[] {
    const removed: T[] = [];
    for (; this.#last && this.size > limit; this.remove(this.#last)) removed.push(this.#last);
    return removed.reverse();
  }

  /** Removes all that fit, or all there are, in order. */
  removeAll(fits: (item: T) => boolean = () => true): T[] {
    const removed: T[] = [];
    for (let item = this.first, after = item; item; item = after) {
      ({ after } = item);
      if (fits(item) && this.remove(item)) removed.push(item);
    }
    return removed;
  }
}
