import { type ConnectionOptions, createConnection, implementations, memoryStorage } from "socket-rotor";
import { connectionMachine } from "socket-rotor/machines";
import { describe, expect, test } from "vitest";
import { createActor } from "xstate";
import { handMadeIo } from "../support/hand-made-io.js";
import { manualClock, promisesSettled } from "../support/manual-clock.js";
import { rejection, thrown } from "../support/rejection.js";
import { untyped } from "../support/untyped.js";

function options() {
  const environment: ConnectionOptions["environment"] = { subscribe: () => () => {} };
  const given = {
    storage: memoryStorage("first"),
    io: handMadeIo(),
    clock: manualClock(),
    environment,
    logger: {},
  };
  return { ...given, url: "https://api.example.com" };
}

/** An actor with the parts, and what it ended with. */
function actorOf(parts: ReturnType<typeof implementations>) {
  const errors: unknown[] = [];
  const actor = createActor(connectionMachine.provide(parts), { clock: parts.clock });
  actor.subscribe({ error: (error) => errors.push(error) });
  return { actor, errors };
}

describe("implementations", () => {
  test("connect in an actor of one's own", async () => {
    const given = options();
    const parts = implementations(given);
    const { actor } = actorOf(parts);
    actor.start();
    actor.send({ type: "connect" });
    // What the parts do in a step of somebody else's actor is done soon after.
    await promisesSettled();
    given.io.link.accept();
    expect([actor.getSnapshot().matches("connected"), parts.socket.connected]).toEqual([true, true]);
    actor.stop();
    expect(given.io.link.isClosed).toBe(true);
  });

  test("connect with a token that was put in force before the actor was started", async () => {
    const given = { ...options(), storage: memoryStorage() };
    const parts = implementations(given);
    await parts.login("first");
    const { actor } = actorOf(parts);
    actor.start();
    actor.send({ type: "connect" });
    // What the parts do in a step of somebody else's actor is done soon after.
    await promisesSettled();
    given.io.link.accept();
    expect(actor.getSnapshot().matches("connected")).toBe(true);
    actor.stop();
  });

  test.each(["while the first one runs", "after the first one has stopped"])(
    "given to a second actor %s, end it with an error that says so",
    async (when) => {
      const given = options();
      const parts = implementations(given);
      const first = actorOf(parts);
      first.actor.start();
      first.actor.send({ type: "connect" });
      await promisesSettled();
      given.io.link.accept();
      if (when.startsWith("after")) first.actor.stop();
      const second = actorOf(parts);
      second.actor.start();
      expect(second.errors).toMatchObject([
        { code: "ERR_INVALID_OPTION", message: /given to a second actor/ },
      ]);
      expect(first.errors).toEqual([]);
      // The first one is left alone.
      expect(parts.socket.connected).toBe(when.startsWith("while"));
      first.actor.stop();
    },
  );

  test.each([
    ["autoConnect", false, /send \{ type: "connect" \}/],
    ["inspect", () => {}, /createActor\(\)/],
  ])("refuse %s, which is the interpreter's", (name, value, words) => {
    const given = untyped<ConnectionOptions>({ ...options(), [name]: value });
    const { message } = thrown(() => implementations(given), "ERR_INVALID_OPTION");
    expect(message).toMatch(words);
  });
});

describe("after the end, implementations, a connection and their sockets agree:", () => {
  const ways = {
    "dispose() of a connection"() {
      const connection = createConnection(options());
      connection.dispose();
      return connection;
    },
    "an actor that has stopped"() {
      const parts = implementations(options());
      const { actor } = actorOf(parts);
      actor.start();
      actor.stop();
      return parts;
    },
    "stop() of implementations"() {
      const parts = implementations(options());
      actorOf(parts).actor.start();
      parts.stop();
      return parts;
    },
  };
  test.each(Object.entries(ways))("%s", async (_way, make) => {
    const ended = make();
    const { socket } = ended;
    const { message } = await rejection(ended.login("second"), "ERR_DISPOSED");
    await rejection(ended.login(), "ERR_DISPOSED");
    await rejection(ended.logout(), "ERR_DISPOSED");
    await rejection(socket.emitWithAck("save"), "ERR_DISPOSED");
    thrown(() => ended.of("/admin"), "ERR_DISPOSED");
    expect(thrown(() => socket.connect(), "ERR_DISPOSED").message).toBe(message);
    expect([socket.connected, socket.active, socket.disconnect()]).toEqual([false, false, socket]);
  });
});
