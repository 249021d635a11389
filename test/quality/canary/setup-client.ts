import { vi } from "vitest";
import type { AnyActor, InspectionEvent } from "xstate";
import type { Channel } from "../../../src/sockets/channel.js";
import { keep, plant } from "./record.js";

// The client's half of the canary: what is applied, and its log lines, errors, snapshots, the events that its
// sockets give to the application, and everything that can be read of its actors.

vi.mock(import("../../../src/credential/token-store.js"), async (load) => {
  const { createTokenStore } = await load();
  return {
    createTokenStore(...given) {
      const tokenStore = createTokenStore(...given);
      const { adopt } = tokenStore;
      return Object.assign(tokenStore, {
        adopt(token: string, ...rest: [isEarlier?: boolean, isRenewal?: boolean]) {
          plant(token);
          return adopt(token, ...rest);
        },
      });
    },
  };
});

vi.mock(import("../../../src/logger.js"), async (load) => {
  const original = await load();
  const pass = (write: ((line: string) => void) | undefined, line: string): void => {
    keep("log", line);
    write?.(line);
  };
  return {
    ...original,
    createLog: (logger, turn) =>
      original.createLog(
        {
          debug: (line) => pass(logger.debug?.bind(logger), line),
          info: (line) => pass(logger.info?.bind(logger), line),
          warn: (line) => pass(logger.warn?.bind(logger), line),
        },
        turn,
      ),
  };
});

vi.mock(import("../../../src/snapshot.js"), async (load) => {
  const original = await load();
  return {
    ...original,
    takeSnapshot(...given) {
      const snapshot = original.takeSnapshot(...given);
      keep("snapshots", JSON.stringify(snapshot));
      if (snapshot.error) keep("errors", snapshot.error);
      return snapshot;
    },
  };
});

vi.mock(import("../../../src/errors.js"), async (load) => {
  const original = await load();
  const ConnectionError = new Proxy(original.ConnectionError, {
    construct(target, given, made) {
      const error: Error = Reflect.construct(target, given, made);
      // All of it but the stack, which repeats the message, and takes long to be put together.
      keep("errors", error.message, { ...error }, error.cause);
      return error;
    },
  });
  return { ...original, ConnectionError };
});

vi.mock(import("../../../src/sockets/rotor-socket.js"), async (load) => {
  const original = await load();
  const RotorSocket = new Proxy(original.RotorSocket, {
    construct(target, given, made) {
      const channel: Channel = given[0];
      const socket: object = Reflect.construct(target, given, made);
      const ears = channel.listener;
      if (!ears) throw new Error("A socket listens to its channel no more.");
      channel.listener = {
        onReserved: (event, args) => {
          keep("events of the socket", event, ...args);
          ears.onReserved(event, args);
        },
        onEvent: (event, args) => {
          keep("onAny of the client", event, ...args);
          ears.onEvent(event, args);
        },
        onOutgoing: (event, args) => {
          keep("onAnyOutgoing of the client", event, ...args);
          return ears.onOutgoing(event, args);
        },
      };
      return socket;
    },
  });
  return { ...original, RotorSocket };
});

vi.mock(import("xstate"), async (load) => {
  const original = await load();
  const createActor = new Proxy(original.createActor, {
    apply(target, self, [logic, options]) {
      // An application's own machine may keep what it likes.
      if (logic.id !== "connection") return Reflect.apply(target, self, [logic, options]);
      const observer = original.toObserver(options?.inspect);
      const seen = new Set<string>();
      const actor: AnyActor = Reflect.apply(target, self, [
        logic,
        {
          ...options,
          inspect(event: InspectionEvent) {
            if (event.type === "@xstate.event") keep("events", JSON.stringify(event.event));
            if (event.type === "@xstate.action") keep("inspection", JSON.stringify(event.action));
            if (event.type === "@xstate.snapshot" && event.actorRef === actor) keepState(actor, seen);
            observer.next?.(event);
          },
        },
      ]);
      return actor;
    },
  });
  return { ...original, createActor };
});

/** A state and its context; the first time that it comes about also all that can be saved of the actor. */
function keepState(actor: AnyActor, seen: Set<string>): void {
  const { value, context, output, error } = actor.getSnapshot();
  keep("context", JSON.stringify({ value, context, output }), error);
  const state = JSON.stringify(value);
  if (seen.has(state)) return;
  seen.add(state);
  keep("persisted snapshots", JSON.stringify([actor.getPersistedSnapshot(), actor]));
  machine = actor.logic;
}

/** The last machine that ran. */
let machine: unknown;

/** Keeps the definition of the last machine that ran, which takes too long to be done after each test. */
export function keepDefinition(): void {
  keep("definition", JSON.stringify(machine) ?? "");
}
