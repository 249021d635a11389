import { collectUncaught } from "../../../support/uncaught.js";
import { type Bench, eventually, pause, type Settings, type Transport } from "./bench";

/** A few lines as somebody would write them for socket.io-client, noting what they see. */
export interface Script extends Settings {
  name: string;
  run(at: Bench): void | Promise<void>;
  /** On one transport only, where it matters. */
  on?: Transport;
  /** The row of docs/socket.md, by its first cell, that says why the facade is different here. */
  differs?: string;
}

/** What is thrown, or nothing. */
function thrown(work: () => unknown): unknown {
  try {
    work();
    return "nothing thrown";
  } catch (error) {
    return error;
  }
}

/** Calls a word that is there, but not in the types. */
function call(target: object, word: string, ...args: unknown[]): unknown {
  return Reflect.apply(Reflect.get(target, word), target, args);
}

const cyclic = (): object => {
  const value: Record<string, unknown> = {};
  value["self"] = value;
  return value;
};

const RESERVED = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

const THROWN_AT_DISCONNECT = "What a listener of `disconnect` throws is uncaught, and changes nothing.";

const listening: Script[] = [
  {
    name: "on: each listener in order, with the arguments, and the socket as this",
    async run({ socket, connect, flush, note }) {
      socket.on("news", (...args) => note("first", ...args));
      socket.on("news", function (this: unknown) {
        note("second", this === socket);
      });
      const peer = await connect();
      peer.emit("news", 1, "two", { three: [3] }, null);
      peer.emit("news");
      await flush();
    },
  },
  {
    name: "on: the same listener twice is called twice, off takes one",
    async run({ socket, connect, flush, note }) {
      const listener = (): void => note("called");
      socket.on("news", listener).on("news", listener);
      const peer = await connect();
      peer.emit("news");
      await flush();
      socket.off("news", listener);
      note("off");
      peer.emit("news");
      await flush();
    },
  },
  {
    name: "once: once, with the arguments and this; off by the listener that was given",
    async run({ socket, connect, flush, note }) {
      socket.once("news", function (this: unknown, ...args: unknown[]) {
        note("once", this === socket, ...args);
      });
      const gone = (): void => note("never");
      socket.once("news", gone).off("news", gone);
      const peer = await connect();
      peer.emit("news", 1);
      peer.emit("news", 2);
      await flush();
    },
  },
  {
    name: "off: of an event, of all events, while the listeners of any event stay",
    async run({ socket, connect, flush, note }) {
      for (const event of ["a", "b"]) socket.on(event, () => note(event));
      socket.onAny((event) => note("any", event));
      const peer = await connect();
      socket.off("a");
      for (const event of ["a", "b"]) peer.emit(event);
      await flush();
      socket.off();
      for (const event of ["a", "b"]) peer.emit(event);
      await flush();
    },
  },
  {
    name: "off: of what was never on takes nothing, of undefined the first",
    async run({ socket, connect, flush, note }) {
      socket.on("news", () => note("first")).on("news", () => note("second"));
      socket.off("news", () => {});
      socket.off("unknown");
      socket.off("unknown", () => {});
      const peer = await connect();
      peer.emit("news");
      await flush();
      call(socket, "off", "news", undefined);
      peer.emit("news");
      await flush();
    },
  },
  {
    name: "removeListener, removeEventListener, removeAllListeners and addEventListener are other names",
    async run({ socket, connect, flush, note }) {
      const [one, two, three] = [1, 2, 3].map((number) => () => note("listener", number));
      call(socket, "addEventListener", "a", one);
      socket.on("a", two as () => void).on("a", three as () => void);
      const peer = await connect();
      peer.emit("a");
      await flush();
      socket.removeListener("a", one as () => void);
      call(socket, "removeEventListener", "a", two);
      peer.emit("a");
      await flush();
      socket.removeAllListeners("a");
      note(socket.hasListeners("a"));
      socket.on("b", () => note("b"));
      socket.removeAllListeners();
      for (const event of ["a", "b"]) peer.emit(event);
      await flush();
    },
  },
  {
    name: "listeners and hasListeners: of the application's events and of reserved ones",
    run({ socket, note }) {
      const listener = (): void => {};
      note(socket.listeners("a"), socket.hasListeners("a"), socket.hasListeners("connect"));
      socket.on("a", listener).once("a", listener).on("connect", listener);
      note(socket.listeners("a").length, socket.listeners("a")[0] === listener, socket.hasListeners("a"));
      note(
        Reflect.get(socket.listeners("a")[1] ?? {}, "fn") === listener,
        socket.listeners("connect").length,
      );
    },
  },
  {
    name: "a listener that takes another one off, or adds one, while an event is delivered",
    async run({ socket, connect, flush, note }) {
      const second = (): void => note("second");
      socket.on("a", () => {
        note("first");
        socket.off("a", second).on("a", () => note("added"));
      });
      socket.on("a", second);
      const peer = await connect();
      for (let times = 0; times < 2; times += 1) peer.emit("a");
      await flush();
    },
  },
  {
    name: "events whose names are words of JavaScript",
    async run({ socket, connect, flush, note }) {
      const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "error", "ping"];
      for (const name of names) socket.on(name, (value) => note(name, value));
      const peer = await connect();
      for (const name of names) peer.emit(name, 1);
      for (const name of names) socket.emit(name, 2);
      await flush();
    },
  },
  {
    name: "a listener that is no function is taken, and ends in an uncaught TypeError at the event",
    async run({ socket, connect, flush, note }) {
      for (const listener of [undefined, null, 42, "text"]) {
        note(thrown(() => call(socket, "on", `event ${listener}`, listener)) === "nothing thrown");
      }
      note(thrown(() => call(socket, "onAny", undefined)) === "nothing thrown");
      socket.offAny();
      const peer = await connect();
      const uncaught = await collectUncaught(async () => {
        peer.emit("event undefined");
        await flush();
      });
      note(uncaught.map((error) => error instanceof TypeError));
    },
  },
  {
    name: "every word that can be chained answers with the socket",
    run({ socket, note }) {
      const listener = (): void => {};
      note(
        ["on", "once", "off", "removeListener", "addEventListener"].map((word) => {
          return call(socket, word, "a", listener) === socket;
        }),
        ["onAny", "prependAny", "offAny", "onAnyOutgoing", "prependAnyOutgoing", "offAnyOutgoing"].map(
          (word) => call(socket, word, listener) === socket,
        ),
        socket.removeAllListeners() === socket,
        socket.emit("a") === socket,
        socket.send("a") === socket,
        socket.volatile === socket,
        socket.compress(true) === socket,
        Object.is(socket.timeout(5), socket),
        ["connect", "disconnect", "open", "close"].map((word) => call(socket, word) === socket),
      );
    },
  },
];

const anyEvent: Script[] = [
  {
    name: "onAny: before the event's own listeners, with the name, and the socket as this",
    async run({ socket, connect, flush, note }) {
      socket.on("news", (value) => note("own", value));
      socket.onAny(function (this: unknown, ...args: unknown[]) {
        note("any", this === socket, ...args);
      });
      const peer = await connect();
      peer.emit("news", 1);
      peer.emit("other", [2], { three: 3 });
      await flush();
    },
  },
  {
    name: "onAny: a reply that is asked for is the last argument",
    async run({ socket, connect, note }) {
      socket.onAny((...args) => {
        note(...args);
        args.at(-1)("from any");
      });
      const peer = await connect();
      note(await peer.emitWithAck("ask", 1));
    },
  },
  {
    name: "prependAny, offAny of one, of an unknown one, of all, and listenersAny",
    async run({ socket, connect, flush, note }) {
      const [one, two] = [() => note("one"), () => note("two")];
      note(socket.listenersAny());
      socket.onAny(one).prependAny(two).onAny(one);
      note(socket.listenersAny().map((each) => each === one));
      const peer = await connect();
      socket.offAny(one).offAny(() => {});
      peer.emit("a");
      await flush();
      note(socket.listenersAny().length);
      socket.offAny();
      note(socket.listenersAny());
      peer.emit("a");
      await flush();
    },
  },
  {
    name: "listenersAny and listenersAnyOutgoing are the lists themselves",
    async run({ socket, connect, flush, note }) {
      socket.onAny(() => note("in"));
      socket.onAnyOutgoing(() => note("out"));
      const peer = await connect();
      socket.listenersAny().pop();
      socket.listenersAnyOutgoing().pop();
      peer.emit("a");
      socket.emit("a");
      await flush();
      note(socket.listenersAny(), socket.listenersAnyOutgoing());
    },
  },
  {
    name: "onAny and onAnyOutgoing do not hear of connect and disconnect",
    async run({ socket, connect, note }) {
      socket.onAny((event) => note("in", event));
      socket.onAnyOutgoing((event) => note("out", event));
      await connect();
      socket.disconnect();
      note("done");
    },
  },
  {
    name: "a listener of any event that adds and takes off others while it runs",
    async run({ socket, connect, flush, note }) {
      const second = (): void => note("second");
      socket.onAny(() => {
        note("first");
        socket.offAny(second);
        socket.prependAny(() => note("added"));
      });
      socket.onAny(second);
      const peer = await connect();
      for (let times = 0; times < 2; times += 1) peer.emit("a");
      await flush();
    },
  },
  {
    name: "onAnyOutgoing: what leaves, without the acknowledgement, and the socket as this",
    async run({ socket, connect, flush, note }) {
      await connect();
      socket.onAnyOutgoing(function (this: unknown, ...args: unknown[]) {
        note(this === socket, ...args);
      });
      socket.emit("a", 1, { two: 2 });
      socket.emit("b", () => {});
      socket.timeout(1_000).emit("c", 3, () => {});
      await socket.emitWithAck("d");
      socket.send("text");
      await flush();
    },
  },
  {
    name: "onAnyOutgoing: what has waited is told of when it leaves, before connect",
    async run({ socket, connect, flush, note }) {
      socket.onAnyOutgoing((...args) => note("out", ...args));
      socket.on("connect", () => note("connect"));
      socket.emit("a", 1);
      socket.emit("b", 2);
      note("queued");
      await connect();
      await flush();
    },
  },
  {
    name: "prependAnyOutgoing, offAnyOutgoing of one, of an unknown one and of all",
    async run({ socket, connect, flush, note }) {
      const [one, two] = [(event: string) => note("one", event), (event: string) => note("two", event)];
      await connect();
      socket.onAnyOutgoing(one).prependAnyOutgoing(two).onAnyOutgoing(one);
      note(socket.listenersAnyOutgoing().map((each) => each === one));
      socket.emit("a");
      socket.offAnyOutgoing(one).offAnyOutgoing(() => {});
      socket.emit("b");
      socket.offAnyOutgoing();
      socket.emit("c");
      note(socket.listenersAnyOutgoing());
      await flush();
    },
  },
  {
    name: "onAnyOutgoing: what it changes in an argument is what leaves",
    async run({ socket, connect, flush, note }) {
      await connect();
      socket.onAnyOutgoing((event, value) => {
        if (event === "a") value.stamp = "now";
      });
      const value = { text: "hello" };
      socket.emit("a", value);
      note(value);
      await flush();
    },
  },
  {
    name: "onAnyOutgoing: one that throws is thrown to the emitter, and the message does not leave",
    async run({ socket, connect, flush, note, outcome }) {
      await connect();
      socket.onAnyOutgoing((event) => {
        if (event !== "flush") throw new Error(`not ${event}`);
      });
      note(thrown(() => socket.emit("a")));
      note(await outcome(socket.emitWithAck("b")));
      await flush();
    },
  },
  {
    name: "onAnyOutgoing: a message that it emits itself",
    differs: "What a listener of outgoing messages emits leaves after the message it heard of.",
    async run({ socket, connect, flush, note }) {
      await connect();
      socket.onAnyOutgoing((event) => {
        note(event);
        if (event === "a") socket.emit("b");
      });
      socket.emit("a");
      await flush();
    },
  },
];

const emitting: Script[] = [
  {
    name: "emit: values of every kind",
    async run({ socket, connect, flush, note }) {
      await connect();
      socket.emit("a", 1, "two", true, null, undefined, Number.NaN, [1, [2]], { deep: { er: 1 } });
      socket.emit("b", new Date(0), new Map([[1, 2]]), { toJSON: () => "as JSON" });
      socket.emit("c");
      note(await socket.emitWithAck("echo", { a: undefined, b: null }));
      await flush();
    },
  },
  {
    name: "emit: a hundred leave in order, with and without acknowledgement",
    async run({ socket, connect, flush, note }) {
      await connect();
      for (let count = 0; count < 100; count += 1) {
        if (count % 10 === 0) socket.emit("a", count, (same: number) => note(same));
        else socket.emit("a", count);
      }
      await flush();
    },
  },
  {
    name: "emit: names that are numbers, and names that are odd",
    async run({ socket, connect, flush, note }) {
      await connect();
      call(socket, "emit", 5, "value");
      for (const name of ["", " ", "with space", "ünïcode", "a,b", "[1]"]) socket.emit(name, 1);
      note("sent");
      await flush();
    },
  },
  {
    name: "emit: before connecting waits, in order, and leaves before the listeners of connect run",
    async run({ socket, connect, flush, note }) {
      socket.emit("a", 1);
      socket.on("connect", () => socket.emit("c", 3));
      socket.connect();
      socket.emit("b", 2);
      note(socket.connected);
      await connect();
      await flush();
    },
  },
  {
    name: "emit: while the connection is down waits, in order, and leaves once",
    async run({ socket, connect, flush, note, next, drop }) {
      const peer = await connect();
      const down = next("disconnect");
      drop(peer);
      note((await down)[0]);
      const up = next("connect");
      for (const value of [1, 2, 3]) socket.emit("a", value);
      await up;
      await flush();
    },
  },
  {
    name: "emit: an argument is taken as it is when the message leaves",
    async run({ socket, connect, flush, note }) {
      const value = { version: 1 };
      socket.emit("queued", value);
      value.version = 2;
      await connect();
      socket.emit("written", value);
      value.version = 3;
      await flush();
      note("done");
    },
  },
  {
    name: "emit: reserved names throw, in socket.io-client's words",
    async run({ socket, connect, flush, note, outcome }) {
      await connect();
      for (const name of RESERVED) {
        note(thrown(() => socket.emit(name)));
        note(thrown(() => socket.emit(name, 1, () => {})));
        note(await outcome(socket.emitWithAck(name)));
      }
      await flush();
    },
  },
  {
    name: "emit: a reserved name after timeout(), and then a plain one",
    differs: "The words before an emit that throws are spent.",
    async run({ socket, connect, flush, note }) {
      await connect();
      note(thrown(() => socket.timeout(1_000).emit("connect")));
      socket.emit("a", 1, (...args: unknown[]) => note("acknowledged", ...args));
      await flush();
    },
  },
  {
    name: "emit: the name dropped, and an event of that name from the server",
    differs:
      "There is an event `dropped(event, code)`. Its name cannot be emitted, and an event `dropped` of the server's reaches `onAny` only.",
    async run({ socket, connect, flush, note }) {
      socket.on("dropped", (value: unknown) => note("on", value));
      socket.onAny((event, value) => note("any", event, value));
      const peer = await connect();
      peer.emit("dropped", "here");
      await flush();
      note(thrown(() => socket.emit("dropped", "there")));
      await flush();
    },
  },
  {
    name: "emit: what cannot be encoded throws, and the next one leaves",
    async run({ socket, connect, flush, note, outcome }) {
      await connect();
      note(thrown(() => socket.emit("a", cyclic())) instanceof RangeError);
      note(thrown(() => socket.emit("a", 1n)) instanceof TypeError);
      const unreadable = {
        get value() {
          throw new Error("unreadable");
        },
      };
      note(thrown(() => socket.emit("a", unreadable)));
      note(await outcome(socket.emitWithAck("b", unreadable)));
      socket.emit("c");
      await flush();
    },
  },
  {
    name: "emit: what cannot be encoded and has waited",
    differs: "A message that waited and cannot be encoded is reported as uncaught, and what follows leaves.",
    async run({ io, socket, note }) {
      let hasArrived = false;
      io.on("connection", (peer) => {
        peer.on("b", () => {
          hasArrived = true;
        });
      });
      socket.emit("a", cyclic());
      socket.emit("b");
      socket.on("connect", () => note("connect"));
      const uncaught = await collectUncaught(async () => {
        socket.connect();
        await eventually(() => hasArrived);
      });
      note(uncaught.length);
    },
  },
  {
    name: "emit: more than a few that wait",
    differs: "At most `bufferLimit` messages wait, in each namespace.",
    connection: { bufferLimit: 3 },
    async run({ socket, connect, flush, note }) {
      for (const value of [1, 2, 3, 4, 5]) socket.emit("a", value);
      await connect();
      await flush();
      note("done");
    },
  },
  {
    name: "emit: right before disconnect() still arrives",
    async run({ socket, connect, note, noteServer }) {
      const peer = await connect();
      const gone = new Promise((resolve) => peer.once("disconnect", resolve));
      socket.emit("bye", 1).disconnect();
      note(socket.connected);
      noteServer(await gone);
    },
  },
  {
    name: "send: the event message, with and without acknowledgement",
    async run({ socket, connect, flush, note }) {
      socket.on("message", (...args) => note("message", ...args));
      const peer = await connect();
      socket.send("a", 1).send();
      socket.send("b", (...args: unknown[]) => note("acknowledged", ...args));
      socket.timeout(1_000).send("c", (...args: unknown[]) => note("acknowledged", ...args));
      peer.send("back");
      await flush();
    },
  },
  {
    name: "binary: sent, received, nested, and in acknowledgements both ways",
    async run({ socket, connect, flush, note }) {
      socket.on("bytes", (value, nested, reply) => {
        note(Buffer.isBuffer(value), value, nested);
        reply(Buffer.from([9]), { deep: new Uint8Array([8]) });
      });
      const peer = await connect();
      socket.emit("a", Buffer.from("00ff", "hex"), new Uint8Array([1, 2]), new ArrayBuffer(3));
      socket.emit("b", { deep: [{ er: Buffer.from("text") }], view: new Uint16Array([1]).subarray(0, 1) });
      note(await socket.emitWithAck("echo", Buffer.from([7])));
      const answered = new Promise((resolve) => {
        peer.emit("bytes", Buffer.from([1, 2]), { deep: Buffer.from([3]) }, (...values: unknown[]) => {
          note("answered", ...values);
          resolve(undefined);
        });
      });
      await answered;
      await flush();
    },
  },
  {
    name: "binary: queued before connecting, and as large as many frames",
    async run({ socket, connect, flush, note }) {
      socket.emit("early", Buffer.from([1]));
      await connect();
      const large = Buffer.alloc(300_000, 5);
      const back: unknown = await socket.emitWithAck("echo", large);
      note(Buffer.isBuffer(back) && back.equals(large));
      await flush();
    },
    server: { maxHttpBufferSize: 1e7 },
  },
];

const acknowledging: Script[] = [
  {
    name: "an acknowledgement callback gets all values, and the socket as this",
    async run({ socket, connect, flush, note }) {
      await connect();
      socket.emit("echo", 1, "two", function (this: unknown, ...values: unknown[]) {
        note(this === socket, ...values);
      });
      socket.timeout(1_000).emit("echo", 3, function (this: unknown, ...values: unknown[]) {
        note(this === socket, ...values);
      });
      socket.emit("echo", () => note("nothing to echo"));
      await flush();
    },
  },
  {
    name: "an acknowledgement callback that throws is uncaught, and the next is called",
    async run({ socket, connect, flush, note }) {
      await connect();
      const uncaught = await collectUncaught(async () => {
        socket.emit("echo", () => {
          throw new Error("in an acknowledgement");
        });
        socket.emit("echo", () => note("next"));
        await flush();
      });
      note(...uncaught);
    },
  },
  {
    name: "emitWithAck: the first value, many at once, and a function among the arguments",
    async run({ socket, connect, note }) {
      await connect();
      note(await socket.emitWithAck("echo", "first", "second"));
      note(await socket.emitWithAck("echo"));
      note(await Promise.all([1, 2, 3].map((value) => socket.emitWithAck("echo", value))));
      note(await socket.emitWithAck("echo", 1, () => note("never")));
    },
  },
  {
    name: "emitWithAck: before connecting waits",
    async run({ socket, connect, note }) {
      const early = socket.emitWithAck("echo", "early");
      await connect();
      note(await early);
    },
  },
  {
    name: "emitWithAck: never answered",
    differs: "`emitWithAck` fails with `ERR_ACK_TIMEOUT` after `ackTimeout`, 30 seconds by default.",
    // Long enough for what is answered, on a busy machine too.
    connection: { ackTimeout: 1_000 },
    async run({ socket, connect, flush, note, outcome }) {
      await connect();
      const answer = outcome(socket.emitWithAck("silent"), 1_500);
      await flush();
      note(await answer);
    },
  },
  {
    name: "timeout().emit: answered in time, not in time, and late",
    async run({ io, socket, connect, flush, note }) {
      io.on("connection", (peer) => {
        peer.on("silent", (reply) => setTimeout(reply, 60, "late"));
      });
      await connect();
      socket.timeout(1_000).emit("echo", "in time", (...args: unknown[]) => note(...args));
      await flush();
      await new Promise((resolve) => {
        socket.timeout(20).emit("silent", (...args: unknown[]) => resolve(note(...args)));
      });
      await pause(80);
      await flush();
    },
  },
  {
    name: "timeout().emitWithAck: answered in time, and not in time",
    async run({ socket, connect, flush, note, outcome }) {
      await connect();
      note(await outcome(socket.timeout(1_000).emitWithAck("echo", 1), 500));
      note(await outcome(socket.timeout(20).emitWithAck("silent"), 500));
      note(await outcome(socket.timeout(0).emitWithAck("silent"), 500));
      await flush();
    },
  },
  {
    name: "timeout(): for the next emit only, and none without an acknowledgement",
    async run({ socket, connect, flush, note }) {
      await connect();
      socket.timeout(1_000).emit("a");
      socket.emit("echo", 1, (...args: unknown[]) => note("plain", ...args));
      socket.timeout(1_000).emit("echo", 2, (...args: unknown[]) => note("limited", ...args));
      socket.emit("echo", 3, (...args: unknown[]) => note("plain", ...args));
      await flush();
    },
  },
  {
    name: "timeout(): what has timed out while waiting is never sent",
    async run({ socket, connect, flush, note, outcome }) {
      const queued = outcome(socket.timeout(20).emitWithAck("late"), 500);
      socket.emit("stays");
      note(await queued);
      await connect();
      await flush();
    },
  },
  {
    name: "the error of an acknowledgement, by its name",
    differs: "Errors of acknowledgements are `ConnectionError`.",
    async run({ socket, connect, flush, note }) {
      await connect();
      const error: unknown = await socket
        .timeout(10)
        .emitWithAck("silent")
        .catch((thrownError: unknown) => thrownError);
      note(error instanceof Error, error instanceof Error && error.name, error);
      await flush();
    },
  },
  {
    name: "a drop fails those that take errors, and silences plain callbacks",
    async run({ socket, connect, note, next, outcome, drop }) {
      const peer = await connect();
      const promised = outcome(socket.emitWithAck("silent"), 500);
      const limited = outcome(socket.timeout(5_000).emitWithAck("silent"), 500);
      socket.emit("silent", () => note("never"));
      socket.timeout(5_000).emit("silent", (...args: unknown[]) => note("limited", ...args));
      const [down, up] = [next("disconnect"), next("connect")];
      let count = 0;
      await new Promise<void>((resolve) => peer.onAny(() => ++count === 4 && resolve()));
      drop(peer);
      note((await down)[0]);
      note(await promised, await limited);
      await up;
    },
  },
  {
    name: "disconnect() fails those that take errors, and keeps those that wait",
    async run({ socket, connect, flush, note, outcome }) {
      await connect();
      const written = outcome(socket.emitWithAck("silent"), 500);
      await flush();
      socket.disconnect();
      const queued = socket.emitWithAck("echo", "queued");
      note(await written);
      await connect();
      note(await queued);
    },
  },
  {
    name: "a reply to the server: at once, later, twice, without values",
    async run({ socket, connect, flush, note, noteServer }) {
      socket.on("ask", (how, reply) => {
        note(how);
        if (how === "later") setTimeout(reply, 10, "later");
        else if (how === "twice") [1, 2].map((count) => reply(count));
        else if (how === "nothing") reply();
        else reply("a", { b: [1] });
      });
      const peer = await connect();
      for (const how of ["at once", "twice", "nothing", "later"]) {
        await new Promise<void>((resolve) => {
          peer.emit("ask", how, (...values: unknown[]) => {
            noteServer(how, ...values);
            resolve();
          });
        });
      }
      await flush();
    },
  },
  {
    name: "a reply kept until another connection is up",
    differs: "A reply that you keep from a received event does nothing once its connection is gone.",
    async run({ socket, connect, flush, note, noteServer, next, nextPeer, drop }) {
      const replies: Array<(value: string) => void> = [];
      socket.on("ask", (_, reply) => replies.push(reply));
      const peer = await connect();
      peer.emit("ask", "first", () => {});
      await flush();
      const [up, again] = [next("connect"), nextPeer()];
      drop(peer);
      await up;
      // An acknowledgement is a packet that begins with a 3.
      (await again).conn.on("packet", ({ data }: { data?: unknown }) => {
        if (typeof data === "string" && data.startsWith("3")) noteServer(data);
      });
      replies[0]?.("the answer to the first");
      await flush();
      note(replies.length);
    },
  },
];

const flags: Script[] = [
  {
    name: "volatile: leaves while connected",
    async run({ socket, connect, flush, note }) {
      await connect();
      await flush();
      await pause(50);
      socket.volatile.emit("a", 1);
      await flush();
      note("done");
    },
  },
  {
    name: "volatile: is lost before connecting and while connecting",
    async run({ socket, connect, flush, note }) {
      socket.volatile.emit("before");
      socket.emit("kept");
      socket.connect();
      socket.volatile.emit("connecting");
      await connect();
      await flush();
      note("done");
    },
  },
  {
    name: "volatile: while the connection is down",
    differs: "A volatile message is lost while the connection is down.",
    async run({ socket, connect, flush, note, next, drop }) {
      const peer = await connect();
      const down = next("disconnect");
      drop(peer);
      await down;
      const up = next("connect");
      socket.volatile.emit("down");
      socket.emit("kept");
      await up;
      await flush();
      note("done");
    },
  },
  {
    name: "volatile: is lost behind another message that has not left",
    async run({ socket, connect, flush, note }) {
      await connect();
      await flush();
      await pause(50);
      socket.emit("a");
      socket.volatile.emit("lost");
      socket.emit("b");
      await flush();
      note("done");
    },
  },
  {
    name: "volatile: is not told to listeners of outgoing messages when it is lost",
    async run({ socket, connect, flush, note }) {
      socket.onAnyOutgoing((event) => note(event));
      socket.volatile.emit("lost");
      await connect();
      await flush();
      await pause(50);
      socket.volatile.emit("leaves");
      await flush();
    },
  },
  {
    name: "volatile: an acknowledgement of what is lost times out, and a plain one is never called",
    async run({ socket, connect, flush, note, outcome }) {
      socket.volatile.emit("lost", () => note("never"));
      note(await outcome(socket.volatile.timeout(20).emitWithAck("lost"), 500));
      socket.volatile.timeout(20).emit("lost", (...args: unknown[]) => note("limited", ...args));
      await pause(60);
      await connect();
      await flush();
    },
  },
  {
    name: "volatile: an acknowledgement of what is lost fails with the connection",
    async run({ socket, connect, flush, note, outcome }) {
      const lost = outcome(socket.volatile.emitWithAck("lost"), 500);
      await connect();
      await flush();
      socket.disconnect();
      note(await lost);
    },
  },
  {
    name: "volatile: for the next emit only",
    async run({ socket, connect, flush, note }) {
      socket.volatile.emit("lost");
      socket.emit("kept");
      await connect();
      await flush();
      note("done");
    },
  },
  {
    name: "compress: what leaves is compressed unless it is told not to be, for the next emit only",
    on: "websocket",
    server: { perMessageDeflate: { threshold: 0 }, httpCompression: false },
    async run({ io, socket, note, noteServer }) {
      let read = (): number => 0;
      io.engine.once("connection", (engine) => {
        const stream: { bytesRead: number } = engine.request.socket;
        read = () => stream.bytesRead;
      });
      await new Promise<void>((resolve) => {
        socket.once("connect", resolve);
        socket.connect();
      });
      const text = "a".repeat(20_000);
      const measure = async (emit: () => Promise<unknown>): Promise<void> => {
        const before = read();
        await emit();
        noteServer(read() - before > 10_000 ? "whole" : "compressed");
      };
      await measure(() => socket.emitWithAck("a", text));
      await measure(() => socket.compress(false).emitWithAck("a", text));
      await measure(() => socket.emitWithAck("a", text));
      await measure(() => socket.compress(true).emitWithAck("a", text));
      note("done");
    },
  },
  {
    name: "words before an emit can be put together, in any order",
    async run({ socket, connect, flush, note }) {
      await connect();
      await flush();
      await pause(50);
      socket.volatile
        .compress(false)
        .timeout(1_000)
        .emit("a", 1, (...args: unknown[]) => note(...args));
      await flush();
      await pause(50);
      note(await socket.timeout(1_000).compress(true).volatile.emitWithAck("b", 2));
    },
  },
];

const states: Script[] = [
  {
    name: "connected, disconnected, active and id: before, while and after",
    async run({ socket, note, next }) {
      const words = () => [socket.connected, socket.disconnected, socket.active, typeof socket.id];
      note("before", words());
      const up = next("connect");
      socket.connect();
      note("connecting", words());
      await up;
      note("connected", words());
      socket.disconnect();
      note("disconnected", words());
    },
  },
  {
    name: "connected, disconnected, active and id: inside the listeners",
    async run({ socket, connect, note, next, drop }) {
      const words = () => [socket.connected, socket.disconnected, socket.active, typeof socket.id];
      socket.on("connect", () => note("connect", words()));
      socket.on("disconnect", (reason) => note(reason, words()));
      const peer = await connect();
      const up = next("connect");
      drop(peer);
      await up;
      socket.disconnect();
    },
  },
  {
    name: "id: the server's, and another one after each connection",
    async run({ socket, connect, note, next, nextPeer, drop }) {
      const peer = await connect();
      const first = socket.id;
      note(first === peer.id);
      const [up, again] = [next("connect"), nextPeer()];
      drop(peer);
      await up;
      note(socket.id === (await again).id, socket.id === first);
    },
  },
  {
    name: "recovered: with a server that recovers state, and the missed events",
    server: { connectionStateRecovery: {} },
    async run({ io, socket, connect, flush, note, next, drop }) {
      socket.on("news", (value) => note("news", value));
      const peer = await connect();
      note(Boolean(socket.recovered));
      peer.emit("news", 1);
      await flush();
      const [down, up] = [next("disconnect"), next("connect")];
      drop(peer);
      await down;
      io.emit("news", 2);
      await up;
      note(Boolean(socket.recovered));
      socket.disconnect();
      note(Boolean(socket.recovered));
    },
  },
  {
    name: "recovered: with a server that does not recover state",
    differs: "`recovered` is `true` or `false`.",
    async run({ socket, connect, note }) {
      note(socket.recovered);
      await connect();
      note(socket.recovered);
    },
  },
  {
    name: "auth: assigned",
    differs: "Assigning `auth` throws `ERR_AUTH_ASSIGNED`.",
    run({ socket, note }) {
      note(
        thrown(() => {
          socket.auth = { token: "mine" };
        }),
      );
    },
  },
  {
    name: "io, sendBuffer and receiveBuffer",
    differs: "There is no `io`, no `sendBuffer` and no `receiveBuffer`.",
    run({ socket, note }) {
      note(typeof socket.io, typeof socket.sendBuffer, typeof socket.receiveBuffer);
    },
  },
];

const connecting: Script[] = [
  {
    name: "connect() twice, and while connected, connects once",
    async run({ socket, connect, flush, note }) {
      socket.on("connect", () => note("connect"));
      socket.connect();
      await connect();
      socket.connect();
      await flush();
      note("done");
    },
  },
  {
    name: "disconnect(): fires once, with its reason, at once",
    async run({ socket, connect, note, noteServer }) {
      socket.on("disconnect", (reason) => note(reason));
      const peer = await connect();
      const gone = new Promise((resolve) => peer.once("disconnect", resolve));
      socket.disconnect();
      note("after");
      socket.disconnect();
      noteServer(await gone);
    },
  },
  {
    name: "disconnect(): before connecting, and while connecting, fires nothing",
    async run({ socket, note }) {
      for (const event of ["connect", "disconnect", "connect_error"]) socket.on(event, () => note(event));
      socket.disconnect();
      socket.connect();
      socket.disconnect();
      note(socket.active);
      await pause(50);
    },
  },
  {
    name: "disconnect() and connect() again: listeners stay, what was emitted in between leaves",
    async run({ socket, connect, flush, note }) {
      socket.on("news", (value) => note("news", value));
      await connect();
      socket.disconnect();
      socket.emit("between");
      const peer = await connect();
      peer.emit("news", 1);
      await flush();
    },
  },
  {
    name: "disconnect() inside a listener of an event, of connect, and connect() inside disconnect",
    async run({ socket, connect, note, next }) {
      socket.on("stop", () => socket.disconnect());
      socket.on("stop", () => note("the next listener", socket.connected));
      socket.on("disconnect", (reason) => note(reason));
      const peer = await connect();
      socket.once("disconnect", () => socket.connect());
      const up = next("connect");
      peer.emit("stop");
      await up;
      note("up again");
      socket.disconnect();
      socket.once("connect", () => socket.disconnect());
      const down = next("disconnect");
      socket.connect();
      await down;
    },
  },
  {
    name: "disconnect() and connect() between two events that came in together",
    differs: "An event that a closed connection had still brought is not delivered.",
    on: "polling",
    async run({ socket, connect, flush, note, next }) {
      socket.on("news", (value) => {
        note("news", value, socket.connected);
        if (value === 1) socket.disconnect().connect();
      });
      const peer = await connect();
      await flush();
      const up = next("connect");
      for (const value of [1, 2]) peer.emit("news", value);
      await up;
      await flush();
    },
  },
  {
    name: "open() and close() are other names",
    async run({ socket, note, next }) {
      socket.on("disconnect", (reason) => note(reason));
      const up = next("connect");
      socket.open();
      note(socket.active);
      await up;
      note(socket.connected);
      socket.close();
      note(socket.connected, socket.active);
    },
  },
  {
    name: "disconnect: its second argument",
    differs: "`disconnect` has no second argument.",
    async run({ socket, connect, note, drop }) {
      const peer = await connect();
      const gone = new Promise<void>((resolve) => {
        socket.on("disconnect", (...args) => {
          note(args.length, args[0]);
          resolve();
        });
      });
      drop(peer);
      await gone;
    },
  },
  {
    name: "the server lets the socket go",
    differs: 'After the reason `"io server disconnect"` it connects again by itself, with growing delays.',
    async run({ socket, connect, note }) {
      const peer = await connect();
      socket.on("connect", () => note("connect"));
      const gone = new Promise<void>((resolve) => {
        socket.on("disconnect", (reason) => {
          note(reason, socket.active);
          resolve();
        });
      });
      peer.disconnect();
      await gone;
      await eventually(() => socket.connected);
      note(socket.connected);
    },
  },
  {
    name: "listeners survive three drops, and are not doubled",
    async run({ socket, connect, flush, note, next, nextPeer, drop }) {
      socket.on("news", (value) => note("news", value));
      socket.onAny((event) => note("any", event));
      socket.on("connect", () => note("connect"));
      let peer = await connect();
      for (const value of [1, 2, 3]) {
        const [up, again] = [next("connect"), nextPeer()];
        drop(peer);
        await up;
        peer = await again;
        peer.emit("news", value);
        await flush();
      }
    },
  },
];

const refusals: Script[] = [
  {
    name: "connect_error: the server's words and its data, and then no more",
    async run({ io, socket, note }) {
      io.use((_, next) =>
        next(Object.assign(new Error("not you"), { data: { error: "access_denied", n: 1 } })),
      );
      socket.on("connect", () => note("connect"));
      const refused = new Promise<void>((resolve) => {
        socket.on("connect_error", (error: Error & { data?: { n: number } }) => {
          note(error, error.message === "not you", error.data?.n, error instanceof Error);
          resolve();
        });
      });
      socket.connect();
      await refused;
      await pause(50);
      note(socket.connected, socket.active);
    },
  },
  {
    name: "connect_error: by its name",
    differs: "`connect_error` carries a `ConnectionError`.",
    async run({ io, socket, note, next }) {
      io.use((_, refuse) =>
        refuse(Object.assign(new Error("not you"), { data: { error: "access_denied" } })),
      );
      const refused = next("connect_error");
      socket.connect();
      const [error] = await refused;
      note(error instanceof Error && error.name, error);
    },
  },
  {
    name: "connect_error: a refusal without data, which may be lifted",
    differs: "After a refusal by a middleware it may connect again by itself.",
    async run({ io, socket, note }) {
      let isClosed = true;
      io.use((_, next) => next(isClosed ? new Error("closed for a moment") : undefined));
      const refused = new Promise<void>((resolve) => {
        socket.once("connect_error", (error) => {
          note(error);
          isClosed = false;
          resolve();
        });
      });
      socket.connect();
      await refused;
      await eventually(() => socket.connected);
      note(socket.connected);
    },
  },
  {
    name: "connect_error: the handshake is refused with an HTTP status",
    differs: "`connect_error` says in words of its own why the server could not be reached.",
    server: { allowRequest: (_, callback) => callback("no", false) },
    on: "polling",
    async run({ socket, note, next }) {
      const failed = next("connect_error");
      socket.connect();
      note(...(await failed));
    },
  },
  {
    name: "connect_error: after a while the server can be reached again",
    async run({ io, socket, connect, flush, note, next, drop }) {
      const peer = await connect();
      let isDown = true;
      io.engine.use((_: unknown, response: { destroy?(): void; end(): void }, pass: () => void) => {
        if (isDown) response.end();
        else pass();
      });
      const failed = next("connect_error");
      drop(peer);
      const [error] = await failed;
      note(error instanceof Error, socket.connected, socket.active);
      const up = next("connect");
      isDown = false;
      await up;
      await flush();
      note("up");
    },
    on: "polling",
  },
];

const throwing: Script[] = [
  {
    name: "a listener that throws is uncaught, those after it miss that event, and the next event is delivered",
    async run({ socket, connect, flush, note }) {
      socket.on("news", (value) => {
        note("first", value);
        if (value === 1) throw new Error("in a listener");
      });
      socket.on("news", (value) => note("second", value));
      const peer = await connect();
      const uncaught = await collectUncaught(async () => {
        for (const value of [1, 2]) peer.emit("news", value);
        await flush();
      });
      note(...uncaught);
    },
  },
  {
    name: "a listener of any event that throws keeps the event from all others",
    async run({ socket, connect, flush, note }) {
      socket.onAny((_, value) => {
        if (value === 1) throw new Error("in any");
      });
      socket.onAny((_, value) => note("any", value));
      socket.on("news", (value) => note("own", value));
      const peer = await connect();
      const uncaught = await collectUncaught(async () => {
        for (const value of [1, 2]) peer.emit("news", value);
        await flush();
      });
      note(...uncaught);
    },
  },
  {
    name: "a listener that rejects is an unhandled rejection, and changes nothing",
    async run({ socket, connect, flush, note }) {
      const runner = process.listeners("unhandledRejection");
      const unhandled: unknown[] = [];
      const collect = (error: unknown): void => {
        unhandled.push(error);
      };
      process.removeAllListeners("unhandledRejection");
      process.on("unhandledRejection", collect);
      socket.on("news", async (value) => {
        throw new Error(`asynchronous ${value}`);
      });
      socket.on("news", (value) => note("second", value));
      const peer = await connect();
      for (const value of [1, 2]) peer.emit("news", value);
      await flush();
      process.removeListener("unhandledRejection", collect);
      for (const listener of runner) process.on("unhandledRejection", listener);
      note(...unhandled);
    },
  },
  {
    name: "a listener of connect that throws is uncaught, and the connection is up",
    async run({ socket, flush, note }) {
      socket.emit("queued");
      socket.on("connect", () => {
        throw new Error("in connect");
      });
      socket.on("connect", () => note("never"));
      const uncaught = await collectUncaught(async () => {
        socket.connect();
        await flush();
      });
      note(...uncaught, socket.connected);
    },
  },
  {
    name: "a listener of disconnect that throws, at a drop",
    differs: THROWN_AT_DISCONNECT,
    async run({ socket, connect, note, drop }) {
      const peer = await connect();
      let isDown = false;
      socket.once("disconnect", () => {
        isDown = true;
        throw new Error("in disconnect");
      });
      const uncaught = await collectUncaught(async () => {
        drop(peer);
        await eventually(() => isDown && socket.connected);
      });
      note(...uncaught, socket.connected);
    },
  },
  {
    name: "a listener of disconnect that throws, at a disconnect() of one's own",
    differs: THROWN_AT_DISCONNECT,
    async run({ socket, connect, note }) {
      await connect();
      socket.once("disconnect", () => {
        throw new Error("in disconnect");
      });
      const uncaught = await collectUncaught(() => {
        note(thrown(() => socket.disconnect()));
      });
      note(...uncaught);
    },
  },
];

const namespaces: Script[] = [
  {
    name: "another namespace has listeners, messages, a state and an id of its own",
    async run({ io, socket, of, connect, flush, note, noteServer }) {
      io.of("/chat").on("connection", (peer) => {
        peer.onAny((...args: unknown[]) => {
          noteServer("/chat", ...args);
          peer.emit("news", "of chat");
        });
      });
      const chat = of("/chat");
      for (const [name, each] of [["/", socket] as const, ["/chat", chat] as const]) {
        each.on("news", (value) => note(name, "news", value));
        each.on("disconnect", (reason) => note(name, reason));
      }
      const up = new Promise<void>((resolve) => chat.once("connect", resolve));
      const peer = await connect();
      chat.connect();
      await up;
      note(chat.connected, chat.id === socket.id);
      const news = new Promise<void>((resolve) => chat.once("news", () => resolve()));
      chat.emit("hello");
      peer.emit("news", "of primary");
      await news;
      await flush();
      chat.disconnect();
      note(chat.connected, socket.connected);
      await flush();
    },
  },
  {
    name: "another namespace that the server refuses, in the server's words, while the first stays",
    async run({ io, socket, of, connect, flush, note }) {
      const refusal = { data: { error: "access_denied", admin: true } };
      io.of("/admin").use((_, next) => next(Object.assign(new Error("admins only"), refusal)));
      await connect();
      const admin = of("/admin");
      const refused = new Promise<void>((resolve) => {
        admin.on("connect_error", (error) => {
          note(error);
          resolve();
        });
      });
      admin.connect();
      await refused;
      note(admin.connected, admin.active, socket.connected);
      await flush();
    },
  },
  {
    name: "another namespace that is not there",
    async run({ of, connect, note }) {
      await connect();
      const missing = of("/missing");
      const refused = new Promise<void>((resolve) => {
        missing.on("connect_error", (error) => {
          note(error, error.message === "Invalid namespace");
          resolve();
        });
      });
      missing.connect();
      await refused;
      note(missing.connected, missing.active);
    },
  },
  {
    name: "another namespace that the server lets go stays away, while the first stays",
    async run({ io, socket, of, connect, note }) {
      io.of("/chat").on("connection", (peer) => void peer.disconnect());
      await connect();
      const chat = of("/chat");
      const gone = new Promise<void>((resolve) => {
        chat.on("disconnect", (reason) => {
          note(reason, chat.active);
          resolve();
        });
      });
      chat.connect();
      await gone;
      await pause(50);
      note(chat.connected, socket.connected);
    },
  },
];

export const scripts: readonly Script[] = [
  ...listening,
  ...anyEvent,
  ...emitting,
  ...acknowledging,
  ...flags,
  ...states,
  ...connecting,
  ...refusals,
  ...throwing,
  ...namespaces,
];
