import { ConnectionError } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";
import { jwt } from "../../support/tokens.js";
import { linksHarness, TIMES } from "./links-harness.js";

const error = new ConnectionError("ERR_REFUSED", "not now");
const tooLate = { type: "io.ended", link: 1, version: 1, verdict: "retry", code: "ERR_CONNECT_TIMEOUT" };

describe("a link that is being opened", () => {
  test("G8 is of no use when its server has not accepted it in time", async () => {
    const { open, clock, events } = linksHarness();
    open(1);
    await clock.advance(TIMES.timeout - 1);
    expect(events).toEqual([]);
    await clock.advance(1);
    expect([events, clock.pending()]).toEqual([[tooLate], []]);
  });

  test("is given the time for all of it: until the user is certain", async () => {
    const { io, open, links, storage, clock, events } = linksHarness();
    open(1);
    io.link.accept({ reauthenticate: false, identity: "alice" });
    links.handle({ type: "close", link: 1 });
    storage.write("opaque-2");
    events.length = 0;
    open(2);
    io.link.report({ type: "connected" });
    await clock.advance(TIMES.timeout);
    expect(events).toEqual([{ ...tooLate, link: 2, version: 2 }]);
  });

  test.each(["accepted", "closed", "left", "stopped"])("and was %s in time has no timer", async (what) => {
    const { io, open, links, stop, clock, events } = linksHarness();
    open(1);
    if (what === "accepted") io.link.accept();
    if (what === "closed") links.handle({ type: "close", link: 1 });
    if (what === "left") links.handle({ type: "leave", link: 1 });
    if (what === "stopped") stop();
    await promisesSettled();
    expect(clock.pending()).toEqual([]);
    expect(events.map(({ type }) => type)).not.toContain("io.ended");
  });

  test("G8 and for which there is no token any more is of no use either, in time", async () => {
    const { open, clock, events } = linksHarness();
    open(1, 7);
    await clock.advance(TIMES.timeout);
    expect(events).toEqual([{ ...tooLate, version: 7 }]);
  });
});

describe("a question about another token", () => {
  /** A link whose server is asked whether it takes another token on it. */
  function asked() {
    const at = linksHarness({ token: jwt({ sub: "alice", jti: 1 }) });
    at.open(1);
    at.io.link.accept({ reauthenticate: true });
    at.storage.write(jwt({ sub: "alice", jti: 2 }));
    at.events.length = 0;
    at.links.handle({ type: "reauthenticate", link: 1, version: 2 });
    return at;
  }

  test("that is not answered in time is a way that is not open", async () => {
    const { clock, events } = asked();
    await clock.advance(TIMES.reauthenticateTimeout - 1);
    expect(events).toEqual([]);
    await clock.advance(1);
    expect(events).toEqual([
      {
        type: "io.reauthenticationFailed",
        link: 1,
        version: 2,
        verdict: "replace",
        code: "ERR_CONNECT_TIMEOUT",
      },
    ]);
    expect(clock.pending()).toEqual([]);
  });

  test.each(["answered", "asked anew", "closed", "left", "stopped"])(
    "and was %s has no timer",
    async (what) => {
      const { io, links, stop, clock } = asked();
      if (what === "answered") io.link.asked[0]?.answer({ ok: true });
      if (what === "asked anew") {
        links.handle({ type: "reauthenticate", link: 1, version: 2 });
        io.link.asked[1]?.answer({ ok: true });
      }
      if (what === "closed") links.handle({ type: "close", link: 1 });
      if (what === "left") links.handle({ type: "leave", link: 1 });
      if (what === "stopped") stop();
      await promisesSettled();
      expect(clock.pending()).toEqual([]);
    },
  );
});

test("a verdict is what the policy makes of it, for the token that the server has judged", async () => {
  const judged: unknown[] = [];
  const at = linksHarness({
    token: jwt({ sub: "alice", jti: 1 }),
    policy: (...given) => {
      judged.push(given);
      return "logout";
    },
  });
  const { io, links, storage, open, events } = at;
  open(1);
  io.link.accept({ reauthenticate: true });
  storage.write(jwt({ sub: "alice", jti: 2 }));
  links.handle({ type: "reauthenticate", link: 1, version: 2 });
  const required = new ConnectionError("ERR_REFUSED", "nobody", { reason: "session_required" });
  io.link.asked[0]?.answer({ ok: false, verdict: "refresh", error });
  await promisesSettled();
  io.link.report({ type: "disconnected", verdict: "retry", error: required, reason: "io server disconnect" });
  expect(judged).toEqual([
    [2, "refresh", undefined],
    [1, "retry", "required"],
  ]);
  expect(events.slice(-2)).toMatchObject([
    { type: "io.reauthenticationFailed", version: 2, verdict: "logout" },
    { type: "io.ended", version: 1, verdict: "logout", session: "required" },
  ]);
});
