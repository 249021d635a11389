import { expect, test } from "vitest";
import { useApplication } from "./application.js";
import { press, reads, testEntry, updateFiveTimes } from "./common.js";

const app = useApplication("vue");

test("a Vue component in a KeepAlive keeps its own connection, and hears events while it is not shown", async () => {
  const { page, live, ever, problems } = await app.open("owned");
  await reads(page, "version 0: connected 0");
  await press(page, "hide");
  await page.locator("output").waitFor({ state: "detached" });
  app.tick();
  await press(page, "hide");
  await reads(page, "version 0: connected 1");
  expect([live(), ever()]).toEqual([1, 1]);
  await press(page, "mount");
  await expect.poll(live).toBe(0);
  expect(problems()).toEqual([]);
});

testEntry(app, "vue");

test("F52 a Vue component's own connection is one socket after five hot updates", () =>
  updateFiveTimes(app, "own-widget.vue"));
