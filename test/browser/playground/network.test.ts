import { expect, test } from "vitest";
import { playgroundHarness, UNREACHABLE } from "./harness.js";

const harness = playgroundHarness();

test("a delay makes the answers of one client late, and not the other's", async () => {
  const { a, b } = await harness.openBoth();
  await a.frame.getByLabel("To the server").selectOption("200 ms");
  await a.until("network-words", "takes 200 ms there and back");
  await a.frame.getByLabel("From the server").selectOption("400 ms");
  await a.until("network-words", "takes 600 ms there and back");
  await a.send("Slow");
  await b.send("Quick");
  const answeredIn = async (client: typeof a, text: string): Promise<number> => {
    await expect.poll(async () => (await client.messages(text)).join()).toContain("answered in");
    return Number(/answered in (\d+) ms/.exec((await client.messages(text)).join())?.[1]);
  };
  expect(await answeredIn(a, "Slow")).toBeGreaterThanOrEqual(600);
  expect(await answeredIn(b, "Quick")).toBeLessThan(600);
});

test("F24 a network that is cut and healed: what was sent meanwhile arrives, once", async () => {
  const { a, b } = await harness.openBoth();
  await a.press("Cut the network");
  await a.until("network-note", "nothing comes through");
  await a.send("Into the dark");
  await a.until("tick", /missed/);
  expect((await a.messages("Into the dark")).join()).toContain("waiting for the answer");
  expect(await b.messages("Into the dark")).toEqual([]);
  await a.press("Mend the network");
  await expect.poll(async () => (await a.messages("Into the dark")).join()).toContain("answered in");
  await expect.poll(() => b.messages("Into the dark")).toHaveLength(1);
});

test("a connection that is reset is opened anew by itself, with the same token", async () => {
  harness.expectErrors(UNREACHABLE);
  const { a, b } = await harness.openBoth();
  const [ours, theirs] = await Promise.all([a.socketId(), b.socketId()]);
  await a.press("Reset");
  await a.untilAnotherSocket(ours);
  await a.untilConnectedAs("Ada");
  await a.untilTransition(/ERR_DISCONNECTED/);
  expect(await b.socketId()).toBe(theirs);
});

test("F24 offline, signed out in the other client, and back online: not as anybody", async () => {
  const { a, b } = await harness.openBoth();
  await a.press("Go offline");
  await a.frame.getByLabel("also events that change no state").check();
  await expect.poll(() => a.frame.evaluate(() => navigator.onLine)).toBe(false);
  await b.press("Sign out");
  await a.press("Go online");
  await a.untilTransition(/environment\.resumed/);
  for (const client of [a, b]) await client.until("status", "loggedOut.signedOut");
  expect(await a.frame.evaluate(() => navigator.onLine)).toBe(true);
});

test("F24 a network that is cut is said at once, noticed within seconds, and mended by a reload", async () => {
  const { a, b } = await harness.openBoth();
  await a.press("Cut the network");
  await a.until("network-note", "nothing comes through");
  await a.until("status", "connecting");
  await a.until("last-error", "ping timeout");
  expect(await b.text("status")).toBe("connected.steady");
  await a.frame.evaluate(() => location.reload());
  await a.until("network-note", /^$/);
  await a.untilConnectedAs("Ada");
});
