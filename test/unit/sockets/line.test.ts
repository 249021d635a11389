import { describe, expect, test } from "vitest";
import { Line } from "../../../src/sockets/line.js";

function line(...places: number[]): Line<string> {
  const made = new Line<string>();
  for (const place of places) made.add(place, `at ${place}`);
  return made;
}

const all = (made: Line<string>): string[] => made.takeAll(() => true);

describe("a line", () => {
  test("that is empty has no first place", () => {
    const made = line();
    expect([made.size, made.first, made.get(1), made.delete(1)]).toEqual([0, Infinity, undefined, false]);
  });

  test("has its first place where the earliest one waits, whatever was taken out before", () => {
    const made = line(3, 5, 9);
    const seen: number[] = [];
    while (made.size > 0) {
      seen.push(made.first);
      made.delete(made.first);
    }
    expect([seen, made.first]).toEqual([[3, 5, 9], Infinity]);
    made.add(12, "later");
    expect([made.first, made.get(12)]).toEqual([12, "later"]);
  });

  test("keeps its order when one in the middle, the first or the last is taken out", () => {
    for (const place of [1, 2, 3]) {
      const made = line(1, 2, 3);
      expect([made.delete(place), made.delete(place)]).toEqual([true, false]);
      expect(all(made)).toEqual([1, 2, 3].filter((each) => each !== place).map((each) => `at ${each}`));
    }
  });
});

describe("past the limit", () => {
  test("the newest are taken out, in order", () => {
    const made = line(1, 2, 4, 7);
    expect(made.trim(2)).toEqual(["at 4", "at 7"]);
    expect([made.trim(2), made.size, made.first]).toEqual([[], 2, 1]);
  });

  test("what was taken out already is not taken again", () => {
    const made = line(1, 2, 3, 4);
    made.delete(4);
    expect(made.trim(1)).toEqual(["at 2", "at 3"]);
    made.add(5, "at 5");
    expect(made.trim(0)).toEqual(["at 1", "at 5"]);
  });

  test("of Infinity nothing is taken", () => {
    expect(line(1, 2).trim(Number.POSITIVE_INFINITY)).toEqual([]);
  });
});

test("all that fit are taken out in order, and the others stay in theirs", () => {
  const made = line(1, 2, 3, 4);
  expect(made.takeAll((each) => each !== "at 1" && each !== "at 3")).toEqual(["at 2", "at 4"]);
  expect([made.size, made.first, all(made), made.size]).toEqual([2, 1, ["at 1", "at 3"], 0]);
});
