import { expect, test } from "vitest";
import { useApplication } from "./application.js";
import { press, reads, testEntry, updateFiveTimes } from "./common.js";

const app = useApplication("solid");

test("a Solid component that waits for another resource keeps its own connection", async () => {
  const { page, live, ever, problems } = await app.open("suspended");
  await press(page, "resolve");
  await reads(page, "version 0: connected 0");
  await press(page, "suspend");
  await page.getByText("waiting").waitFor();
  app.tick();
  await press(page, "resolve");
  await reads(page, "version 0: connected 1");
  expect([live(), ever()]).toEqual([1, 1]);
  expect(problems()).toEqual([]);
});

testEntry(app, "solid");

test("F52 a Solid component's own connection is one socket after five hot updates", () =>
  updateFiveTimes(app, "widget.tsx"));
