import { createRequire } from "node:module";
import {
  type Connection,
  ConnectionError,
  connectionInput,
  connectionLogic,
  connectionOf,
  createConnection,
  isConnectionError,
  memoryStorage,
} from "socket-rotor";
import { accept, type FakeIo, fakeIo, simulatedClock } from "socket-rotor/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { isReadonly, reactive, readonly, ref, shallowReactive, shallowReadonly, watch } from "vue";
import { createActor } from "xstate";
import { RotorSocket } from "../../../src/sockets/rotor-socket.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { rejection, thrown } from "../../support/rejection.js";
import { connectedHarness } from "./harness.js";

/** What is used of the stores, which have packages of their own. */
interface Pinia {
  createPinia(): unknown;
  defineStore<T>(id: string, options: { state(): { held: T } }): (pinia: unknown) => { held: T };
}
interface MobX {
  observable<T extends object>(value: T): T;
  makeAutoObservable(value: object): void;
  autorun(effect: () => void): () => void;
}
const require = createRequire(new URL("../../ecosystem/proxies/package.json", import.meta.url));
const { createPinia, defineStore }: Pinia = require("pinia");
const { observable, makeAutoObservable, autorun }: MobX = require("mobx");

class Store<T> {
  held: T;
  constructor(held: T) {
    this.held = held;
    makeAutoObservable(this);
  }
}

/** Answers with Proxies that put another one in front of each object that they answer with, always the same. */
function nesting(): Wrap {
  const made = new WeakMap<object, object>();
  const handler: ProxyHandler<object> = {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== "object" || value === null) return value;
      const known = made.get(value) ?? new Proxy(value, handler);
      made.set(value, known).set(known, known);
      return known;
    },
  };
  return (held) => heldOf(new Proxy({ held }, handler));
}

type Wrap = <T extends object>(held: T) => T;

/** `held` of what a store has made of `{ held }`. */
const heldOf = <T>(store: object): T => Reflect.get(store, "held");

const WRAPPERS: Readonly<Record<string, Wrap>> = {
  "a Proxy": (held) => new Proxy(held, {}),
  "Proxies all the way": (held) => nesting()(held),
  "Vue's ref": (held) => heldOf({ held: ref(held).value }),
  "Vue's reactive": (held) => heldOf(reactive({ held })),
  "Vue's shallowReactive": (held) => shallowReactive(held),
  "Vue's readonly": (held) => heldOf(readonly({ held })),
  "Vue's shallowReadonly": (held) => heldOf({ held: shallowReadonly(held) }),
  "Vue's readonly of a reactive": (held) => heldOf(readonly(reactive({ held }))),
  "Pinia's state": (held) => defineStore("held", { state: () => ({ held }) })(createPinia()).held,
  "MobX's observable": (held) => observable({ held }).held,
  "a MobX store": (held) => new Store(held).held,
};
const wrappers = Object.entries(WRAPPERS);
const bare: Wrap = (held) => held;

function start(io: FakeIo, wrap: Wrap): Connection {
  const connection = createConnection({
    url: "https://api.example.com",
    storage: wrap(memoryStorage("alice")),
    refresh: async () => "alice again",
    io: wrap(io),
    clock: simulatedClock(),
    logger: {},
  });
  onTestFinished(() => connection.dispose());
  return connection;
}

/** What a test does with a socket, and where it notes what it sees. */
interface At {
  socket: RotorSocket;
  io: FakeIo;
  note(...seen: unknown[]): void;
}

/** One use of each word of a socket, by its name. */
const WORDS: Readonly<Record<string, (at: At) => unknown>> = {
  on: listening("on"),
  addEventListener: listening("addEventListener"),
  once: listening("once"),
  onAny: listening("onAny"),
  prependAny: listening("prependAny"),
  off: leaving("off"),
  removeListener: leaving("removeListener"),
  removeAllListeners: leaving("removeAllListeners"),
  removeEventListener: leaving("removeEventListener"),
  offAny: leavingAny("onAny", "offAny"),
  listeners({ socket, note }) {
    const listener = (): void => {};
    socket.on("news", listener);
    note(socket.listeners("news").length, socket.listeners("other").length);
    note(socket.listeners("news")[0] === listener);
  },
  hasListeners({ socket, note }) {
    socket.on("news", () => {});
    note(socket.hasListeners("news"), socket.hasListeners("other"));
  },
  listenersAny({ socket, note }) {
    const listener = (): void => {};
    socket.onAny(listener);
    note(socket.listenersAny()[0] === listener);
    socket.listenersAny().pop();
    note(socket.listenersAny());
  },
  onAnyOutgoing: outgoing("onAnyOutgoing"),
  prependAnyOutgoing: outgoing("prependAnyOutgoing"),
  offAnyOutgoing: leavingAny("onAnyOutgoing", "offAnyOutgoing"),
  listenersAnyOutgoing({ socket, note }) {
    const listener = (): void => {};
    socket.onAnyOutgoing(listener);
    note(socket.listenersAnyOutgoing()[0] === listener);
  },
  emit({ socket, note }) {
    note(socket.emit("save", 1) === socket);
    socket.emit("save", "draft", function (this: unknown, ...values: unknown[]) {
      note("acknowledged", ...values);
    });
  },
  async emitWithAck({ socket, note }) {
    note(await socket.emitWithAck("save", "draft"));
  },
  send({ socket, note }) {
    note(socket.send("hello") === socket);
  },
  async timeout({ socket, note }) {
    note(socket.timeout(1) === socket);
    socket.timeout(5).emit("save", 2, (...values: unknown[]) => note(...values));
    note(await socket.timeout(5).emitWithAck("save", 3));
    socket.timeout(1).volatile.compress(false).emit("save", 4);
  },
  volatile({ socket, note }) {
    note(socket.volatile === socket);
    socket.disconnect().volatile.emit("lost");
    socket.emit("kept").connect();
  },
  compress({ socket, note }) {
    note(socket.compress(false) === socket);
    socket.emit("save");
  },
  connect({ socket, note }) {
    note(socket.disconnect().connect() === socket);
  },
  open({ socket, note }) {
    note(socket.close().open() === socket);
  },
  disconnect({ socket, note }) {
    note(socket.disconnect() === socket);
  },
  close({ socket, note }) {
    note(socket.close() === socket);
  },
  connected: reading("connected"),
  disconnected: reading("disconnected"),
  active: reading("active"),
  id: reading("id"),
  recovered: reading("recovered"),
  auth: absent("auth"),
  io: absent("io"),
  sendBuffer: absent("sendBuffer"),
  receiveBuffer: absent("receiveBuffer"),
};

/** Calls a word by its name. */
const call = (socket: object, word: string, ...args: unknown[]): unknown =>
  Reflect.apply(Reflect.get(socket, word), socket, args);

function listening(word: string) {
  return ({ socket, io, note }: At): void => {
    const any = word.endsWith("Any");
    const listener = function (this: object, ...args: unknown[]): void {
      note("heard", ...args);
      // What a listener has as `this` works as well.
      call(this, "emit", "heard");
    };
    note(call(socket, word, ...(any ? [] : ["news"]), listener) === socket);
    for (let count = 0; count < 2; count += 1) {
      io.last?.send("news", count);
      io.last?.sendIn("/chat", "news", count);
    }
  };
}
function leaving(word: string) {
  return ({ socket, io, note }: At): void => {
    const send = (): void => {
      io.last?.send("news");
      io.last?.sendIn("/chat", "news");
    };
    const first = (): void => note("first");
    const second = (): void => note("second");
    socket.on("news", first).once("news", second);
    note(call(socket, word, "news", second) === socket);
    send();
    note(call(socket, word, "news") === socket, socket.hasListeners("news"));
    send();
    socket.on("news", first);
    note(call(socket, word) === socket, socket.hasListeners("news"));
    send();
  };
}
function leavingAny(begin: string, end: string) {
  return ({ socket, io, note }: At): void => {
    const first = (): void => note("first");
    const second = (): void => note("second");
    const use = (): void => {
      io.last?.send("news");
      io.last?.sendIn("/chat", "news");
      socket.emit("save");
    };
    call(socket, begin, first);
    call(socket, begin, second);
    note(call(socket, end, first) === socket);
    use();
    note(call(socket, end) === socket);
    use();
  };
}
function outgoing(word: string) {
  return ({ socket, note }: At): void => {
    note(call(socket, word, (...args: unknown[]) => note("leaves", ...args)) === socket);
    socket.emit("save", 1);
  };
}
function reading(word: string) {
  return ({ socket, note }: At): void => {
    note(Reflect.get(socket, word), word in socket);
    socket.disconnect();
    note(Reflect.get(socket, word));
  };
}
function absent(word: string) {
  return ({ socket, note }: At): void => {
    note(Reflect.get(socket, word));
    // Vue lets no assignment through to an object that it keeps from being changed.
    if (isReadonly(socket)) return;
    const code = word === "auth" ? "ERR_AUTH_ASSIGNED" : "ERR_INVALID_OPTION";
    thrown(() => Reflect.set(socket, word, {}), code);
  };
}

/** What one use of a socket comes to: what the application sees, and what the server does. */
async function outcome(use: (at: At) => unknown, namespace: string, wrap: Wrap) {
  const io = fakeIo(accept());
  const connection = start(io, bare);
  const socket = wrap(connection.of(namespace));
  await connection.whenConnected();
  await promisesSettled();
  const notes: unknown[][] = [];
  socket.on("disconnect", (reason) => notes.push(["disconnect", reason]));
  try {
    await use({ socket, io, note: (...seen) => notes.push(seen) });
  } catch (error) {
    notes.push(["thrown", String(error)]);
  }
  await promisesSettled();
  return { notes, log: io.log };
}

/** Every name that an object answers to, but for what belongs to all objects. */
function namesOf(object: object): string[] {
  const names = new Set<string>();
  for (let at = object; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  for (const inner of ["constructor", "emitReserved", "_self", "_callbacks"]) names.delete(inner);
  return [...names].sort();
}

test("F37 what is compared is what a socket does", async () => {
  const { log } = await outcome(
    ({ socket }) => {
      socket.emit("save", 1).timeout(5).volatile.emit("save", 2);
    },
    "/chat",
    bare,
  );
  const saved = { type: "message", link: 1, namespace: "/chat", event: "save" };
  expect(log.slice(-2)).toEqual([
    { ...saved, args: [1] },
    { ...saved, args: [2] },
  ]);
});

test("F37 no word of a socket is left out here", () => {
  expect(namesOf(start(fakeIo(), bare).socket)).toEqual(Object.keys(WORDS).sort());
});

describe.each(wrappers)("F37 behind %s", (_, wrap) => {
  test.each(Object.entries(WORDS))(
    "F37 a socket's %s does what it does on the bare object",
    async (_, use) => {
      for (const namespace of ["/", "/chat"]) {
        const expected = await outcome(use, namespace, bare);
        expect(expected.notes).not.toEqual([]);
        expect(expected.notes.flat()).not.toContain("thrown");
        expect(await outcome(use, namespace, wrap)).toEqual(expected);
      }
    },
  );

  test("F37 a socket of a class that extends it works, with what that adds", () => {
    class Chat extends RotorSocket {
      #said = 0;
      get said() {
        return this.#said;
      }
      say(text: string): this {
        this.#said += 1;
        return this.emit("say", text);
      }
    }
    const { channel, written } = connectedHarness();
    const chat = wrap(new Chat(channel));
    expect(
      chat
        .say("a")
        .volatile.say("b")
        .on("news", () => {}) === chat,
    ).toBe(true);
    expect([written(), chat.said, chat.connected]).toEqual([["say", "say"], 2, true]);
  });

  test("F37 a connection does what it does on the bare object", async () => {
    const expected = await lifeOf(bare);
    expect(expected.notes.at(-1)).toEqual(["loggedOut"]);
    expect(await lifeOf(wrap)).toEqual(expected);
  });

  test("F37 the connection of an actor works", async () => {
    const input = connectionInput({
      url: "https://api.example.com",
      storage: memoryStorage("alice"),
      io: fakeIo(),
      environment: { subscribe: () => () => {} },
    });
    const actor = wrap(createActor(connectionLogic, { input, clock: simulatedClock() }));
    const connection = connectionOf(actor);
    expect(connectionOf(actor)).toBe(connection);
    actor.start();
    onTestFinished(() => void actor.stop());
    expect(await connection.socket.emitWithAck("save", 1)).toBe(1);
    await connection.of("/chat").emitWithAck("save");
    await connection.login("bob");
    await connection.logout();
    expect(actor.getSnapshot().matches("loggedOut")).toBe(true);
  });

  test("F37 an error is still known, with all that it says", () => {
    const cause = new Error("behind it");
    const given = new ConnectionError("ERR_REFUSED", "no", { cause, reason: "invalid_token", status: 401 });
    const error = wrap(given);
    expect(isConnectionError(error, "ERR_REFUSED")).toBe(true);
    expect(error).toBeInstanceOf(ConnectionError);
    expect([error.name, error.message, error.reason, error.status]).toEqual([
      "ConnectionError",
      "no",
      "invalid_token",
      401,
    ]);
  });
});

/** A connection through all that it can do, as an application sees it, and its server. */
async function lifeOf(wrap: Wrap) {
  const io = fakeIo(accept());
  const connection = wrap(start(io, wrap));
  const notes: unknown[][] = [];
  try {
    await live(connection, io, (...seen) => notes.push(seen));
  } catch (error) {
    notes.push(["thrown", String(error)]);
  }
  return { notes, log: io.log };
}

async function live(connection: Connection, io: FakeIo, note: At["note"]): Promise<void> {
  const end = connection.subscribe(({ status }) => note("told", status, connection.status));
  note(connection.status, connection.getServerSnapshot());
  await connection.whenConnected();
  const snapshot = connection.getSnapshot();
  note(connection.status, snapshot, connection.getSnapshot() === snapshot);
  // Nested: what it answers with is behind a Proxy too.
  note(await connection.socket.timeout(5).emitWithAck("save", 1));
  note(await connection.of("/chat").emitWithAck("save", 2));
  connection.socket.once("news", (...args) => note("news", ...args)).emit("listening");
  io.last?.send("news", 1);
  const { actor } = connection;
  note(actor.getSnapshot().matches("connected"), actor.getSnapshot().value);
  const subscription = actor.subscribe((state) => note("state", Object.keys(state.value)));
  await connection.login("bob");
  await connection.whenConnected();
  connection.disconnect();
  connection.connect();
  await connection.whenConnected();
  await connection.refresh();
  await connection.whenConnected();
  actor.send({ type: "disconnect" });
  actor.send({ type: "connect" });
  await connection.whenConnected();
  await connection.logout();
  subscription.unsubscribe();
  end();
  note(connection.status);
  connection.dispose();
  connection[Symbol.dispose]();
  thrown(() => connection.connect(), "ERR_DISPOSED");
  await rejection(connection.login("carol"), "ERR_DISPOSED");
}

test("F37 Vue can follow a connection deeply, and MobX hears nothing old", async () => {
  const io = fakeIo();
  const connection = start(io, bare);
  const state = reactive({ connection, count: 0 });
  const stop = watch(state, () => {}, { deep: true });
  state.count += 1;
  const stored = observable({ connection });
  const seen: string[] = [];
  // In an effect, where MobX keeps what a getter of a plain object has said.
  const end = autorun(() => {
    seen.push(stored.connection.status);
    connection.disconnect();
    seen.push(stored.connection.status);
  });
  expect(seen).toEqual(["connecting", "idle"]);
  end();
  stop();
  await promisesSettled();
});
