import { expect, test } from "vitest";
import { findSecrets } from "./secrets.js";

const token = "head-of-token.body-of-the-token.tail-of-token";

test("the search that the canary relies on finds a token wherever it hides", () => {
  const cyclic: { self?: unknown; deep: unknown } = { deep: [new Map([["k", { at: `x${token}x` }]])] };
  cyclic.self = cyclic;
  const hidden = Object.defineProperty({}, "secret", { value: token, enumerable: false });
  const places: unknown[] = [
    token,
    `<${"body-of-the-token".slice(2, 14)}>`,
    { [token]: 1 },
    new Error(token),
    new Error("x", { cause: { token } }),
    Object.assign(new Error("x"), { stack: token }),
    hidden,
    cyclic,
    { [Symbol("s")]: new Set([token]) },
    Symbol(token),
    Buffer.from(token),
  ];
  expect(places.map((place) => findSecrets(place, [token]).length > 0)).toEqual(places.map(() => true));
});

test("and nothing where there is none", () => {
  for (const place of [
    "head-of-tok",
    "body-of-the",
    { a: ["of-token"], b: null },
    new Error("token"),
    () => token,
    42,
  ]) {
    expect(findSecrets(place, [token])).toEqual([]);
  }
});

test("twelve characters are found wherever in a text they are", () => {
  const part = "body-of-the-token".slice(3, 15);
  for (let before = 0; before < 20; before += 1) {
    const text = `${"x".repeat(before)}${part}`;
    expect(findSecrets([text, `${text}yyy`, text.slice(0, -1)], [token])).toHaveLength(2);
  }
});
