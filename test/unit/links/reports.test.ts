import { ConnectionError } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { hashOf } from "../../../src/credential/owners.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { jwt } from "../../support/tokens.js";
import { untyped } from "../../support/untyped.js";
import { linksHarness } from "./links-harness.js";

const YEAR = 31_536_000_000;
const error = new ConnectionError("ERR_REFUSED", "not now");

/** What passes for a number in code without types, or comes from a server that had its own idea of one. */
const NO_TIMES: unknown[] = ["5s", "500", "", -1, -0.5, Number.NaN, Infinity, -Infinity, null, true, [5], {}];

/** A link that has reported this, and what the statechart gets to know. */
function told(...reports: object[]): unknown[] {
  const { open, io, events } = linksHarness();
  open(1);
  for (const report of reports) io.link.report(untyped(report));
  return events;
}

/** The same for an answer to another token on the same link. */
async function answered(answer: unknown): Promise<unknown> {
  const { open, io, links, storage, tokenStore, events } = linksHarness({
    token: jwt({ sub: "alice", jti: 1 }),
  });
  open(1);
  io.link.accept({ reauthenticate: true });
  storage.write(jwt({ sub: "alice", jti: 2 }));
  links.handle({ type: "reauthenticate", link: 1, version: tokenStore.version });
  io.link.asked[0]?.answer(untyped(answer));
  await promisesSettled();
  return events.at(-1);
}

describe("a time to stay away", () => {
  const longer = [...NO_TIMES, YEAR + 1, 1e12, Number.MAX_VALUE];

  test.each(longer.map((given) => ({ given })))("that is $given is none", async ({ given }) => {
    const said = { verdict: "retry", error, retryAfter: given };
    const refused = { type: "io.ended", link: 1, version: 1, verdict: "retry", code: "ERR_REFUSED" };
    expect(told({ type: "refused", ...said })).toStrictEqual([refused]);
    const [, , gone] = told(
      { type: "connected" },
      { type: "ready", reauthenticate: false },
      { type: "disconnected", reason: "transport close", ...said },
    );
    expect(gone).toStrictEqual({ ...refused, reason: "transport close" });
    expect(await answered({ ok: false, ...said })).toStrictEqual({
      ...refused,
      type: "io.reauthenticationFailed",
      version: 2,
    });
  });

  test.each([0, 0.5, 1_500, YEAR])("that is %d is passed on", async (retryAfter) => {
    const said = { verdict: "retry", error, retryAfter };
    expect(told({ type: "refused", ...said })).toMatchObject([{ retryAfter }]);
    expect(await answered({ ok: false, ...said })).toMatchObject({ retryAfter });
  });
});

describe("a lifetime", () => {
  test.each(NO_TIMES.map((given) => ({ given })))("that is $given is unknown", async ({ given }) => {
    const [, ready] = told({ type: "connected" }, { type: "ready", reauthenticate: false, expiresIn: given });
    expect(ready).toStrictEqual({ type: "io.ready", link: 1, reauthenticate: false });
    expect(await answered({ ok: true, expiresIn: given })).toStrictEqual({
      type: "io.reauthenticated",
      link: 1,
      version: 2,
    });
  });
});

describe("a verdict that is none", () => {
  const none = ["sign out", "", "Logout", null, undefined, 1, {}, "__proto__"];

  test.each(none.map((verdict) => ({ verdict })))("$verdict is a retry", async ({ verdict }) => {
    expect(told({ type: "refused", verdict, error })).toMatchObject([{ verdict: "retry" }]);
    const gone = told(
      { type: "connected" },
      { type: "ready", reauthenticate: false },
      { type: "disconnected", verdict, error, reason: "transport close" },
    );
    expect(gone[2]).toMatchObject({ type: "io.ended", verdict: "retry" });
  });

  test.each(none.map((verdict) => ({ verdict })))(
    "$verdict in an answer on the same link means that this way is not open",
    async ({ verdict }) => {
      expect(await answered({ ok: false, verdict, error })).toMatchObject({ verdict: "replace" });
    },
  );

  test("replace is one only in such an answer", () => {
    expect(told({ type: "refused", verdict: "replace", error })).toMatchObject([{ verdict: "retry" }]);
  });
});

describe("what a server half says of itself", () => {
  test.each(["yes", 1, {}, "false"])(
    "takes another token only where it says true, not %j",
    (reauthenticate) => {
      const [, ready] = told({ type: "connected" }, { type: "ready", reauthenticate });
      expect(ready).toMatchObject({ reauthenticate: false });
    },
  );

  /** By which hash the server half has named the user of a link. */
  function named(identity: unknown): string | undefined {
    const { open, io, links } = linksHarness({ token: "opaque" });
    open(1);
    for (const report of [{ type: "connected" }, { type: "ready", reauthenticate: false, identity }])
      io.link.report(untyped(report));
    const link = links.owner(1);
    return link && hashOf(link.owner);
  }

  test.each(["", 7, {}, null])("%j names nobody", (identity) => {
    expect(named(identity)).toBeUndefined();
  });

  test("F63 names somebody by a text that is not too long", () => {
    expect(named("x".repeat(256))).toBe("x".repeat(256));
    expect(named("x".repeat(257))).toBeUndefined();
  });

  test("names another user only by saying true", async () => {
    const answer = { ok: false, verdict: "replace", error, isOtherUser: "no" };
    expect(await answered(answer)).not.toHaveProperty("identity");
  });
});

test("an event of an unknown type ends the link, as one that has failed", () => {
  expect(told({ type: "conected" })).toEqual([
    { type: "io.ended", link: 1, version: 1, verdict: "retry", code: "ERR_TRANSPORT" },
  ]);
});

test.each([undefined, null, "yes", {}, { ok: "true" }])(
  "an answer that is %j means that this way is not open",
  async (answer) => {
    expect(await answered(answer)).toMatchObject({ type: "io.reauthenticationFailed", verdict: "replace" });
  },
);

test("a reason that is no text is one of Socket.IO's", () => {
  const [, , gone] = told(
    { type: "connected" },
    { type: "ready", reauthenticate: false },
    { type: "disconnected", verdict: "retry", error, reason: { token: "first" } },
  );
  expect(gone).toMatchObject({ type: "io.ended", reason: "transport error" });
});

test("a code that is none of ours goes no further than the cause of another error", () => {
  for (const code of ["Bearer first", 7, "err_refused", ""]) {
    const foreign = Object.assign(new Error("odd"), { name: "ConnectionError", code });
    expect(told({ type: "failed", error: foreign })).toEqual([
      { type: "io.ended", link: 1, version: 1, verdict: "retry", code: "ERR_TRANSPORT" },
    ]);
  }
});
