import { expect, test } from "vitest";
import { createBackoff } from "../../src/backoff.js";

const longest = () => 1;

test("delays double from the first to the longest", () => {
  const backoff = createBackoff(1_000, 30_000, longest);
  expect([1, 2, 3, 4, 5, 6, 7, 50, 5_000].map((attempt) => backoff(attempt, null))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000,
  ]);
  expect(backoff(0, null)).toBe(1_000);
});

test("the clamp comes first and the jitter after, so that the longest delay is spread as well", () => {
  const backoff = createBackoff(1_000, 30_000, () => 0.5);
  expect([backoff(1, null), backoff(50, null)]).toEqual([500, 15_000]);
});

test("F20: clients that fail together come back over the whole delay", () => {
  const backoff = createBackoff(1_000, 30_000);
  const delays = Array.from({ length: 2_000 }, () => backoff(4, null));
  const buckets = new Set(delays.map((delay) => Math.floor(delay / 1_000)));
  expect([Math.min(...delays) >= 0, Math.max(...delays) <= 8_000, buckets.size]).toEqual([true, true, 8]);
});

test("what the server asks for is added to, never cut", () => {
  const backoff = createBackoff(1_000, 30_000, () => 0.25);
  expect([backoff(1, 5_000), backoff(50, 60_000), backoff(1, 0)]).toEqual([5_250, 67_500, 250]);
});

test("a longest delay below the first, or of 0, holds", () => {
  expect([createBackoff(1_000, 500, longest)(1, null), createBackoff(0, 0, longest)(9, null)]).toEqual([
    500, 0,
  ]);
});
