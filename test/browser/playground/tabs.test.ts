import { expect, test } from "vitest";
import { playgroundHarness, UNREACHABLE } from "./harness.js";

const harness = playgroundHarness();

test("F9 two tabs: sign in, refresh, switch the user, sign out in the other one", async () => {
  const [first, second] = await harness.openTabs();
  const adas = await first.text("token-served");
  expect(await second.text("token-served")).toBe(adas);

  await first.press("Refresh now");
  for (const tab of [first, second]) {
    await expect.poll(() => tab.text("token-served"), { timeout: 15_000 }).not.toBe(adas);
    await tab.untilConnectedAs("Ada");
  }
  await second.send("Hello from Ada");
  await expect
    .poll(async () => (await first.messages("Hello from Ada")).join(), { timeout: 15_000 })
    .toContain("from socket");

  await second.press("Sign in as Grace");
  for (const tab of [first, second]) await tab.untilConnectedAs("Grace");

  await second.press("Sign out");
  for (const tab of [first, second]) {
    await tab.until("status", "loggedOut.signedOut");
    await tab.until("session-user", "Nobody is signed in.");
    await tab.until("token-served", "none");
  }
  expect(await first.frame.locator(".hint.bad").count()).toBe(0);
});

test("F16 the server is stopped and started again on the same port: connected by itself, the message leaves once", async () => {
  harness.expectErrors(UNREACHABLE);
  const [first, second] = await harness.openTabs();
  const token = await first.text("token-served");
  await harness.stop();
  for (const tab of [first, second]) await tab.until("status", "connecting");
  await first.untilTransition(
    /ERR_TRANSPORT The server could not be reached|ERR_DISCONNECTED The connection was lost/,
  );
  await first.send("Sent while it was away");
  await harness.startAgain();
  for (const tab of [first, second]) await tab.untilConnectedAs("Ada");
  expect(await first.text("token-served"), "the key has survived, and so has the token").toBe(token);
  await expect
    .poll(async () => (await first.messages("Sent while it was away")).join(), { timeout: 15_000 })
    .toContain("answered in");
  // The line that was sent, and the one that came back: the other tab may not have been there yet.
  await expect.poll(() => first.messages("Sent while it was away"), { timeout: 15_000 }).toHaveLength(2);
});
