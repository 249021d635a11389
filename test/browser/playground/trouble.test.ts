import { expect, test } from "vitest";
import { playgroundHarness, untilAnotherToken, untilAnySays } from "./harness.js";

const harness = playgroundHarness();

test("F17 kicked by the server: connected again by itself, with another socket", async () => {
  const [first, second] = await harness.openTabs();
  const before = await Promise.all([first.socketId(), second.socketId()]);
  await first.press("Kick me");
  await first.untilAnotherSocket(before[0]);
  await second.untilAnotherSocket(before[1]);
  for (const tab of [first, second]) await tab.untilConnectedAs("Ada");
  await first.until("last-error", "ERR_DISCONNECTED The server ended the connection. It is tried again.");
});

test("garbage in the storage is refused in words, and a signed-in session gets a good token in its place", async () => {
  const [first, second] = await harness.openTabs();
  await first.press("setItem(garbage)");
  harness.addSecret(await first.page.evaluate(() => localStorage.getItem("accessToken") ?? ""));
  await untilAnySays(/ERR_REFUSED invalid_token The token was not accepted\./, first, second);
  for (const tab of [first, second]) await tab.untilConnectedAs("Ada");
});

test("garbage without a session is refused in words, and ends signed out", async () => {
  // The refresh is answered with 401, and Chromium writes a line of its own for that.
  harness.expectErrors(/the server responded with a status of 401/);
  const [first, second] = await harness.openTabs();
  await first.press("Sign out");
  for (const tab of [first, second]) await tab.until("status", "loggedOut.signedOut");
  await first.untilLocksAreFree();
  const garbage = "not-a-token-but-somebody-typed-it";
  harness.addSecret(garbage);
  await first.page.getByLabel("Any text").fill(garbage);
  await first.press("setItem");
  await untilAnySays(/ERR_REFUSED invalid_token The token was not accepted\./, first, second);
  for (const tab of [first, second]) await tab.until("status", "loggedOut.signedOut");
});

test.each(["Expire now", "Wrong audience"])(
  "F14 %s: the server refuses the token, the link stays, and a refreshed one takes effect on it",
  async (button) => {
    const tab = await harness.openOne();
    const [token, socket] = [await tab.text("token-served"), await tab.socketId()];
    await tab.press(button);
    await tab.untilTransition(/rotating\.reauthenticating\.asking → rotating\.refreshing/);
    await tab.until("last-error", "ERR_REFUSED invalid_token The token was not accepted.");
    await untilAnotherToken(tab, token);
    await tab.untilConnectedAs("Ada");
    expect(await tab.socketId()).toBe(socket);
    expect(tab.issued.length, "signed in, the bad one, the refreshed one").toBe(3);
  },
);

test("F17 a revoked user is told so in every tab, and stays out until a token that was issued later", async () => {
  const [first, second] = await harness.openTabs();
  await first.press("Revoke me");
  for (const tab of [first, second]) {
    await tab.until("status", "loggedOut.rejected");
    await tab.until("last-error", "ERR_REFUSED access_denied Every token of this user was revoked.");
  }
  await first.press("Refresh now");
  for (const tab of [first, second]) await tab.untilConnectedAs("Ada");
});

test("a user that nobody knows is refused in the server's words, and the user who is signed in stays", async () => {
  harness.expectErrors(/the server responded with a status of 400/);
  const tab = await harness.openOne();
  await tab.press("Sign in as Nobody");
  await tab.until("notice", /The server refused: Send .*Ada.* or .*Grace.* as JSON\./);
  await tab.untilConnectedAs("Ada");
});

test("a session that has expired ends signed out, in every tab", async () => {
  harness.expectErrors(/the server responded with a status of 401/);
  const [first, second] = await harness.openTabs();
  await first.press("Expire the session");
  for (const tab of [first, second]) await tab.until("status", "loggedOut.signedOut");
});
