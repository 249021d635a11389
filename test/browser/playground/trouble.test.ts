import { expect, test } from "vitest";
import { playgroundHarness, untilAnotherToken } from "./harness.js";

const harness = playgroundHarness();

test("F17 kicked by the server: connected again by itself, with another socket, and the other tab is let alone", async () => {
  const [first, second] = await harness.openTabs();
  const before = await Promise.all([first.socketId(), second.socketId()]);
  await first.press("Kick me");
  await first.untilAnotherSocket(before[0]);
  for (const tab of [first, second]) await tab.untilConnectedAs("Ada");
  await first.untilTransition(/ERR_DISCONNECTED The server ended the connection\. It is tried again\./);
  expect(await first.text("last-error"), "no error beside a connection that is up").toBe("");
  expect(await second.socketId()).toBe(before[1]);
});

test("F14 an expired token: the server refuses it, the link stays, and a refreshed one takes effect on it", async () => {
  const tab = await harness.openOne();
  const [token, socket] = [await tab.text("token-served"), await tab.socketId()];
  await tab.press("Expire now");
  await tab.untilTransition(/rotating\.reauthenticating\.asking → rotating\.refreshing/);
  await tab.untilTransition(/ERR_REFUSED invalid_token The token was not accepted\./);
  await untilAnotherToken(tab, token);
  await tab.untilConnectedAs("Ada");
  expect(await tab.socketId()).toBe(socket);
  expect(tab.issued.length, "signed in, the bad one, the refreshed one").toBe(3);
});

test("F17 a revoked user is told so in every tab, and stays out until a token that was issued later", async () => {
  const [first, second] = await harness.openTabs();
  await first.press("Revoke me");
  for (const tab of [first, second]) {
    await tab.until("status", "loggedOut.rejected");
    await tab.until("last-error", "ERR_REFUSED access_denied Every token of this user was revoked.");
    await tab.until("session-user", /^The token of Ada is rejected\.$/);
  }
  await first.press("Refresh now");
  for (const tab of [first, second]) await tab.untilConnectedAs("Ada");
});

test("a session that has expired ends signed out, in every tab", async () => {
  harness.expectErrors(/the server responded with a status of 401/);
  const [first, second] = await harness.openTabs();
  await first.press("Expire the session");
  for (const tab of [first, second]) await tab.until("status", "loggedOut.signedOut");
});
