import type { DefaultEventsMap, EventsMap } from "@socket.io/component-emitter";
import type { ActorRefFrom, SnapshotFrom, StateMachine } from "xstate";
import { type ConnectionEvent, type ConnectionSettings, connectionMachine } from "../machines/index.js";
import { LONGEST_DELAY } from "./clock.js";
import { type Connection, makeConnection } from "./connection.js";
import { invalidOption } from "./errors.js";
import { logStep, warnOfPlainHttp } from "./logger.js";
import { type ConnectionOptions, type ResolvedOptions, resolveOptions } from "./options.js";
import { makeParts, type Parts, partsOf, REAL } from "./parts.js";
import type { Turn } from "./turn.js";
import { describeType, isFunction } from "./value.js";

/** The checked options of a connection, as the input of its actor. It shows nothing of them. */
export interface ConnectionInput {
  readonly [OPTIONS]: () => { options: ResolvedOptions; turn?: Turn | undefined };
}

/** {@link connectionMachine} with its parts, whose actor takes a {@link ConnectionInput}. */
export type ConnectionLogic =
  typeof connectionMachine extends StateMachine<
    infer Context,
    infer Event,
    infer Children,
    infer Actor,
    infer Action,
    infer Guard,
    infer Delay,
    infer Value,
    infer Tag,
    infer _Input,
    infer Output,
    infer Emitted,
    infer Meta,
    infer Schema,
    infer TransitionMeta
  >
    ? StateMachine<
        Context,
        Event,
        Children,
        Actor,
        Action,
        Guard,
        Delay,
        Value,
        Tag,
        ConnectionInput,
        Output,
        Emitted,
        Meta,
        Schema,
        TransitionMeta
      >
    : never;

/** The same in every copy of the package, and functions, which a Proxy of a store hands out as they are. */
const OPTIONS: unique symbol = Symbol.for("socket-rotor.options");
const CONNECTION: unique symbol = Symbol.for("socket-rotor.connection");

/** The actor of a connection. */
export type ConnectionActor = ActorRefFrom<ConnectionLogic>;

/** Makes the parts of an actor that is being made. */
function own(actor: ConnectionActor, input: ConnectionInput | undefined): Parts {
  if (!input || !isFunction(Reflect.get(Object(input), OPTIONS))) {
    throw invalidOption(
      `The actor of connectionLogic takes as its "input" what connectionInput() has made, but got ${describeType(input)}.`,
    );
  }
  const { options, turn } = input[OPTIONS]();
  const parts = makeParts(actor, options, turn);
  let connection: Connection | undefined;
  // Behind a Proxy too, as XState itself does with `send`.
  for (const name of ["start", "stop", "subscribe", "on", "getSnapshot"] as const)
    Object.assign(actor, { [name]: actor[name].bind(actor) });
  Object.defineProperty(actor, CONNECTION, {
    value: () => (connection ??= makeConnection(parts)),
    configurable: true,
  });
  return parts;
}

/** A machine whose actors get their parts, and which nobody can change for everybody else. */
function withParts(machine: typeof connectionMachine): ConnectionLogic {
  const { implementations, getInitialSnapshot, start, transition } = machine;
  const provide = machine.provide.bind(machine);
  type Scope = Parameters<typeof transition>[2];
  type State = SnapshotFrom<ConnectionLogic>;
  // Bindings assign it at each render, for all actors of the machine.
  Object.defineProperty(machine, "implementations", { get: () => implementations, set() {} });
  Object.assign<object, object>(machine, {
    provide: (...provided: Parameters<typeof provide>) => withParts(provide(...provided)),
    getInitialSnapshot: (scope: Scope, input?: ConnectionInput) =>
      getInitialSnapshot(scope, settingsOf(own(scope.self, input))),
    restoreSnapshot() {
      throw invalidOption(
        'An actor of connectionLogic takes no snapshot: a connection starts from its options. Leave out "snapshot".',
      );
    },
    start(snapshot: State, { self }: Scope) {
      const parts = partsOf(self);
      if (!parts || snapshot.status !== "active") return;
      warnOfPlainHttp(parts.origin, parts.log);
      parts.lifetime.start(() => start(snapshot));
    },
    transition(snapshot: State, event: ConnectionEvent, scope: Scope) {
      const parts = partsOf(scope.self);
      // In a pure test nothing runs.
      if (!parts?.lifetime.isRunning) return transition(snapshot, event, scope);
      const { turn, lifetime, shown } = parts;
      try {
        const next = transition(snapshot, event, scope);
        turn.handle(() => logStep(parts, event, snapshot, next));
        scope.defer(() => turn.handle(shown.onChange));
        if (next.status === "error") lifetime.end();
        return next;
      } catch (error) {
        // XState ends the root, and leaves its children as they are.
        lifetime.end();
        throw error;
      }
    },
  });
  return machine;
}

/**
 * The statechart of a connection with its working parts, for an interpreter of your own: one machine for all actors. Each
 * gets a {@link ConnectionInput}, and {@link connectionOf} answers with the connection of an actor. It connects as it
 * starts, unless the option `autoConnect` is false. Stop the actor when you are done. A binding that stops an actor and
 * starts the same one again, as StrictMode and Activity make it do, finds it as it was, without its links; what is due and
 * what waits is given up at the end of the task in which it was stopped.
 *
 * `connectionLogic.provide({ actions, guards, delays })` answers with a copy that decides otherwise. Call it once, at
 * module level: a copy takes about 100 kB. An actor takes no `snapshot`: a connection starts from its options.
 *
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`, as the error of the actor, for another input or a snapshot.
 * @example
 * ```ts
 * import { connectionInput, connectionLogic, connectionOf, webStorage } from "socket-rotor";
 * import { createActor } from "xstate";
 *
 * const input = connectionInput({ url: "https://api.example.com", storage: webStorage("accessToken") });
 * const actor = createActor(connectionLogic, { input }).start();
 * connectionOf(actor).socket.on("message", (text) => console.log(text));
 * ```
 */
export const connectionLogic: ConnectionLogic = withParts(connectionMachine.provide(REAL));

/**
 * Checks the options of a connection and wraps them for an actor of {@link connectionLogic}, so that no inspector sees
 * them. The same input may be given to several actors: each has parts of its own.
 *
 * @param options - As for `createConnection`; the clock and inspecting are the interpreter's. A clock that has a method
 *   `now`, as `SimulatedClock` has, serves the parts as well.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`, naming the option and what it takes; also for `clock` and
 *   `inspect`.
 * @example
 * ```ts
 * import { connectionInput, memoryStorage } from "socket-rotor";
 *
 * const input = connectionInput({ url: "https://api.example.com", storage: memoryStorage() });
 * ```
 */
export function connectionInput(options: Omit<ConnectionOptions, "clock" | "inspect">): ConnectionInput {
  const resolved = resolveOptions(options, "connectionInput");
  for (const name of ["clock", "inspect"]) {
    if (Reflect.get(options, name) === undefined) continue;
    throw invalidOption(`connectionInput() takes no "${name}": give it to createActor().`);
  }
  return inputOf(resolved);
}

/** Options that were checked, as the input of an actor; of a single one, where it has a turn. */
export function inputOf(options: ResolvedOptions, turn?: Turn): ConnectionInput {
  const handle = { [OPTIONS]: () => ({ options, turn }) };
  return Object.freeze(Object.defineProperty(handle, OPTIONS, { enumerable: false }));
}

/**
 * The connection of an actor: its sockets, and the commands that the statechart has no event for. It is the same object
 * for each call, before the actor has started too.
 *
 * @param actor - Made of {@link connectionLogic}, or of a copy that `provide` has made; a reactive Proxy of it will do.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for anything else.
 * @example
 * ```ts
 * import { connectionInput, connectionLogic, connectionOf, memoryStorage } from "socket-rotor";
 * import { createActor } from "xstate";
 *
 * const input = connectionInput({ url: "https://api.example.com", storage: memoryStorage() });
 * const { login, socket } = connectionOf(createActor(connectionLogic, { input }));
 * ```
 */
export function connectionOf<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
>(actor: ConnectionActor): Connection<ListenEvents, EmitEvents> {
  const holder: object = Object(actor);
  const { [CONNECTION]: ask }: { [CONNECTION]?: () => Connection } = holder;
  if (ask) return ask();
  throw invalidOption(
    `connectionOf() takes an actor of connectionLogic that has got an input of connectionInput(), but got ${describeType(actor)}.`,
  );
}

function settingsOf({
  reconnectionAttempts,
  rotation,
  stableAfter,
  drainTimeout,
  refresher,
  isCookie,
}: Parts): ConnectionSettings {
  return {
    reconnectionAttempts,
    rotation,
    hasRefresh: refresher !== undefined,
    isCookie,
    stableAfter: Math.min(LONGEST_DELAY, stableAfter),
    drainTimeout: Math.min(LONGEST_DELAY, drainTimeout),
  };
}
