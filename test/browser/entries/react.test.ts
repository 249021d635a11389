import { expect, test } from "vitest";
import { useApplication } from "./application.js";
import { counted, press, reads, testEntry, updateFiveTimes } from "./common.js";

const app = useApplication("react");

test("an Activity that hides a React component ends its own connection, and makes another one when it shows it", async () => {
  const { page, live, ever, problems } = await app.open("owned");
  await reads(page, "version 0: connected 0");
  await press(page, "hide");
  await expect.poll(live).toBe(0);
  await press(page, "hide");
  await reads(page, "version 0: connected 0");
  expect([live(), ever()]).toEqual([1, 2]);
  expect(problems()).toEqual([]);
});

test("a React component that is suspended again keeps its own connection", async () => {
  const { page, live, ever, problems } = await app.open("suspended");
  await press(page, "resolve");
  await reads(page, "version 0: connected 0");
  await press(page, "suspend");
  await page.getByText("waiting").waitFor();
  expect(live()).toBe(1);
  await press(page, "resolve");
  await page.getByText("waiting").waitFor({ state: "detached" });
  await reads(page, "version 0: connected 0");
  expect([live(), ever()]).toEqual([1, 1]);
  expect(problems()).toEqual([]);
});

test("what a React component's own connection is made with ends in the error boundary where it is wrong", async () => {
  const { page, ever } = await app.open("wrong");
  await page.getByRole("alert").filter({ hasText: "ConnectionError" }).waitFor();
  expect(ever()).toBe(0);
});

test("all React components of a transition show the same state, also where it changes meanwhile", async () => {
  const { page, problems } = await app.open("torn");
  await page.locator("i").filter({ hasText: "connected" }).waitFor();
  await press(page, "begin");
  await reads(page, "40");
  await expect
    .poll(async () => new Set(await page.locator("i").allTextContents()))
    .toEqual(new Set(["idle"]));
  expect(await counted(page, "torn")).toBe(0);
  expect(problems()).toEqual([]);
});

testEntry(app, "react");

test("F52 a React component's own connection is one socket after five hot updates", () =>
  updateFiveTimes(app, "widget.tsx"));
