import {
  memoryRevocations,
  type RevocationStore,
  requireReauthentication,
  revoke,
} from "socket-rotor/server";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createLog } from "../../../../src/logger.js";
import { createRequirements } from "../../../../src/server/tokens/requirements.js";
import { connected, refused, startServer } from "../../../support/real-server.js";
import { collectUncaught } from "../../../support/uncaught.js";
import { untyped } from "../../../support/untyped.js";
import { createBus } from "../cluster.js";
import { issue, verify } from "./dated-tokens.js";
import { CLOSED, join, start, WITHIN } from "./requirement-fixture.js";
import { answerTo, createStore } from "./revocation-fixture.js";

const EVENT = "require-reauthentication";
const MINUTE = 60_000;
const HOUR = 3_600_000;
const lifetimeIn = (message: unknown): number => Number(Reflect.get(Object(message), "expiresIn"));

interface Hears {
  _onServerSideEmit(packet: unknown[]): void;
}

/** A node, and a hand that says to it what any peer on the broker could. */
async function startNode(revocations?: RevocationStore) {
  const server = await start({ revocations });
  const control = untyped<Hears>(server.io.of("/rotor"));
  return { ...server, say: (...packet: unknown[]) => control._onServerSideEmit(packet) };
}

/** What a client has heard of requirements. */
async function joinAndListen(server: Awaited<ReturnType<typeof startNode>>, token: string) {
  const visitor = await join(server.client(), token);
  const asked: number[] = [];
  visitor.control.on("reauthenticate_required", ({ within }) => asked.push(within));
  return { ...visitor, asked };
}

describe("F66 what a peer says of tokens that have to be newer", () => {
  test("counts from the moment at which it is heard, by whatever clock it was sent", async () => {
    const server = await startNode();
    const now = Date.now();
    const [behind, ahead] = [
      await joinAndListen(server, issue("behind", now - 2 * HOUR)),
      await joinAndListen(server, issue("ahead", now - 1_000)),
    ];
    server.say(EVENT, { subject: "behind", at: now - HOUR, within: MINUTE });
    server.say(EVENT, { subject: "ahead", at: 9e15, within: MINUTE });
    for (const { asked } of [behind, ahead]) {
      await expect.poll(() => asked.length).toBe(1);
      expect(asked[0]).toBeGreaterThan(MINUTE - 5_000);
    }
    // A token that is issued now is new enough, though by that clock it is from before.
    expect(await ahead.bring(issue("ahead", Date.now() + 1))).toEqual({ ok: true });
  });

  test("twice, late, or out of order, asks once, and asks nobody again who has brought one", async () => {
    const server = await startNode();
    const { control, asked, bring } = await joinAndListen(server, issue("alice", "", "one"));
    const at = Date.now();
    const message = { subject: "alice", at, within: MINUTE };
    for (let count = 0; count < 3; count += 1) server.say(EVENT, message);
    expect(await bring(issue("alice", "", "two"))).toEqual({ ok: true });
    server.say(EVENT, message);
    server.say(EVENT, { ...message, at: at - HOUR, within: 0 });
    await control.emitWithAck("sync");
    expect(asked).toHaveLength(1);
    expect(control.connected).toBe(true);
  });

  const FORGED: readonly (readonly [name: string, message?: unknown, acknowledge?: unknown])[] = [
    ["no message"],
    ["null", null],
    ["a number", 7],
    ["a list", [{ subject: "alice", at: 9e15, within: MINUTE }]],
    ["nobody", { at: 9e15, within: MINUTE }],
    ["a subject that is a list", { subject: ["alice"], at: 9e15, within: MINUTE }],
    ["an empty subject", { subject: "", at: 9e15, within: MINUTE }],
    ["an empty token id", { tokenId: "", at: 9e15, within: MINUTE }],
    ["no time", { subject: "alice", within: MINUTE }],
    ["a time that is a text", { subject: "alice", at: "9e15", within: MINUTE }],
    ["a time below zero", { subject: "alice", at: -1, within: MINUTE }],
    ["a time without an end", { subject: "alice", at: Number.POSITIVE_INFINITY, within: MINUTE }],
    ["no limit", { subject: "alice", at: 9e15 }],
    ["a limit that is a text", { subject: "alice", at: 9e15, within: "60000" }],
    ["a limit below zero", { subject: "alice", at: 9e15, within: -1 }],
    ["a limit that is no number", { subject: "alice", at: 9e15, within: Number.NaN }],
    ["a limit of a month", { subject: "alice", at: 9e15, within: 720 * HOUR }],
    ["an acknowledgement that is none", { subject: "x", at: 1, within: MINUTE }, "done"],
  ];

  test.each(FORGED)("that is forged: %s, asks nobody and ends nothing", async (_, message, acknowledge) => {
    const server = await startNode();
    const { control, asked } = await joinAndListen(server, issue("alice", Date.now() - 1_000));
    const uncaught = await collectUncaught(async () => {
      // By itself, as an adapter does it: what is thrown there, nobody catches.
      setImmediate(() => server.say(EVENT, message, acknowledge));
      await control.emitWithAck("sync");
    });
    expect([uncaught, asked]).toEqual([[], []]);
    const { ready } = await join(server.client(), issue("alice", Date.now() - 1_000));
    expect(ready).not.toHaveProperty("expiresIn");
  });
});

describe("over several nodes", () => {
  async function startNodes() {
    const bus = createBus();
    const server = { adapter: bus.adapter };
    const nodes = await Promise.all([start({ server }), start({ server })]);
    for (const { io } of nodes) await expect.poll(() => io.of("/rotor").adapter.serverCount()).toBe(2);
    return { bus, here: nodes[0], there: nodes[1] };
  }

  test("every node asks, once, no token goes over the bus, and no listener of the application's hears of it", async () => {
    const { bus, here, there } = await startNodes();
    const heard: unknown[] = [];
    for (const { io } of [here, there]) io.of("/rotor").on(EVENT, (...all: unknown[]) => heard.push(all));
    const token = issue("alice", Date.now() - 1_000);
    const { control, required } = await join(there.client(), token);
    let count = 0;
    control.on("reauthenticate_required", () => (count += 1));
    expect(await requireReauthentication(here.io, { subject: "alice" }, { within: MINUTE })).toBe(true);
    await required;
    await control.emitWithAck("sync");
    expect([count, heard]).toEqual([1, []]);
    expect(bus.messages.join("")).toContain("alice");
    expect(bus.messages.join("")).not.toContain(token);
  });

  test("a bus that is down: this node has done its part, and the answer is false", async () => {
    const { bus, here } = await startNodes();
    const { required } = await join(here.client(), issue("alice", Date.now() - 1_000));
    const uncaught = await collectUncaught(async () => {
      bus.isDown = true;
      const answer = requireReauthentication(here.io, { subject: "alice" }, { within: MINUTE });
      await required;
      expect(await answer).toBe(false);
    });
    expect(uncaught).toEqual([]);
    expect(here.lines.join()).toContain("requireReauthentication: not every node has confirmed");
  }, 15_000);
});

describe("F62 with a store of revocations", () => {
  const ask = ({ io }: Awaited<ReturnType<typeof start>>, within: number) =>
    requireReauthentication(io, { subject: "alice" }, { within });

  test("a node that starts later gives what is left of the time", async () => {
    const revocations = createStore();
    const first = await start({ revocations });
    await ask(first, WITHIN);
    const later = await start({ revocations });
    const token = issue("alice", Date.now() - 1_000);
    const { ready, end } = await join(later.client(), token);
    expect(lifetimeIn(ready)).toBeLessThanOrEqual(WITHIN);
    expect((await end)[0]).toEqual(CLOSED);
    // One that starts after that gives none.
    const last = await start({ revocations });
    expect(await refused(last.client().join("/", { token }))).toEqual(CLOSED);
    await connected(last.client().join("/", { token: issue("alice", Date.now() + 1_000) }));
  });

  test("a node that no message has reached asks at the next handshake of anybody, once", async () => {
    const revocations = createStore();
    const [one, other] = [await start({ revocations }), await startNode(revocations)];
    const { control, asked } = await joinAndListen(other, issue("alice", Date.now() - 1_000));
    await ask(one, MINUTE);
    expect(asked).toEqual([]);
    for (const user of ["bob", "carol"]) {
      await connected(other.client().join("/", { token: issue(user, Date.now()) }));
    }
    await control.emitWithAck("sync");
    expect(asked).toHaveLength(1);
  });

  test("what is revoked stays revoked, whatever is required after it", async () => {
    const revocations = createStore();
    const first = await start({ revocations });
    const token = issue("alice", Date.now() - 1_000);
    await revoke(first.io, { subject: "alice" });
    await ask(first, MINUTE);
    for (const node of [first, await start({ revocations })]) {
      expect(await answerTo(node.client().join("/", { token }))).toMatchObject({
        error_description: "The token was revoked.",
      });
    }
  });

  test("that has not taken it, the answer is false, and it is said", async () => {
    const { list } = memoryRevocations();
    const revocations = { add: () => Promise.reject(new Error("The store is down.")), list };
    const server = await start({ revocations });
    expect(await ask(server, MINUTE)).toBe(false);
    expect(server.lines.join()).toContain(
      "requireReauthentication: the store of revocations has not taken it",
    );
  });

  test("holds the name and the times, and neither a token nor anything else of one", async () => {
    const added: string[] = [];
    const server = await startServer({
      verify,
      revocations: { add: async (id) => added.push(id), list: async () => [] },
    });
    await ask(server, MINUTE);
    expect(added.map((text) => Object.keys(JSON.parse(text)).sort())).toEqual([
      ["at", "subject", "until", "within"],
    ]);
  });
});

describe("what is remembered", () => {
  function createClock() {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
    onTestFinished(() => void vi.useRealTimers());
    return { now: Date.now(), pass: (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds) };
  }
  const issued = (issuedAt: number) => ({ subject: "alice", issuedAt, data: {} });
  const alice = { subject: "alice" };

  test("is each token's time: an older one is over while a newer one still has its own", () => {
    const { now, pass } = createClock();
    const { add, of } = createRequirements(createLog({}));
    add(alice, { at: now, deadline: now + 60 }, now + HOUR);
    pass(100);
    add(alice, { at: now + 100, deadline: now + 160 }, now + HOUR);
    expect(() => of(issued(now))).toThrow("A newer token");
    expect(of(issued(now + 50))).toEqual({ at: now + 100, deadline: now + 160 });
    expect(of(issued(now + 101))).toBeUndefined();
    pass(60);
    expect(() => of(issued(now + 50))).toThrow("A newer token");
    expect(of(issued(now + 101))).toBeUndefined();
  });

  test("is the newest moment and the earliest end of what waits, and is news once", () => {
    const { now } = createClock();
    const { add, of } = createRequirements(createLog({}));
    expect(add(alice, { at: now - 20, deadline: now + 60 }, now + HOUR)).toBe(true);
    expect(add(alice, { at: now - 20, deadline: now + 70 }, now + HOUR)).toBe(false);
    expect(add(alice, { at: now - 10, deadline: now + 90 }, now + HOUR)).toBe(true);
    expect(add(alice, { at: now - 15, deadline: now + 1 }, now + HOUR)).toBe(false);
    expect(of(issued(now - 30))).toEqual({ at: now - 10, deadline: now + 60 });
  });

  test("is forgotten at its end, and limited to 100,000, of which the newest are kept", () => {
    const { now, pass } = createClock();
    const warned: string[] = [];
    const { add, of } = createRequirements({ ...createLog({}), warnOnce: (key) => warned.push(key) });
    const required = { at: now, deadline: now + 60 };
    add(alice, required, now + HOUR);
    expect(of(issued(now))).toEqual(required);
    for (let count = 0; count < 100_000; count += 1) add({ tokenId: String(count) }, required, now + HOUR);
    expect(of(issued(now))).toBeUndefined();
    const last = { ...issued(now), tokenId: "99999" };
    expect(of(last)).toEqual(required);
    expect(new Set(warned)).toEqual(new Set(["requirements:full"]));
    pass(HOUR);
    expect(of(last)).toBeUndefined();
  });
});
