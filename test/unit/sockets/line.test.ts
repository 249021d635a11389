import { describe, expect, test } from "vitest";
import { type Item, Line } from "../../../src/sockets/line.js";

interface Named extends Item<Named> {
  readonly name: number;
}

/** A line of so many, named by their places, and those in it. */
function line(count: number) {
  const made = new Line<Named>();
  const items = Array.from({ length: count }, (_, index): Named => ({ name: index + 1 }));
  for (const item of items) made.add(item);
  return { line: made, items };
}

const names = (items: readonly Named[]): number[] => items.map(({ name }) => name);

/** All that are in a line, from the first on and from the last on. */
function walked(made: Line<Named>): number[] {
  const forwards: Named[] = [];
  for (let item = made.first; item; item = item.after) forwards.push(item);
  const backwards: Named[] = [];
  for (let item = forwards.at(-1); item; item = item.before) backwards.unshift(item);
  expect([backwards, forwards.length]).toEqual([forwards, made.size]);
  return names(forwards);
}

describe("a line", () => {
  test("that is empty has no first one", () => {
    const { line: made } = line(0);
    expect([made.size, made.first, made.removeAll(), made.trim(0)]).toEqual([0, undefined, [], []]);
  });

  test.each([1, 2, 3, 4])("keeps its order when the one at place %i is removed", (place) => {
    const { line: made, items } = line(4);
    const item = items[place - 1] ?? expect.fail();
    expect([made.remove(item), made.remove(item), item.line]).toEqual([true, false, undefined]);
    expect(walked(made)).toEqual([1, 2, 3, 4].filter((each) => each !== place));
    made.add(item);
    expect(walked(made).at(-1)).toBe(place);
  });

  test("has its first one at any time, until none is left", () => {
    const { line: made } = line(3);
    const seen: number[] = [];
    for (let { first } = made; first; { first } = made) {
      seen.push(first.name);
      made.remove(first);
    }
    expect([seen, made.size]).toEqual([[1, 2, 3], 0]);
  });

  test("takes an item from the line where it was, which is in one at a time", () => {
    const { line: one, items } = line(3);
    const { line: other } = line(1);
    const [first] = items;
    if (first) other.add(first);
    expect([walked(one), walked(other), items.map((item) => item.line === other)]).toEqual([
      [2, 3],
      [1, 1],
      [true, false, false],
    ]);
    expect(first && one.remove(first)).toBe(false);
  });
});

describe("past the limit", () => {
  test("the newest are removed, in order", () => {
    const { line: made } = line(4);
    expect(names(made.trim(2))).toEqual([3, 4]);
    expect([made.trim(2), walked(made)]).toEqual([[], [1, 2]]);
  });

  test("of Infinity nothing is removed", () => {
    expect(line(2).line.trim(Number.POSITIVE_INFINITY)).toEqual([]);
  });
});

test("all that fit are removed in order, and the others stay in theirs", () => {
  const { line: made } = line(4);
  expect(names(made.removeAll(({ name }) => name % 2 === 0))).toEqual([2, 4]);
  expect(walked(made)).toEqual([1, 3]);
  expect([names(made.removeAll()), walked(made)]).toEqual([[1, 3], []]);
});
