import { useMachine } from "@xstate/react";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import {
  type Connection,
  ConnectionError,
  type ConnectionOptions,
  connectionInput,
  connectionLogic,
  connectionOf,
  createConnection,
  type EnvironmentSignal,
  type MemoryStorage,
  memoryStorage,
} from "socket-rotor";
import { connectionMachine } from "socket-rotor/machines";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createActor, initialTransition, setup, transition } from "xstate";
import { handMadeIo } from "../support/hand-made-io.js";
import { manualClock, promisesSettled } from "../support/manual-clock.js";
import { recordingLogger } from "../support/recording-logger.js";
import { rejection, thrown } from "../support/rejection.js";
import { stopForNow } from "../support/restart.js";
import { jwt } from "../support/tokens.js";
import { collectUncaught } from "../support/uncaught.js";
import { untyped } from "../support/untyped.js";

type Given = Omit<Partial<ConnectionOptions>, "storage"> & { storage?: MemoryStorage };

/** An actor over a hand-made IO adapter and a clock that stands still; not started. */
function made({ clock: _, inspect: __, ...given }: Given = {}, logic = connectionLogic) {
  const io = handMadeIo();
  const clock = manualClock();
  const signals = new Set<(signal: EnvironmentSignal) => void>();
  const storage = memoryStorage("first");
  const subscribe = vi.spyOn(storage, "subscribe");
  const read = vi.spyOn(storage, "read");
  const options = {
    url: "https://api.example.com",
    storage,
    io,
    environment: {
      subscribe(onSignal: (signal: EnvironmentSignal) => void) {
        signals.add(onSignal);
        return () => void signals.delete(onSignal);
      },
    },
    logger: {},
    ...given,
  };
  const input = connectionInput(options);
  const actor = createActor(logic, { input, clock });
  onTestFinished(() => void actor.stop());
  const open = () => io.links.filter(({ isClosed }) => !isClosed);
  return {
    actor,
    input,
    io,
    clock,
    signals,
    storage,
    subscribe,
    read,
    open,
    connection: connectionOf(actor),
  };
}

/** One that is connected. */
async function connected(given: Given = {}, logic = connectionLogic) {
  const all = made(given, logic);
  all.actor.start();
  await promisesSettled();
  all.io.link.accept();
  expect(all.connection.status).toBe("connected");
  return all;
}

/** XState reports what nobody observes from a timer. */
const afterTimers = () => new Promise((resolve) => setTimeout(resolve));

describe("the actor of connectionLogic", () => {
  test("connects as it starts, and closes its link as it stops", async () => {
    const { actor, connection, open } = await connected();
    expect([actor.getSnapshot().matches("connected"), connection.socket.connected]).toEqual([true, true]);
    actor.stop();
    expect(open()).toEqual([]);
  });

  test("waits for connect with autoConnect: false, also for one that came before its start", async () => {
    const waiting = made({ autoConnect: false });
    waiting.actor.start();
    await promisesSettled();
    expect(waiting.connection.status).toBe("idle");
    waiting.actor.send({ type: "connect" });
    await promisesSettled();
    expect(waiting.open()).toHaveLength(1);
    const early = made({ autoConnect: false });
    early.connection.connect();
    early.actor.start();
    await promisesSettled();
    expect(early.open()).toHaveLength(1);
    const never = made();
    never.connection.disconnect();
    never.actor.start();
    await promisesSettled();
    expect(never.connection.status).toBe("idle");
  });

  test("connects with the token of a sign-in that came before its start", async () => {
    const { actor, connection, io } = made({ storage: memoryStorage() });
    await connection.login("second");
    actor.start();
    await promisesSettled();
    expect(io.link.credential).toEqual({ token: "second" });
  });

  test("tells of its steps in the log, and subscribers of each change", async () => {
    const logger = recordingLogger();
    const { actor, connection } = made({ logger });
    const told: string[] = [];
    connection.subscribe(({ status, detail }) => told.push(`${status}.${detail}`));
    actor.start();
    await promisesSettled();
    expect(logger.lines).toContain("debug [socket-rotor] connect: idle.stopped → connecting.reading");
    expect(told.at(-1)).toBe("connecting.opening");
  });

  test("works as a child of another machine, and ends with it", async () => {
    const { input, open } = made();
    const machine = setup({ actors: { connectionLogic } }).createMachine({
      initial: "on",
      states: {
        on: { invoke: { src: "connectionLogic", id: "connection", input }, on: { leave: "off" } },
        off: {},
      },
    });
    const parent = createActor(machine).start();
    await promisesSettled();
    expect(open()).toHaveLength(1);
    const child = parent.getSnapshot().children["connection"];
    const { socket } = connectionOf(untyped(child));
    parent.send({ type: "leave" });
    await promisesSettled();
    expect(open()).toEqual([]);
    await rejection(socket.emitWithAck("save"), "ERR_DISPOSED");
  });

  test("refreshes a token of 30 days when it is due, with XState's own clock too", async () => {
    const delays = vi.spyOn(globalThis, "setTimeout");
    onTestFinished(() => delays.mockRestore());
    const now = Math.floor(Date.now() / 1_000);
    const storage = memoryStorage(jwt({ sub: "ada", iat: now, exp: now + 30 * 86_400 }));
    const refresh = vi.fn(async () => null);
    const forever = { timeout: Number.POSITIVE_INFINITY, stableAfter: Number.POSITIVE_INFINITY };
    const { input, io } = made({ storage, refresh, ...forever });
    const actor = createActor(connectionLogic, { input }).start();
    onTestFinished(() => void actor.stop());
    await promisesSettled();
    io.link.accept();
    expect(actor.getSnapshot().value).toEqual({ connected: "steady" });
    const given = delays.mock.calls.map(([, delay = 0]) => delay);
    expect(Math.max(...given)).toBe(2 ** 31 - 1);
    expect(refresh).not.toHaveBeenCalled();
  });
});

describe("F39 one machine serves all actors:", () => {
  test("its states and transitions are those of the pure chart", () => {
    expect(connectionLogic.config).toBe(connectionMachine.config);
    expect(JSON.stringify(connectionLogic)).toBe(JSON.stringify(connectionMachine));
    expect(made().actor.logic).toBe(connectionLogic);
  });

  test("a binding that assigns implementations changes nobody's", async () => {
    const copy = connectionLogic.provide({ guards: { isCurrentLink: () => false } });
    for (const logic of [connectionLogic, copy]) {
      const { actor } = made({}, logic);
      const before = actor.logic.implementations;
      actor.logic.implementations = { actors: {}, actions: {}, guards: {}, delays: {} };
      expect(actor.logic.implementations).toBe(before);
    }
    await connected();
  });

  test("a copy decides otherwise, and has parts as well", async () => {
    const reconnectionDelay = vi.fn(() => 5);
    const { io, clock } = await connected({}, connectionLogic.provide({ delays: { reconnectionDelay } }));
    io.link.report({
      type: "disconnected",
      verdict: "retry",
      reason: "transport close",
      error: new ConnectionError("ERR_DISCONNECTED", "gone"),
    });
    expect(reconnectionDelay).toHaveBeenCalled();
    expect(clock.pending()).toContain(5);
  });

  test("pure functions of XState take it", () => {
    const { input } = made();
    const [start] = initialTransition(connectionLogic, input);
    expect(start.context.settings.drainTimeout).toBe(5_000);
    const [next] = transition(connectionLogic, start, { type: "connect" });
    expect(next.value).toEqual({ connecting: "reading" });
  });
});

describe("making an actor", () => {
  test("has no effect: no timer, no listener, no read, no line in the log", () => {
    const logger = recordingLogger();
    const timers = vi.spyOn(globalThis, "setTimeout");
    const intervals = vi.spyOn(globalThis, "setInterval");
    const all = made({ logger, url: "http://api.example.com", autoConnect: true });
    initialTransition(connectionLogic, all.input);
    const { socket } = all.connection;
    expect([socket.active, all.connection.status]).toEqual([false, "idle"]);
    expect([timers, intervals, all.subscribe, all.read].map(({ mock }) => mock.calls.length)).toEqual([
      0, 0, 0, 0,
    ]);
    expect([all.clock.pending(), all.signals.size, all.io.links, logger.lines]).toEqual([[], 0, [], []]);
    timers.mockRestore();
    intervals.mockRestore();
    all.actor.start();
    expect(logger.lines).toContainEqual(expect.stringMatching(/^warn .*unencrypted/));
  });

  test("for a page that a server renders has no effect either", () => {
    const { subscribe, read, signals, io, clock, input } = made();
    const Page = () => {
      const [snapshot, , actor] = useMachine(connectionLogic, { input, clock });
      return `${JSON.stringify(snapshot.value)} ${connectionOf(actor).status}`;
    };
    expect(renderToString(createElement(Page))).toContain("idle");
    expect([subscribe, read].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
    expect([clock.pending(), signals.size, io.links]).toEqual([[], 0, []]);
  });

  const noInput = /takes as its "input" what connectionInput\(\) has made, but got/;
  test.each<[string, unknown]>([
    ["no input", undefined],
    ["the options themselves", { url: "https://api.example.com", storage: memoryStorage() }],
    ["a string", "https://api.example.com"],
  ])("with %s is refused by name", (_, given) => {
    const actor = createActor(connectionLogic, { input: untyped(given) });
    const error: unknown = untyped<{ error: unknown }>(actor.getSnapshot()).error;
    expect(error).toMatchObject({ code: "ERR_INVALID_OPTION", message: expect.stringMatching(noInput) });
    expect(thrown(() => connectionOf(actor), "ERR_INVALID_OPTION").message).toMatch(/has got an input/);
  });

  test.each(["a persisted", "a live"])("with %s snapshot is refused by name", async (kind) => {
    const { actor, input, connection } = await connected();
    const snapshot = kind === "a live" ? actor.getSnapshot() : actor.getPersistedSnapshot();
    const errors: unknown[] = [];
    const second = createActor(connectionLogic, { input, snapshot });
    second.subscribe({ error: (error) => errors.push(error) });
    second.start();
    expect(errors).toMatchObject([{ code: "ERR_INVALID_OPTION", message: /Leave out "snapshot"/ }]);
    expect(connection.status).toBe("connected");
  });

  test.each(["clock", "inspect"])("takes no %s in its input, which is the interpreter's", (name) => {
    const options = { url: "https://api.example.com", storage: memoryStorage() };
    const given = untyped<ConnectionOptions>({
      ...options,
      [name]: name === "clock" ? manualClock() : () => {},
    });
    const { message } = thrown(() => connectionInput(given), "ERR_INVALID_OPTION");
    expect(message).toContain(`no "${name}": give it to createActor()`);
  });

  test("needs an input that shows nothing of the options", () => {
    const { input } = made({ storage: memoryStorage("a-secret-of-alice") });
    expect([Object.keys(input), JSON.stringify(input), Object.isFrozen(input)]).toEqual([[], "{}", true]);
  });

  test("knows an input, and has its connection known, by another copy of the package", async () => {
    vi.resetModules();
    const other = await import("socket-rotor");
    expect(other.connectionLogic).not.toBe(connectionLogic);
    const { input } = made();
    const actor = createActor(other.connectionLogic, { input: untyped(input), clock: manualClock() });
    expect(connectionOf(untyped(actor))).toBe(other.connectionOf(actor));
  });
});

describe("F39 stopped and started again, an actor", () => {
  test("goes on in the same task with one link, what waits, and the same sockets", async () => {
    const all = made();
    const { actor, connection, io, open } = all;
    actor.start();
    const first = connection.socket.emitWithAck("save", 1);
    stopForNow(actor)();
    const second = connection.socket.emitWithAck("save", 2);
    await promisesSettled();
    expect(io.links).toHaveLength(1);
    io.link.accept();
    const written = io.link.sockets.get("/")?.written ?? [];
    expect(written.map(({ args }) => args)).toEqual([[1], [2]]);
    for (const { onAck } of written) onAck?.("saved");
    expect(await Promise.all([first, second])).toEqual(["saved", "saved"]);
    expect([connection.status, open().length]).toEqual(["connected", 1]);
  });

  test("reads the token and opens another link, where it had one", async () => {
    const { actor, connection, io, open } = await connected();
    const [old] = io.links;
    const restart = stopForNow(actor);
    expect(old?.isClosed).toBe(true);
    restart();
    await promisesSettled();
    expect([connection.status, open().length]).toEqual(["connecting", 1]);
    io.link.accept();
    expect(connection.status).toBe("connected");
  });

  test("ignores what a run before reports late, be it by an environment that goes on", async () => {
    const { actor, connection, io, signals, read } = made();
    actor.start();
    await promisesSettled();
    const [old] = io.links;
    const [signal] = signals;
    stopForNow(actor)();
    await promisesSettled();
    old?.accept();
    expect(connection.status).toBe("connecting");
    io.link.accept();
    expect(connection.status).toBe("connected");
    const reads = read.mock.calls.length;
    signal?.("page.resumed");
    expect(read).toHaveBeenCalledTimes(reads);
  });

  test("does not send again what the server has refused", async () => {
    const { actor, connection, io } = made();
    actor.start();
    await promisesSettled();
    io.link.report({
      type: "refused",
      verdict: "logout",
      error: new ConnectionError("ERR_REFUSED", "no"),
    });
    expect(connection.getSnapshot().detail).toBe("rejected");
    stopForNow(actor)();
    await promisesSettled();
    expect([connection.getSnapshot().detail, io.links.length]).toEqual(["rejected", 1]);
  });

  test("finds out who has signed in, and that nobody has, in the meantime", async () => {
    const { actor, connection, storage, io } = await connected();
    const restart = stopForNow(actor);
    await promisesSettled();
    storage.write("second");
    restart();
    await promisesSettled();
    expect(io.link.credential).toEqual({ token: "second" });
    const again = stopForNow(actor);
    await promisesSettled();
    storage.write(null);
    again();
    await promisesSettled();
    expect(connection.status).toBe("loggedOut");
    const last = stopForNow(actor);
    storage.write("third");
    last();
    await promisesSettled();
    expect(io.link.credential).toEqual({ token: "third" });
  });

  test("goes on after a stop that has lasted, in which what was due was given up", async () => {
    const { actor, connection, io, clock, signals } = await connected();
    const { socket } = connection;
    const written = rejection(socket.emitWithAck("written"), "ERR_LINK_CLOSED");
    const restart = stopForNow(actor);
    await rejection(socket.emitWithAck("in the same task"), "ERR_DISPOSED");
    await written;
    await rejection(socket.emitWithAck("later"), "ERR_DISPOSED");
    expect([connection.status, socket.connected, signals.size, clock.pending()]).toEqual([
      "idle",
      false,
      0,
      [],
    ]);
    const waiting = connection.whenConnected();
    await rejection(connection.login("second"), "ERR_DISPOSED");
    await rejection(connection.logout(), "ERR_DISPOSED");
    const told: string[] = [];
    connection.subscribe(({ status }) => told.push(status));
    // An effect of a component, which runs before the binding starts the actor.
    const early = connection.of("/chat").emitWithAck("early");
    const kept = socket.emitWithAck("kept");
    restart();
    await promisesSettled();
    io.link.accept();
    io.link.sockets.get("/chat")?.connect();
    await waiting;
    expect([connection.status, socket.connected, told.at(-1)]).toEqual(["connected", true, "connected"]);
    for (const { written: all } of io.link.sockets.values()) all.at(-1)?.onAck?.("yes");
    expect(await Promise.all([early, kept])).toEqual(["yes", "yes"]);
  });

  test("stays disconnected where the application has asked for that while it was stopped", async () => {
    const { actor, connection, open } = await connected();
    const restart = stopForNow(actor);
    await promisesSettled();
    connection.disconnect();
    restart();
    await promisesSettled();
    expect([connection.status, open()]).toEqual(["idle", []]);
  });

  test("can be disposed of while it is stopped", async () => {
    const { actor, connection } = await connected();
    stopForNow(actor);
    await promisesSettled();
    connection.dispose();
    await rejection(connection.login("second"), "ERR_DISPOSED");
  });
});

test("an actor whose connection was disposed of is not started", async () => {
  const { actor, connection, signals } = made();
  connection.dispose();
  const uncaught = await collectUncaught(async () => {
    actor.start();
    await afterTimers();
  });
  expect([signals.size, uncaught]).toMatchObject([0, [{ code: "ERR_DISPOSED" }]]);
});

describe("F39 a throw in a guard of the user's", () => {
  const logic = connectionLogic.provide({
    guards: {
      isSameUser() {
        throw new Error("a guard that throws");
      },
    },
  });

  test.each(["at once", "after it was started again"])(
    "leaves nothing behind, %s, and is uncaught",
    async (when) => {
      const { actor, connection, io, clock, signals, storage, open } = await connected({}, logic);
      if (when !== "at once") {
        stopForNow(actor)();
        await promisesSettled();
        io.link.accept();
      }
      const uncaught = await collectUncaught(async () => {
        storage.write("second");
        await promisesSettled();
        await new Promise((resolve) => setTimeout(resolve));
      });
      expect(uncaught).toMatchObject([{ message: expect.stringContaining("a guard that throws") }]);
      expect([open(), clock.pending(), signals.size]).toEqual([[], [], 0]);
      expect(connection.status).toBe("idle");
      await rejection(connection.login("third"), "ERR_DISPOSED");
    },
  );

  test("is the affair of an observer of the user's, where there is one", async () => {
    const { actor, storage, open } = await connected({}, logic);
    const errors: unknown[] = [];
    actor.subscribe({ error: (error) => errors.push(error) });
    const uncaught = await collectUncaught(() => storage.write("second"));
    expect([uncaught, errors.length, open()]).toEqual([[], 1, []]);
  });

  test("in what it does as it starts leaves nothing behind either", async () => {
    const throwing = connectionLogic.provide({
      actions: {
        stopTraffic() {
          throw new Error("an action that throws");
        },
      },
    });
    const { actor, signals, clock } = made({}, throwing);
    actor.subscribe({ error() {} });
    actor.start();
    await promisesSettled();
    expect([signals.size, clock.pending()]).toEqual([0, []]);
  });
});

describe("after the end, an actor's connection, one of createConnection and their sockets agree:", () => {
  const settings = () => ({
    url: "https://api.example.com",
    storage: memoryStorage("first"),
    io: handMadeIo(),
    environment: { subscribe: () => () => {} },
    logger: {},
  });
  const ways: Record<string, () => Connection> = {
    "dispose() of a connection"() {
      const connection = createConnection({ ...settings(), clock: manualClock() });
      connection.dispose();
      return connection;
    },
    "stop() of its actor by the application"() {
      const connection = createConnection({ ...settings(), clock: manualClock() });
      connection.actor.stop();
      return connection;
    },
    "an actor that has stopped"() {
      const { actor, connection } = made();
      actor.start();
      actor.stop();
      return connection;
    },
    "dispose() of an actor's connection"() {
      const { actor, connection } = made();
      actor.start();
      connection.dispose();
      expect(actor.getSnapshot().status).toBe("stopped");
      return connection;
    },
    "dispose() before the actor has started"() {
      const { connection } = made();
      connection.dispose();
      return connection;
    },
  };
  test.each(Object.entries(ways))("%s", async (_way, make) => {
    const ended = make();
    await promisesSettled();
    const { socket } = ended;
    const { message } = await rejection(ended.login("second"), "ERR_DISPOSED");
    await rejection(ended.login(), "ERR_DISPOSED");
    await rejection(ended.logout(), "ERR_DISPOSED");
    await rejection(ended.refresh(), "ERR_DISPOSED");
    await rejection(socket.emitWithAck("save"), "ERR_DISPOSED");
    thrown(() => ended.of("/admin"), "ERR_DISPOSED");
    expect(thrown(() => socket.connect(), "ERR_DISPOSED").message).toBe(message);
    expect([socket.connected, socket.active, socket.disconnect()]).toEqual([false, false, socket]);
    expect(ended.getSnapshot()).toMatchObject({ status: "idle", detail: "stopped" });
  });
});
