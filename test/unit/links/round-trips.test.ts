import { ConnectionError, isConnectionError } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { isSame } from "../../../src/credential/owners.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { jwt } from "../../support/tokens.js";
import { linksHarness } from "./links-harness.js";

const CHECK_TIMEOUT = 2_000;

const alice = (number: number): string => jwt({ sub: "alice", jti: number });
const refused = new ConnectionError("ERR_REFUSED", "not this one");

/** A link that is connected, whose server takes other tokens; a newer one of the same user is current. */
function rotating(given: Parameters<typeof linksHarness>[0] = {}) {
  const at = linksHarness({ token: alice(1), ...given });
  at.open(1);
  at.io.link.accept({ reauthenticate: true });
  at.storage.write(alice(2));
  at.events.length = 0;
  const reauthenticate = (version = at.tokenStore.version): void =>
    at.links.handle({ type: "reauthenticate", link: 1, version });
  return { ...at, link: at.io.link, reauthenticate };
}

describe("re-authentication", () => {
  test("presents the current token, and reports that the server took it", async () => {
    const { link, reauthenticate, events, expiry } = rotating();
    reauthenticate();
    expect(link.asked.map(({ credential }) => credential)).toEqual([{ token: alice(2) }]);
    link.asked[0]?.answer({ ok: true, expiresIn: 60_000 });
    await promisesSettled();
    expect(events).toEqual([{ type: "io.reauthenticated", link: 1, version: 2 }]);
    expect(expiry.untilRefresh()).toBe(54_000);
  });

  test("brings the headers of that token, and asks nothing where the function for them throws", async () => {
    let isBroken = false;
    const extraHeaders = (token: string): Record<string, string> => {
      if (isBroken) throw new Error("no headers today");
      return { authorization: token };
    };
    const { link, reauthenticate, events } = rotating({ extraHeaders });
    reauthenticate();
    expect(link.asked.map(({ headers }) => headers)).toEqual([{ authorization: alice(2) }]);
    isBroken = true;
    reauthenticate();
    expect([link.asked.length, events]).toEqual([
      1,
      [{ type: "io.ended", link: 1, version: 1, verdict: "retry", code: "ERR_CREDENTIAL" }],
    ]);
  });

  test("without a lifetime leaves that of the token", async () => {
    const { link, reauthenticate, events, storage, expiry } = rotating();
    storage.write(jwt({ sub: "alice", iat: 0, exp: 300 }));
    reauthenticate();
    link.asked[0]?.answer({ ok: true });
    await promisesSettled();
    expect([events, expiry.untilRefresh()]).toEqual([
      [{ type: "io.reauthenticated", link: 1, version: 3 }],
      270_000,
    ]);
  });

  test("G2 of a link lets it join further namespaces with the token that it has now", async () => {
    const { link, reauthenticate, storage } = rotating();
    expect(link.request.credential()).toBeNull();
    reauthenticate();
    link.asked[0]?.answer({ ok: true });
    await promisesSettled();
    expect(link.request.credential()).toEqual({ token: alice(2) });
    storage.write(alice(3));
    expect(link.request.credential()).toBeNull();
  });

  test("F5 the newest counts: the wait for an earlier answer ends, and that answer is dropped", async () => {
    const { link, reauthenticate, events, storage, expiry } = rotating();
    reauthenticate();
    storage.write(alice(3));
    reauthenticate();
    expect(link.asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    link.asked[0]?.answer({ ok: true, expiresIn: 60_000 });
    await promisesSettled();
    expect([events, expiry.untilRefresh()]).toEqual([[], Number.POSITIVE_INFINITY]);
    link.asked[1]?.answer({ ok: true });
    await promisesSettled();
    expect(events).toEqual([{ type: "io.reauthenticated", link: 1, version: 3 }]);
  });

  test.each(["close", "leave"] as const)("of a link that is to %s meanwhile is dropped", async (type) => {
    const { link, reauthenticate, links, events, tokenStore, io } = rotating();
    const owner = tokenStore.owners.current;
    io.isSettlingAtOnce = false;
    reauthenticate();
    links.handle({ type, link: 1 });
    expect(link.asked[0]?.signal.aborted).toBe(true);
    link.asked[0]?.answer({ ok: false, verdict: "replace", error: refused, isOtherUser: true });
    await promisesSettled();
    expect([events, isSame(tokenStore.owners.current, owner)]).toEqual([[], true]);
    links.handle({ type: "abandon" });
  });

  test("refused is reported with its verdict, its code and how long to stay away", async () => {
    const { link, reauthenticate, events, failures } = rotating();
    reauthenticate();
    link.asked[0]?.answer({ ok: false, verdict: "retry", error: refused, retryAfter: 0 });
    await promisesSettled();
    expect(events).toEqual([
      {
        type: "io.reauthenticationFailed",
        link: 1,
        version: 2,
        verdict: "retry",
        code: "ERR_REFUSED",
        retryAfter: 0,
      },
    ]);
    expect(failures.recall("ERR_REFUSED")).toStrictEqual(refused);
  });

  test("G3 as another user makes that one current at once, and the link nobody's of theirs", async () => {
    const { link, reauthenticate, events, tokenStore, gate, isOfUser } = rotating();
    const owner = tokenStore.owners.current;
    reauthenticate();
    expect(isOfUser(1)).toBe(true);
    link.asked[0]?.answer({ ok: false, verdict: "replace", error: refused, isOtherUser: true });
    await promisesSettled();
    expect(events).toMatchObject([
      { type: "io.reauthenticationFailed", verdict: "replace", isOtherUser: true },
    ]);
    expect([isSame(tokenStore.owners.current, owner), isOfUser(1), gate.mayWrite(1, owner)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test("as another user of a token that is not current any more changes nothing", async () => {
    const { link, reauthenticate, tokenStore, events, storage } = rotating();
    const owner = tokenStore.owners.current;
    reauthenticate();
    storage.write(alice(3));
    link.asked[0]?.answer({ ok: false, verdict: "replace", error: refused, isOtherUser: true });
    await promisesSettled();
    expect([isSame(tokenStore.owners.current, owner), events.map((event) => "isOtherUser" in event)]).toEqual(
      [true, [false]],
    );
  });

  test("with an auth function that throws fails the link, without the token, and asks nothing", () => {
    let isBroken = false;
    const { link, reauthenticate, events, failures } = rotating({
      auth: (token) => {
        if (isBroken) throw new Error(`cannot wrap ${token}`);
        return { token };
      },
    });
    isBroken = true;
    reauthenticate();
    expect([events, link.asked]).toEqual([
      [{ type: "io.ended", link: 1, version: 1, verdict: "retry", code: "ERR_CREDENTIAL" }],
      [],
    ]);
    expect(String(failures.recall("ERR_CREDENTIAL").cause)).not.toContain("eyJ");
  });

  test("with an auth function that ends everything asks nothing", () => {
    const at = rotating({
      auth(token) {
        if (token === alice(2)) at.stop();
        return { token };
      },
    });
    at.reauthenticate();
    expect([at.link.asked, at.events]).toEqual([[], []]);
  });

  test("with a token that is not current any more asks nothing", () => {
    const { link, reauthenticate, events } = rotating();
    reauthenticate(1);
    expect([link.asked, events]).toEqual([[], []]);
  });

  test("of an adapter that throws or rejects is not available", async () => {
    const failing = [
      () => Promise.reject(new Error("no such thing")),
      () => {
        throw new Error("no such thing");
      },
    ];
    for (const reject of failing) {
      const { link, reauthenticate, events } = rotating();
      link.reauthenticate = reject;
      reauthenticate();
      await promisesSettled();
      expect(events).toMatchObject([{ type: "io.reauthenticationFailed", version: 2, verdict: "replace" }]);
    }
  });
});

describe("F24 a check", () => {
  test("that is answered in time proves that the link is alive", async () => {
    const { io, link, links, events, clock } = rotating();
    io.isSettlingAtOnce = false;
    links.handle({ type: "check", link: 1 });
    await clock.advance(CHECK_TIMEOUT - 1);
    expect(events).toEqual([]);
    link.finishSettling();
    await promisesSettled();
    expect([events, clock.pending()]).toEqual([[{ type: "io.settled", link: 1 }], []]);
  });

  test("that is not answered ends the link, which is tried again at once", async () => {
    const { io, link, links, events, clock, failures } = rotating();
    io.isSettlingAtOnce = false;
    links.handle({ type: "check", link: 1 });
    await clock.advance(CHECK_TIMEOUT);
    const dead = {
      type: "io.ended",
      link: 1,
      version: 1,
      verdict: "retry",
      code: "ERR_DISCONNECTED",
      reason: "ping timeout",
      retryAfter: 0,
    };
    expect([events, clock.pending()]).toEqual([[dead], []]);
    expect(isConnectionError(failures.recall("ERR_DISCONNECTED"), "ERR_DISCONNECTED")).toBe(true);
    link.finishSettling();
    await promisesSettled();
    expect(events).toEqual([dead]);
  });

  test("asked for twice is one: the newest counts", async () => {
    const { io, link, links, events, clock } = rotating();
    io.isSettlingAtOnce = false;
    links.handle({ type: "check", link: 1 });
    await clock.advance(CHECK_TIMEOUT - 1);
    links.handle({ type: "check", link: 1 });
    await clock.advance(CHECK_TIMEOUT - 1);
    expect(events).toEqual([]);
    link.finishSettling();
    await promisesSettled();
    expect([events.length, clock.pending()]).toEqual([1, []]);
  });

  test("does not keep the link from presenting its token later", async () => {
    const { io, link, links, clock, reauthenticate } = rotating();
    io.isSettlingAtOnce = false;
    links.handle({ type: "check", link: 1 });
    link.finishSettling();
    await promisesSettled();
    reauthenticate();
    link.asked[0]?.answer({ ok: true });
    await promisesSettled();
    expect([link.request.credential(), clock.pending()]).toEqual([{ token: alice(2) }, []]);
  });

  test.each(["close", "leave"] as const)("G9 of a link that is to %s is not reported", async (type) => {
    const { io, link, links, events, clock } = rotating();
    io.isSettlingAtOnce = false;
    links.handle({ type: "check", link: 1 });
    links.handle({ type, link: 1 });
    link.finishSettling();
    await clock.advance(CHECK_TIMEOUT);
    expect([events, clock.pending()]).toEqual([[], []]);
  });

  test("G9 is taken back at the end", async () => {
    const { io, links, events, clock, stop, reauthenticate, link } = rotating();
    io.isSettlingAtOnce = false;
    links.handle({ type: "check", link: 1 });
    reauthenticate();
    stop();
    await promisesSettled();
    expect([events, clock.pending(), link.asked[0]?.signal.aborted]).toEqual([[], [], true]);
  });
});
