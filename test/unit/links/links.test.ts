import type { LinkEvent } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { hashOf, isSame } from "../../../src/credential/owners.js";
import { createLinks, type Links } from "../../../src/links/links.js";
import { createLog } from "../../../src/logger.js";
import { createTurn } from "../../../src/turn.js";
import { handMadeIo } from "../../support/hand-made-io.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { jwt } from "../../support/tokens.js";
import { sourceHarness } from "../credential/source-harness.js";
import { asSaid, gateOf, linksHarness, TIMES } from "./links-harness.js";

/** Links over a storage that says nothing of its changes. */
function silentHarness() {
  let stored = "first";
  const io = handMadeIo();
  const at = sourceHarness({ read: () => stored, subscribe: () => () => {} });
  at.source.read();
  const links: Links = createLinks({
    ...at,
    io,
    gate: gateOf(at, () => links),
    isCookie: false,
    onTransport: () => {},
    turn: createTurn(),
    log: createLog({}),
    namespaces: () => ["/"],
    auth: (token) => ({ token }),
    extraHeaders: undefined,
    policy: asSaid,
    ...TIMES,
  });
  const change = (token: string): void => {
    stored = token;
  };
  return { io, links, at, change };
}

describe("opening", () => {
  test("G2: the link carries the token of its version, asked for at the moment of sending", () => {
    const { io, open } = linksHarness();
    open(1);
    expect(io.link.request.credential()).toEqual({ token: "first" });
    expect("headers" in io.link.request).toBe(false);
  });

  test("F5: once another token is current, the old link has nothing to send", () => {
    const { io, open, storage } = linksHarness();
    open(1);
    storage.write("second");
    expect(io.link.request.credential()).toBeNull();
  });

  test("F5: a change that nobody signalled is found when the token is asked for, and nothing is sent", () => {
    const { io, links, change, at } = silentHarness();
    links.handle({ type: "open", link: 1, version: 1 });
    change("second");
    expect([io.link.request.credential(), at.events.at(-1)?.type]).toEqual([null, "token.changed"]);
  });

  test("a change that nobody signalled is found before the handshake, and nothing is opened", () => {
    const { io, links, change, at } = silentHarness();
    change("second");
    links.handle({ type: "open", link: 1, version: 1 });
    expect([io.links.length, at.events.at(-1)?.type]).toEqual([0, "token.changed"]);
  });

  test("a version that is not current any more opens nothing", () => {
    const { io, open } = linksHarness();
    open(1, 0);
    open(2, 7);
    expect(io.links).toEqual([]);
  });

  test("the shapes that auth and extraHeaders give are sent as they are", () => {
    const { io, open } = linksHarness({
      auth: (token) => ({ bearer: token, v: 2 }),
      extraHeaders: (token) => ({ authorization: `Bearer ${token}` }),
    });
    open(1);
    expect([io.link.request.credential(), io.link.request.headers]).toEqual([
      { bearer: "first", v: 2 },
      { authorization: "Bearer first" },
    ]);
  });

  test("auth or extraHeaders that throw fail the link, typed and without the token", () => {
    const thrower = (token: string): never => {
      throw new Error(`cannot wrap opaque-secret: ${token}${token}${token}`);
    };
    for (const given of [{ auth: thrower }, { extraHeaders: thrower }]) {
      const { io, open, events, failures } = linksHarness(given);
      open(1);
      expect(events).toEqual([
        { type: "io.ended", link: 1, version: 1, verdict: "retry", code: "ERR_CREDENTIAL" },
      ]);
      expect(String(failures.recall("ERR_CREDENTIAL").cause)).not.toContain("firstfirstfirst");
      for (const { credential } of io.links) expect(credential).toBeNull();
    }
  });

  test("an io adapter that throws fails the link", () => {
    const io = handMadeIo();
    io.open = () => {
      throw new Error("no network stack");
    };
    const { open, events } = linksHarness({ io });
    open(1);
    expect(events).toMatchObject([{ type: "io.ended", link: 1, verdict: "retry" }]);
  });
});

/** The link of a token that names nobody is open, after one that the server has named. */
function afterAlice() {
  const harness = linksHarness();
  const { io, open, links, storage, events, tokenStore } = harness;
  open(1);
  io.link.accept({ reauthenticate: false, identity: "alice" });
  const alice = tokenStore.owners.current;
  storage.write("opaque-2");
  links.handle({ type: "close", link: 1 });
  open(2);
  events.length = 0;
  return { ...harness, alice };
}

describe("what the server says of itself", () => {
  const ready: LinkEvent = { type: "ready", reauthenticate: true, expiresIn: 60_000, identity: "alice" };
  const reported = { type: "io.ready", link: 1, reauthenticate: true };

  test("is reported after the link is connected, without the user", () => {
    const { io, open, events, expiry } = linksHarness();
    open(1);
    io.link.report({ type: "connected" });
    io.link.report(ready);
    expect(events).toEqual([{ type: "io.connected", link: 1 }, reported]);
    expect(expiry.untilRefresh()).toBe(54_000);
  });

  test("is kept until then where it came first", () => {
    const { io, open, events, expiry, tokenStore } = linksHarness();
    open(1);
    io.link.report(ready);
    expect([events, expiry.untilRefresh()]).toEqual([[], Number.POSITIVE_INFINITY]);
    io.link.report({ type: "connected" });
    expect(events).toEqual([{ type: "io.connected", link: 1 }, reported]);
    expect([hashOf(tokenStore.owners.ofToken), expiry.untilRefresh()]).toEqual(["alice", 54_000]);
  });

  test("without a word for the user or a lifetime leaves both as they were", () => {
    const { io, open, events, expiry } = linksHarness({ token: jwt({ sub: "alice", iat: 0, exp: 300 }) });
    open(1);
    io.link.accept();
    expect(events.at(-1)).toEqual({ type: "io.ready", link: 1, reauthenticate: false });
    expect(expiry.untilRefresh()).toBe(270_000);
  });

  test("names the user: the same as before is the same owner, and only then is the link connected", () => {
    const { io, storage, events, tokenStore, isOfUser, alice } = afterAlice();
    io.link.report({ type: "connected" });
    expect([events, isSame(tokenStore.owners.current, alice), isOfUser(2)]).toEqual([[], false, false]);
    io.link.report({ type: "ready", reauthenticate: false, identity: "alice" });
    expect(events.map(({ type }) => type)).toEqual(["io.connected", "io.ready"]);
    expect([isSame(tokenStore.owners.current, alice), isOfUser(2)]).toEqual([true, true]);
    storage.write("opaque-3");
    expect(isOfUser(2)).toBe(false);
  });

  test("that it names nobody any more counts as an answer: the link is connected, and of another user", () => {
    const { io, events, tokenStore, isOfUser, alice } = afterAlice();
    io.link.accept();
    expect(events.map(({ type }) => type)).toEqual(["io.connected", "io.ready"]);
    expect([isSame(tokenStore.owners.current, alice), isOfUser(2)]).toEqual([false, true]);
  });

  test("G3 names another user than the link's before: the link is that one's, and what waits is not", () => {
    const { io, open, tokenStore, isOfUser, gate } = linksHarness();
    open(1);
    io.link.accept({ reauthenticate: false, identity: "alice" });
    const alice = tokenStore.owners.current;
    io.link.report({ type: "ready", reauthenticate: false, identity: "bob" });
    expect([isOfUser(1), gate.mayWrite(1, alice), gate.mayWrite(1, tokenStore.owners.current)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("is reported once as connected, however often it is said", () => {
    const { io, open, events } = linksHarness();
    open(1);
    io.link.accept({ reauthenticate: false, identity: "alice" });
    io.link.report({ type: "ready", reauthenticate: true, identity: "alice" });
    expect(events.map(({ type }) => type)).toEqual(["io.connected", "io.ready", "io.ready"]);
  });

  test("G3 about a link of an earlier token says nothing of the current one", () => {
    const { io, open, storage, tokenStore, expiry, isOfUser } = linksHarness();
    open(1);
    io.link.report({ type: "connected" });
    storage.write("opaque-2");
    io.link.report(ready);
    expect([hashOf(tokenStore.owners.ofToken), expiry.untilRefresh()]).toEqual([
      undefined,
      Number.POSITIVE_INFINITY,
    ]);
    expect(isOfUser(1)).toBe(false);
  });
});

describe("closing", () => {
  test("is at once; nothing of the link is reported any more, and it has nothing to send", () => {
    const { io, open, links, events } = linksHarness();
    open(1);
    links.handle({ type: "close", link: 1 });
    io.link.accept();
    expect([io.link.isClosed, events, io.link.request.credential(), links.get(1)]).toEqual([
      true,
      [],
      null,
      undefined,
    ]);
    links.handle({ type: "close", link: 1 });
    links.handle({ type: "settle", link: 1 });
    expect(events).toEqual([]);
  });

  test("leaving waits for the server to have read everything, at most drainTimeout", async () => {
    const { io, open, links, clock, events } = linksHarness();
    io.isSettlingAtOnce = false;
    open(1);
    links.handle({ type: "leave", link: 1 });
    await promisesSettled();
    expect([io.link.isSettling, io.link.isClosed]).toEqual([true, false]);
    io.link.finishSettling();
    await promisesSettled();
    expect([io.link.isClosed, clock.pending()]).toEqual([true, []]);

    open(2);
    links.handle({ type: "leave", link: 2 });
    await clock.advance(TIMES.drainTimeout - 1);
    expect(io.link.isClosed).toBe(false);
    await clock.advance(1);
    expect([io.link.isClosed, events]).toEqual([true, []]);
  });

  test("G1: a link that is leaving is closed before the next one opens", () => {
    const { io, open, links } = linksHarness();
    io.isSettlingAtOnce = false;
    open(1);
    links.handle({ type: "leave", link: 1 });
    open(2);
    expect(io.links.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });
});

describe("settling", () => {
  test("is reported when the server has read everything, or after drainTimeout", async () => {
    const { io, open, links, clock, events } = linksHarness();
    io.isSettlingAtOnce = false;
    open(1);
    io.link.accept();
    events.length = 0;
    links.handle({ type: "settle", link: 1 });
    await promisesSettled();
    expect(events).toEqual([]);
    io.link.finishSettling();
    await promisesSettled();
    expect([events, clock.pending()]).toEqual([[{ type: "io.settled", link: 1 }], []]);
    links.handle({ type: "settle", link: 1 });
    await clock.advance(TIMES.drainTimeout);
    expect(events).toHaveLength(2);
  });

  test("of a link that was closed meanwhile is not reported", async () => {
    const { io, open, links, clock, events } = linksHarness();
    io.isSettlingAtOnce = false;
    open(1);
    links.handle({ type: "settle", link: 1 });
    links.handle({ type: "close", link: 1 });
    await promisesSettled();
    expect([events, clock.pending()]).toEqual([[], []]);
  });
});

test("reports carry numbers and codes only", () => {
  const { io, open, events, failures } = linksHarness();
  const refused = failures.recall("ERR_CONNECT_TIMEOUT");
  open(1);
  io.link.accept();
  io.link.report({
    type: "disconnected",
    verdict: "retry",
    error: refused,
    reason: "transport close",
    retryAfter: 5,
  });
  io.link.report({ type: "refused", verdict: "refresh", error: refused });
  io.link.report({ type: "failed", error: refused });
  const ended = { type: "io.ended", link: 1, version: 1, code: "ERR_CONNECT_TIMEOUT" };
  expect(events).toEqual([
    { type: "io.connected", link: 1 },
    { type: "io.ready", link: 1, reauthenticate: false },
    { ...ended, verdict: "retry", reason: "transport close", retryAfter: 5 },
    { ...ended, verdict: "refresh" },
    { ...ended, verdict: "retry" },
  ]);
});

test("G9: the end closes every link, those that are leaving too, and leaves no timer", () => {
  const { io, open, links, clock, stop } = linksHarness();
  io.isSettlingAtOnce = false;
  open(1);
  links.handle({ type: "leave", link: 1 });
  stop();
  expect(io.link.isClosed).toBe(true);
  const again = linksHarness();
  again.io.isSettlingAtOnce = false;
  again.open(1);
  again.links.handle({ type: "settle", link: 1 });
  again.stop();
  // At once, and not only after the promises' turns.
  expect([again.io.link.isClosed, clock.pending(), again.clock.pending()]).toEqual([true, [], []]);
});
