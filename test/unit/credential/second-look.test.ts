import { describe, expect, onTestFinished, test, vi } from "vitest";
import { connected, settled, tokenOf } from "../../behaviour/fakes/harness.js";
import { fakeLocks } from "../../support/fake-locks.js";

/** Signs out in a tab, and says what another tab has stored before the second look. */
async function signOutWhile(token: string, found: string, isRefreshing: boolean) {
  const locks = fakeLocks();
  vi.stubGlobal("navigator", { locks: locks.tab("this one") });
  onTestFinished(() => void vi.unstubAllGlobals());
  const { connection, clock, storage, state } = await connected({ token });
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  if (isRefreshing) void locks.tab("another one").request("the same", {}, () => held);
  const signedOut = connection.logout();
  await settled();
  storage.value = found;
  release();
  await settled();
  await clock.advance(5_000);
  await settled();
  await signedOut;
  await settled();
  return { stored: storage.value, state: state() };
}

describe("F58 the second look of logout() finds a token of", () => {
  const ada = tokenOf("ada");
  test.each([
    ["the same user, late from a refresh", ada, tokenOf("ada", 2), true],
    ["the same user, when no tab refreshes", ada, tokenOf("ada", 2), false],
    ["a user whom nobody can name, late from a refresh", "opaque-1", "opaque-2", true],
  ])("%s: it is erased", async (_, token, found, isRefreshing) => {
    expect(await signOutWhile(token, found, isRefreshing)).toEqual({
      stored: null,
      state: "loggedOut.signedOut",
    });
  });

  test.each([
    ["another user, after a refresh", ada, tokenOf("grace"), true],
    ["another user, when no tab refreshes", ada, tokenOf("grace"), false],
    ["a user whom nobody can name, when no tab refreshes", "opaque-1", "opaque-2", false],
  ])("%s, who has signed in: it stays, and is used", async (_, token, found, isRefreshing) => {
    expect(await signOutWhile(token, found, isRefreshing)).toEqual({
      stored: found,
      state: "connected.steady",
    });
  });
});
