import { createInspector, type StatelyInspectionEvent } from "@statelyai/inspect";
import { createConnection } from "socket-rotor";
import { redact } from "socket-rotor/inspect";
import { connectionMachine } from "socket-rotor/machines";
import { accept, fakeIo, memoryStorage } from "socket-rotor/testing";
import { describe, expect, test } from "vitest";
import { assign, createActor, setup } from "xstate";
import { findSecrets } from "../../quality/canary/secrets.js";
import { type Leaf, replay } from "../machines/transition-steps.js";
import { LEAVES, TABLE } from "../machines/transition-table.js";

const secret = "s3cr3t-0f-alice-7c9e6679f8b1";
const base = { id: "", sessionId: "x:0", rootId: "x:0", createdAt: "1", _version: "0.7.2" };

/** An inspector of `@statelyai/inspect` that keeps what it sends. */
function inspector() {
  const sent: StatelyInspectionEvent[] = [];
  const { inspect } = createInspector({ send: (event) => sent.push(event) }, { serialize: redact });
  return { sent, inspect };
}

test("a connection is shown whole: its actors, every event, its states, counters and codes", async () => {
  const { sent, inspect } = inspector();
  const connection = createConnection({
    url: "https://api.example.com",
    storage: memoryStorage(secret),
    io: fakeIo(accept()),
    logger: {},
    inspect,
  });
  await connection.whenConnected();
  await expect.poll(() => JSON.stringify(sent)).toContain('"value":{"connected":"steady"}');
  connection.dispose();
  const actors = sent.flatMap((event) => (event.type === "@xstate.actor" ? [event.name] : []));
  expect(new Set(actors)).toEqual(
    new Set(["connection", "traffic", "links", "environment", "credential", "refresher", "storage"]),
  );
  const context: unknown = JSON.parse(JSON.stringify(connection.actor.getSnapshot().context));
  expect(sent).toContainEqual(
    expect.objectContaining({
      type: "@xstate.snapshot",
      event: { type: "io.connected", link: 1 },
      snapshot: {
        status: "active",
        output: undefined,
        error: undefined,
        value: { connected: "steady" },
        context,
      },
    }),
  );
  const types = sent.flatMap((event) => (event.type === "@xstate.event" ? [event.event.type] : []));
  expect(types).toContain("token.changed");
  expect(types).toContain("open");
  expect(types).not.toContain("[redacted]");
  expect(findSecrets(sent, [secret])).toEqual([]);
});

/** What the rows of the transition table are about, and what the machine sends then. */
const [, ...rows] = TABLE.trim().split("\n");
const leaves = Object.keys(LEAVES).filter((leaf): leaf is Leaf => leaf in LEAVES);
const sent = new Map<string, { type: string }>();
for (const name of rows.map((row) => row.slice(0, row.indexOf("|")).trim()))
  for (const leaf of leaves) {
    const { event, actions } = replay(name, leaf);
    const commands = actions.flatMap(({ type, params }) =>
      type === "xstate.sendTo" ? [Reflect.get(Object(params), "event")] : [],
    );
    const isOurs =
      !event.type.startsWith("xstate.") || connectionMachine.events.some((type) => type === event.type);
    for (const each of isOurs ? [event, ...commands] : commands) sent.set(JSON.stringify(each), each);
  }

test("every event and command of the transition table is shown whole", () => {
  for (const event of sent.values())
    expect(redact({ ...base, type: "@xstate.event", event })).toMatchObject({ event });
  expect(new Set([...sent.values()].map(({ type }) => type)).size).toBeGreaterThan(40);
});

test("of another machine in the same system nothing is shown but that it is there", async () => {
  const { sent, inspect } = inspector();
  const other = setup({
    types: { context: {} as { token: string }, input: {} as { token: string } },
    actions: { keep: assign({ token: secret }) },
  }).createMachine({
    id: `app ${secret}`,
    context: ({ input }) => input,
    meta: { token: secret },
    on: { "*": { actions: "keep" } },
  });
  const actor = createActor(other, { inspect, input: { token: secret }, id: `app ${secret}` }).start();
  actor.send({ type: secret, token: secret });
  await expect.poll(() => sent.length).toBe(5);
  actor.stop();
  expect(findSecrets(sent, [secret])).toEqual([]);
  expect(sent.flatMap((event) => ("event" in event ? [event.event] : []))).toContainEqual({
    type: "[redacted]",
  });
});

describe("what is not known to be harmless is left out", () => {
  test("of an event: other fields, and known ones that hold anything else", () => {
    const event = {
      type: "io.ended",
      link: 1,
      verdict: "refresh",
      code: secret,
      retryAfter: secret,
      token: secret,
    };
    expect(redact({ ...base, type: "@xstate.event", sourceId: secret, event, token: secret })).toEqual({
      ...base,
      type: "@xstate.event",
      sourceId: undefined,
      event: { type: "io.ended", link: 1, verdict: "refresh" },
    });
  });

  test("of a snapshot: other context, children, output, error and states", () => {
    const context = { version: 1, identity: secret, code: secret, token: secret };
    const snapshot = {
      status: "error",
      value: { idle: "stopped" },
      context,
      children: { a: secret },
      output: secret,
      error: new Error(secret),
    };
    const event = { type: "xstate.init", input: { token: secret } };
    expect(redact({ ...base, type: "@xstate.snapshot", event, snapshot })).toEqual({
      ...base,
      type: "@xstate.snapshot",
      event: { type: "xstate.init" },
      snapshot: {
        status: "error",
        output: undefined,
        error: undefined,
        value: { idle: "stopped" },
        context: { version: 1 },
      },
    });
    const strange = { ...snapshot, value: { [secret]: secret } };
    expect(redact({ ...base, type: "@xstate.snapshot", event, snapshot: strange })).toMatchObject({
      snapshot: { status: "error", output: undefined, error: undefined },
    });
    expect(
      findSecrets(redact({ ...base, type: "@xstate.snapshot", event, snapshot: strange }), [secret]),
    ).toEqual([]);
  });

  test("of an actor: its name and its definition, unless it is one of ours", () => {
    const redacted = redact({
      ...base,
      type: "@xstate.actor",
      name: secret,
      definition: secret,
      parentId: secret,
    });
    expect(redacted).toMatchObject({ name: "x:0", definition: '{"id":"x:0"}', parentId: undefined });
    expect(redact({ ...base, type: "@xstate.actor", name: "connection", definition: secret })).toMatchObject({
      name: "connection",
      definition: expect.stringMatching(/^\{"id":"connection",.*"states":/),
    });
  });

  test("however often it is asked: an inspector asks twice", () => {
    for (const event of [
      { ...base, type: "@xstate.actor", name: "links", snapshot: { status: "active" } },
      { ...base, type: "@xstate.event", event: { type: "open", link: 1, version: 1 } },
      {
        ...base,
        type: "@xstate.snapshot",
        event: { type: secret },
        snapshot: { status: "active", value: secret },
      },
    ])
      expect(redact(redact(event))).toEqual(redact(event));
  });

  test("of anything at all", () => {
    for (const event of [{}, { type: secret }, { type: "@xstate.snapshot", snapshot: secret, event: secret }])
      expect(findSecrets(redact(event), [secret])).toEqual([]);
  });
});
