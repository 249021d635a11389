import { expect, test } from "vitest";
import { playgroundHarness, UNREACHABLE, untilAnotherToken, untilAnySays } from "./harness.js";

const harness = playgroundHarness();

test("F9 what one client does, the other one follows, side by side in one page", async () => {
  const { a, b } = await harness.openBoth();
  expect(await a.text("client-name")).toBe("Client A");
  await b.press("Sign in as Grace");
  for (const client of [a, b]) await client.untilConnectedAs("Grace");
  await a.press("Sign out");
  for (const client of [a, b]) await client.until("status", "loggedOut.signedOut");
});

test("F14 the signing key is rotated: old tokens are refused, and every client refreshes", async () => {
  const { shell, a, b } = await harness.openBoth();
  const token = await a.text("token-served");
  await shell.getByRole("button", { name: "Change the signing key" }).click();
  await untilAnySays(/ERR_REFUSED invalid_token The token was not accepted\./, a, b);
  for (const client of [a, b]) {
    await untilAnotherToken(client, token);
    await client.untilConnectedAs("Ada");
  }
});

test("F16 the server is restarted: everybody is back by themselves, and what was sent meanwhile is answered", async () => {
  harness.expectErrors(UNREACHABLE);
  const { shell, a, b } = await harness.openBoth();
  const token = await a.text("token-served");
  await shell.getByRole("button", { name: "Restart it" }).click();
  for (const client of [a, b]) await client.until("status", "connecting");
  await a.send("Sent while it was away");
  for (const client of [a, b]) await client.untilConnectedAs("Ada");
  expect(await a.text("token-served")).toBe(token);
  await expect
    .poll(async () => (await a.messages("Sent while it was away")).join(), { timeout: 15_000 })
    .toContain("answered in");
});

test("F17 a server that is busy says for how long, and lets everybody in again", async () => {
  const { shell, a, b } = await harness.openBoth();
  await shell.getByRole("button", { name: "Be busy for 6 s" }).click();
  for (const client of [a, b]) {
    await client.untilTransition(/ERR_REFUSED temporarily_unavailable The server is busy\./);
  }
  for (const client of [a, b]) await client.untilConnectedAs("Ada");
});

test("F20 a server that drains sends everybody away, and they come back to another one", async () => {
  const { shell, a, b } = await harness.openBoth();
  const before = await Promise.all([a.socketId(), b.socketId()]);
  await shell.getByRole("button", { name: "Drain it" }).click();
  for (const client of [a, b]) {
    await client.untilTransition(/ERR_REFUSED temporarily_unavailable The server is shutting down\./);
  }
  await a.untilAnotherSocket(before[0]);
  await b.untilAnotherSocket(before[1]);
  for (const client of [a, b]) await client.untilConnectedAs("Ada");
});

test("F24 frozen, the page runs nothing for seconds, and both clients are as they were afterwards", async () => {
  const { shell, a, b } = await harness.openBoth();
  const link = await a.socketId();
  // Each look takes as long as the page stands still.
  const longest = shell.evaluate(async () => {
    let last = performance.now();
    let most = 0;
    while (most < 3_500) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      most = Math.max(most, performance.now() - last);
      last = performance.now();
    }
    return most;
  });
  await shell.getByRole("button", { name: "Freeze this page for 4 s" }).click();
  expect(await longest).toBeGreaterThan(3_500);
  for (const client of [a, b]) await client.untilConnectedAs("Ada");
  expect(await a.socketId()).toBe(link);
});
