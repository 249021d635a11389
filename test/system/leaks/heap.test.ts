import { expect, test } from "vitest";
import { startChild } from "./child.js";

const FIRST = 1_000;
const LAST = 10_000;
const ALLOWED = 256 * 1024;

test("the heap at rotation 10,000 is within 256 KiB of that at rotation 1,000, on real links", {
  timeout: 900_000,
}, async () => {
  const server = startChild("server.child.ts");
  const url = await server.line();
  // Without the optimising compiler, whose code for what runs often would be counted as growth.
  const client = startChild("heap.child.ts", [url, String(FIRST), String(LAST)], ["--expose-gc", "--no-opt"]);
  const [early, late] = [JSON.parse(await client.line()), JSON.parse(await client.line())];
  expect([early.heard, late.heard]).toEqual([FIRST + 1, LAST + 1]);
  expect(late.heap - early.heap).toBeLessThan(ALLOWED);
  expect(await client.ended).toMatchObject({ code: 0, signal: null });
});
