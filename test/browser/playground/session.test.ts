import { expect, test } from "vitest";
import { playgroundHarness, UNREACHABLE } from "./harness.js";

const harness = playgroundHarness();

/** Two clients whose credential is a session in a cookie, both signed in as Ada. */
async function openSessions() {
  const { shell, a, b } = await harness.openBoth({ settings: "?credential=cookie", signIn: false });
  for (const client of [a, b]) await client.until("status", "loggedOut.signedOut");
  await a.press("Sign in as Ada");
  for (const client of [a, b]) await client.until("token-served", "the session of Ada");
  await harness.addCookies();
  return { shell, a, b };
}

test("F9 sessions in cookies: sign in, another user, and sign out, followed by both clients", async () => {
  const { a, b } = await openSessions();
  expect(await a.frame.evaluate(() => document.cookie), "no script reads it").toBe("");
  await b.press("Sign in as Grace");
  for (const client of [a, b]) await client.until("token-served", "the session of Grace");
  // There is no token here, and none is spoken of.
  for (const client of [a, b]) await client.until("happened", "The server accepted the session");
  await b.send("Hello from Grace");
  await expect.poll(async () => (await a.messages("Hello from Grace")).join()).toContain("from socket");
  await a.press("Sign out");
  for (const client of [a, b]) {
    await client.until("status", "loggedOut.signedOut");
    await client.until("session-user", /^Nobody is signed in\.$/);
  }
});

test("F31 another id for the same session: the server tells the sockets, and both are back by themselves", async () => {
  const { a, b } = await openSessions();
  const before = await Promise.all([a.socketId(), b.socketId()]);
  await a.press("Refresh now");
  await a.untilAnotherSocket(before[0]);
  await b.untilAnotherSocket(before[1]);
  for (const client of [a, b]) await client.until("token-served", "the session of Ada");
});

test("F28 a session that ends on the server ends the links of both clients", async () => {
  const { a, b } = await openSessions();
  await a.press("Expire the session");
  for (const client of [a, b]) {
    await client.until("status", "loggedOut");
    await client.untilTransition(/connected\.steady → loggedOut/);
  }
});

test("F16 the server is restarted: the session is the same", async () => {
  harness.expectErrors(UNREACHABLE);
  const { shell, a, b } = await openSessions();
  await shell.getByRole("button", { name: "Restart it" }).click();
  for (const client of [a, b]) await client.until("status", "connecting");
  for (const client of [a, b]) await client.until("token-served", "the session of Ada");
});
