import { createConnection } from "socket-rotor";
import { explain, explainTo } from "socket-rotor/inspect";
import { accept, fakeIo, memoryStorage, refuse, simulatedClock } from "socket-rotor/testing";
import { describe, expect, test } from "vitest";
import { type Leaf, replay } from "../machines/transition-steps.js";
import { LEAVES, TABLE } from "../machines/transition-table.js";

const [, ...rows] = TABLE.trim().split("\n");
const leaves = Object.keys(LEAVES).filter((leaf): leaf is Leaf => leaf in LEAVES);

/** Every step of the table that changes something: the state, what is remembered, or what is done. */
const steps = rows.flatMap((row) => {
  const name = row.slice(0, row.indexOf("|")).trim();
  return leaves.flatMap((leaf) => {
    const { state, event, reached, actions } = replay(name, leaf);
    const hasChanged =
      JSON.stringify([state.value, state.context]) !== JSON.stringify([reached.value, reached.context]);
    return hasChanged || actions.length > 0 ? [{ name, from: state.value, to: reached.value, event }] : [];
  });
});

describe("each step of the transition table that changes something", () => {
  test("has a line in words", () => {
    expect(steps.length).toBeGreaterThan(450);
    for (const step of steps) {
      const line = explain(step);
      expect(line, step.name).toMatch(/^[A-Z][^:]+( \([^)]+\))?: [^:]+\.$/);
      expect(line, step.name).not.toMatch(/undefined|null|\[object|nothing changes/);
    }
  });

  test("tells different decisions about one event apart", () => {
    const said = new Map(steps.map(({ name, from, to, event }) => [name, explain({ from, to, event })]));
    const refusals = [...said].filter(([name]) => name.startsWith("io.ended") && !name.endsWith("next"));
    expect(new Set(refusals.map(([, line]) => line)).size).toBeGreaterThan(5);
  });
});

describe("a step", () => {
  const refused = { type: "io.ended", link: 1, version: 1, verdict: "refresh", code: "ERR_REFUSED" };

  test.each([
    [
      { from: "connecting.opening", to: { connecting: "refreshing" }, event: refused },
      "The server refused the token, and a fresh one may help (ERR_REFUSED): a refresh is possible, so it is refreshed once.",
    ],
    [
      { from: "connecting.opening", to: "loggedOut.rejected", event: refused },
      "The server refused the token, and a fresh one may help (ERR_REFUSED): no refresh is possible, or it has not helped, so only another token can help.",
    ],
    [
      { from: "connected.steady", to: "rotating.replacing.opening", event: { type: "token.changed" } },
      "A token of another user came, or of one whom we do not know yet: what is open is closed at once, what was queued by another user is dropped, and a link is opened with it.",
    ],
    [
      { from: "connecting.reading", to: "loggedOut.signedOut", event: { type: "token.removed" } },
      "Nobody is signed in: there is no link until somebody signs in.",
    ],
    [
      { from: "connected.steady", to: "loggedOut.signedOut", event: { type: "token.removed" } },
      "The user signed out: there is no link until somebody signs in.",
    ],
    [
      {
        from: "connected.steady",
        to: "connecting.waiting",
        event: { type: "io.ended", verdict: "retry", retryAfter: 700, reason: "transport close" },
      },
      "The link ended, which says nothing about the token (transport close, again after 700 ms): it is tried again after a delay, and nobody is signed out.",
    ],
    [
      {
        from: { connecting: "waiting" },
        to: { connecting: "reading" },
        event: { type: "xstate.after.reconnectionDelay.connection.connecting.waiting" },
      },
      "The delay is over: the storage is read before the next attempt.",
    ],
  ])("%j is said so", (step, line) => {
    expect(explain(step)).toBe(line);
  });

  test("that is no step of this machine has no line", () => {
    const step = { from: "connected.steady", to: "connected.steady", event: { type: "connect" } };
    expect(explain(step)).toBeDefined();
    for (const other of [
      { ...step, from: "asleep" },
      { ...step, to: { connected: "happily" } },
      { ...step, to: "connected" },
      { ...step, event: { type: "toString" } },
      { ...step, event: { type: "xstate.after.lunch.connection" } },
      { ...step, event: { type: "xstate.after.timeout.connection.nowhere" } },
    ])
      expect(explain(other)).toBeUndefined();
  });

  test("has no words of others in its line", () => {
    const secret = "s3cr3t-0f-alice-7c9e6679f8b1";
    const event = {
      type: "io.ended",
      verdict: secret,
      code: secret,
      reason: secret,
      retryAfter: secret,
    };
    expect(explain({ from: "connected.steady", to: "connecting.waiting", event })).toBe(
      "The link ended, which says nothing about the token: it is tried again after a delay, and nobody is signed out.",
    );
  });
});

test("explainTo tells a life step by step, and passes over what changes nothing", async () => {
  const lines: string[] = [];
  const io = fakeIo(refuse("refresh"), accept());
  const connection = createConnection({
    url: "https://api.example.com",
    storage: memoryStorage("expired"),
    refresh: async () => "fresh",
    clock: simulatedClock(),
    logger: {},
    inspect: explainTo((line) => lines.push(line)),
    io,
  });
  await connection.whenConnected();
  connection.connect();
  await connection.logout();
  connection.dispose();
  expect(lines).toMatchInlineSnapshot(`
    [
      "The application asked to connect: the storage is read before the next attempt.",
      "The storage holds a token that is not the last one: a link is opened with it.",
      "The server refused the token, and a fresh one may help (ERR_REFUSED): a refresh is possible, so it is refreshed once.",
      "A fresh token came: a link is opened with it.",
      "The server accepted the token: the link carries the traffic.",
      "The user signed out: there is no link until somebody signs in.",
    ]
  `);
});
