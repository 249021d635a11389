import { expect, test } from "vitest";
import { useApplication } from "./application.js";
import { press, reads, testEntry, updateFiveTimes } from "./common.js";

const app = useApplication("svelte");

test("in Svelte the connection, its socket and the selector may read runes", async () => {
  const { page, problems } = await app.open("switched");
  await reads(page, "connected 0");
  app.tick();
  await reads(page, "connected 1");
  await press(page, "switch");
  await reads(page, "idle 1");
  app.tick();
  await press(page, "start");
  await reads(page, "connected 1");
  app.tick();
  await reads(page, "connected 2");
  await press(page, "suffix");
  await reads(page, "connected! 2");
  expect(problems()).toEqual([]);
});

testEntry(app, "svelte");

test("F52 a Svelte component's own connection is one socket after five hot updates", () =>
  updateFiveTimes(app, "widget.svelte"));
