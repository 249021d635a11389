import type { ConnectionOptions } from "socket-rotor";
import { accept } from "socket-rotor/testing";
import { promisesSettled } from "../../support/manual-clock.js";
import { type Harness, tokenOf, userOf } from "./harness.js";

/** A place in which the library calls the application. */
export interface Place {
  /** Only with a storage that answers at once. */
  isSynchronous?: boolean;
  options?(run: () => void): Partial<ConnectionOptions>;
  /** Puts `run` where the application is called. */
  arrange?(harness: Harness, run: () => void): unknown;
  /** Brings the call about; it need not wait for the end. */
  trigger(harness: Harness): unknown;
}

const drop = async ({ io, clock }: Harness): Promise<void> => {
  io.last?.drop();
  await promisesSettled();
  if (Number.isFinite(clock.untilNext)) clock.advance(clock.untilNext);
};
const on =
  (event: "connect" | "disconnect" | "connect_error" | "dropped") =>
  ({ connection }: Harness, run: () => void) =>
    connection.socket.on(event, () => run());
const event = (harness: Harness): void => harness.io.last?.send("news", "of the day");
const emit = (harness: Harness) => harness.connection.socket.emit("draft", "text");

export const PLACES: Readonly<Record<string, Place>> = {
  "a listener of `connect`, after a drop": { arrange: on("connect"), trigger: drop },
  "a listener of `connect`, after connect()": {
    arrange(harness, run) {
      harness.connection.disconnect();
      on("connect")(harness, run);
    },
    trigger: ({ connection }) => connection.connect(),
  },
  "a listener of `connect`, after a rotation": {
    arrange: on("connect"),
    trigger: ({ io, storage }) => {
      io.behaveOnReauthentication((link) => link.answer({ ok: false, verdict: "replace" }));
      storage.set(tokenOf("alice", 2));
    },
  },
  "a listener of `disconnect`, after a drop": { arrange: on("disconnect"), trigger: drop },
  "a listener of `disconnect`, after disconnect()": {
    arrange: on("disconnect"),
    trigger: ({ connection }) => connection.disconnect(),
  },
  "a listener of `disconnect`, as another user signs in": {
    arrange: on("disconnect"),
    trigger: ({ storage }) => storage.set(tokenOf("carol")),
  },
  "a listener of `connect_error`": {
    arrange: on("connect_error"),
    trigger(harness) {
      harness.io.behave((link) => link.fail(), accept({ reauthenticate: true }));
      return drop(harness);
    },
  },
  "a listener of `dropped`": {
    arrange(harness, run) {
      on("dropped")(harness, run);
      harness.io.isHandshakeHeld = true;
      harness.io.last?.drop();
      emit(harness);
    },
    trigger: ({ io, storage }) => {
      io.isHandshakeHeld = false;
      storage.set(tokenOf("carol"));
    },
  },
  "a listener of an event": {
    arrange: ({ connection }, run) => connection.socket.on("news", run),
    trigger: event,
  },
  "a listener of an event, which replies": {
    arrange: ({ connection }, run) =>
      connection.socket.on("question", (reply: (answer: string) => void) => {
        reply("yes");
        run();
      }),
    trigger: (harness) => harness.io.last?.send("question", () => {}),
  },
  "onAny()": { arrange: ({ connection }, run) => connection.socket.onAny(run), trigger: event },
  "prependAny()": { arrange: ({ connection }, run) => connection.socket.prependAny(run), trigger: event },
  "onAnyOutgoing()": {
    arrange: ({ connection }, run) => connection.socket.onAnyOutgoing(run),
    trigger: emit,
  },
  "prependAnyOutgoing()": {
    arrange: ({ connection }, run) => connection.socket.prependAnyOutgoing(run),
    trigger: emit,
  },
  "onAnyOutgoing(), of what has waited": {
    arrange(harness, run) {
      harness.connection.disconnect();
      emit(harness);
      harness.connection.socket.onAnyOutgoing(run);
    },
    trigger: ({ connection }) => connection.connect(),
  },
  "the callback of an acknowledgement": {
    arrange: ({ connection, io }, run) => {
      io.unanswered.add("draft");
      connection.socket.emit("draft", run);
    },
    trigger: ({ io }) => io.last?.acknowledge(),
  },
  "the callback of an acknowledgement that has timed out": {
    arrange: ({ connection, io }, run) => {
      io.unanswered.add("draft");
      connection.socket.timeout(10).emit("draft", run);
    },
    trigger: ({ clock }) => clock.advance(10),
  },
  "the callback of an acknowledgement that a disconnect() gives up": {
    arrange: ({ connection, io }, run) => {
      io.unanswered.add("draft");
      connection.socket.timeout(10_000).emit("draft", run);
    },
    trigger: ({ connection }) => connection.disconnect(),
  },
  "what follows `await emitWithAck()`": {
    trigger: () => {},
    arrange: ({ connection }, run) => void connection.socket.emitWithAck("draft").then(run),
  },
  "a subscriber, after a drop": {
    arrange: ({ connection }, run) => connection.subscribe(run),
    trigger: drop,
  },
  "a subscriber that hears of `connected`": {
    arrange: ({ connection }, run) =>
      connection.subscribe(() => {
        if (connection.status === "connected") run();
      }),
    trigger: drop,
  },
  "what follows `await whenConnected()`": {
    arrange: ({ connection }, run) => {
      connection.disconnect();
      void connection.whenConnected().then(run);
    },
    trigger: ({ connection }) => connection.connect(),
  },
  "`auth`": {
    options: (run) => ({
      auth(token) {
        run();
        return { token };
      },
    }),
    trigger: drop,
  },
  "`auth`, of a token on the same link": {
    options: (run) => ({
      auth(token) {
        run();
        return { token };
      },
    }),
    trigger: ({ storage }) => storage.set(tokenOf("alice", 2)),
  },
  "`auth`, of a namespace": {
    options: (run) => ({
      auth(token) {
        run();
        return { token };
      },
    }),
    trigger: ({ connection }) => connection.of("/chat"),
  },
  "`extraHeaders`": {
    options: (run) => ({
      extraHeaders() {
        run();
        return {};
      },
    }),
    trigger: drop,
  },
  "`identify`": {
    options: (run) => ({
      identify(token) {
        run();
        return userOf(token);
      },
    }),
    trigger: ({ storage }) => storage.set(tokenOf("alice", 2)),
  },
  "`refresh`": {
    options: (run) => ({
      async refresh() {
        run();
        return tokenOf("alice", 50);
      },
    }),
    trigger: ({ connection }) => connection.refresh().catch(() => {}),
  },
  "a listener of the signal that `refresh` gets": {
    options: (run) => ({
      refresh: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            run();
            reject(signal.reason);
          });
        }),
    }),
    arrange({ connection }) {
      connection.refresh().catch(() => {});
      return promisesSettled();
    },
    trigger: ({ storage }) => storage.set(tokenOf("carol")),
  },
  "the storage's `read`": {
    arrange: ({ hooks }, run) => {
      hooks.onRead = run;
    },
    trigger: ({ storage }) => storage.set(tokenOf("alice", 2)),
  },
  "the storage's `read`, before a message": {
    isSynchronous: true,
    arrange: ({ hooks }, run) => {
      hooks.onRead = run;
    },
    trigger: emit,
  },
  "the storage's `write`": {
    arrange: ({ hooks }, run) => {
      hooks.onWrite = run;
    },
    trigger: ({ connection }) => connection.login(tokenOf("alice", 2)).catch(() => {}),
  },
  "the environment": { arrange: () => {}, trigger: ({ resume }) => resume() },
  "`inspect`": { options: (inspect) => ({ inspect }), trigger: drop },
  "`logger`": { options: (debug) => ({ logger: { debug } }), trigger: drop },
  "a listener of `connect` of another namespace": {
    arrange: ({ connection }, run) => {
      connection.of("/chat").on("connect", run);
      return promisesSettled();
    },
    trigger: ({ connection }) => connection.of("/chat").disconnect().connect(),
  },
  "a listener of `disconnect` of another namespace": {
    arrange: async ({ connection }, run) => {
      connection.of("/chat").on("disconnect", run);
      await promisesSettled();
    },
    trigger: drop,
  },
  "a listener of `disconnect` of another namespace, which was left": {
    arrange: async ({ connection }, run) => {
      connection.of("/chat").on("disconnect", run);
      await promisesSettled();
    },
    trigger: ({ connection }) => connection.of("/chat").disconnect(),
  },
  "a listener of an event of another namespace": {
    arrange: async ({ connection }, run) => {
      connection.of("/chat").on("news", run);
      await promisesSettled();
    },
    trigger: ({ io }) => io.last?.sendIn("/chat", "news"),
  },
};
