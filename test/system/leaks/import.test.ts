import { expect, test } from "vitest";
import { startChild } from "./child.js";

test("G10: importing the package changes and touches nothing, and needs no page", async () => {
  const child = startChild("import.child.ts");
  const { before, after, touched, exported } = JSON.parse(await child.line());
  expect(after).toEqual(before);
  expect(touched).toEqual([]);
  for (const count of exported) expect(count).toBeGreaterThan(0);
  expect(await child.ended).toEqual({ code: 0, signal: null, complaints: "" });
});
