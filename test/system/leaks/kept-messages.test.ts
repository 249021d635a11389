import { describe, expect, test } from "vitest";
import { heapInUse } from "../../bench/harness/measure.js";
import { startServer } from "../../support/real-server.js";
import { untyped } from "../../support/untyped.js";
import { startSessions } from "../../unit/server/sessions/fixture.js";

interface Hears {
  _onServerSideEmit(packet: unknown[]): void;
}

const MEGABYTE = 1_000_000;

const large = (start: unknown, letter: string): string =>
  `${start}${Buffer.alloc(MEGABYTE, letter).toString()}`;

describe("F66 what a peer says", () => {
  test("of revocations of a megabyte, two hundred times, is not kept", async () => {
    const server = await startServer();
    const control = untyped<Hears>(server.io.of("/rotor"));
    const before = await heapInUse();
    for (let index = 0; index < 200; index += 1) {
      const name = large(index, "n");
      const refusal = { error: "invalid_token", error_description: large(index, "d") };
      control._onServerSideEmit(["revoke", { subject: name, at: Date.now(), refusal }]);
      control._onServerSideEmit(["revoke", { tokenId: name, at: Date.now(), refusal }]);
      const required = { subject: name, at: Date.now(), within: 60_000, more: large(index, "m") };
      control._onServerSideEmit(["require-reauthentication", required]);
    }
    expect((await heapInUse()) - before).toBeLessThan(4 * MEGABYTE);
  });

  test("of sessions is kept by what can be a key alone", async () => {
    const server = await startSessions();
    const control = untyped<Hears>(server.io.of("/rotor"));
    const before = await heapInUse();
    for (let index = 0; index < 50; index += 1) {
      const refusal = { error: "session_ended" };
      control._onServerSideEmit(["session", { key: large(index, "k"), refusal, isDestroyed: true }]);
    }
    expect((await heapInUse()) - before).toBeLessThan(4 * MEGABYTE);
  });
});
