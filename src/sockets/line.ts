/**
 * What waits, in order of its place. To put something in, to take something out, and to find the first cost the same
 * however much waits.
 */
export class Line<T> {
  private readonly items = new Map<number, T>();
  /** No place before this one is taken. */
  private begin = 0;
  private end = 0;

  get size(): number {
    return this.items.size;
  }

  /** @param place - After every place that was given before. */
  add(place: number, item: T): void {
    if (this.items.size === 0) this.begin = place;
    this.items.set(place, item);
    this.end = place + 1;
  }

  delete(place: number): boolean {
    return this.items.delete(place);
  }

  /** The place of the first one, `Infinity` where nothing waits. */
  get first(): number {
    if (this.items.size === 0) return Number.POSITIVE_INFINITY;
    while (!this.items.has(this.begin)) this.begin += 1;
    return this.begin;
  }

  get(place: number): T | undefined {
    return this.items.get(place);
  }

  /** Takes out the newest, where there are more than `limit`. */
  trim(limit: number): T[] {
    const taken: T[] = [];
    for (let place = this.end - 1; this.items.size > limit; place -= 1) {
      const item = this.items.get(place);
      if (item !== undefined && this.items.delete(place)) taken.unshift(item);
    }
    return taken;
  }

  /** Takes out all that fit, in order. */
  takeAll(fits: (item: T) => boolean): T[] {
    const taken: T[] = [];
    for (const [place, item] of this.items) {
      if (!fits(item)) continue;
      this.items.delete(place);
      taken.push(item);
    }
    return taken;
  }
}
