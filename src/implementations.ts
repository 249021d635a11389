import type { DefaultEventsMap, EventsMap } from "@socket.io/component-emitter";
import { assemble, type Provided } from "./assemble.js";
import type { Clock } from "./clock.js";
import { disposed, invalidOption } from "./errors.js";
import type { ConnectionOptions } from "./options.js";
import type { RotorSocket } from "./sockets/rotor-socket.js";
import type { Sockets } from "./sockets/sockets.js";

/** What `connectionMachine.provide()` takes, and what belongs to it. */
export type Implementations<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
> = Provided & {
  /** The clock to give to `createActor`, so that long delays keep. */
  readonly clock: Clock;
  /** The socket of the primary namespace. */
  readonly socket: RotorSocket<ListenEvents, EmitEvents>;
  /** The socket of another namespace. */
  readonly of: Sockets;
  /** As `login` of a connection. */
  login(token?: string): Promise<void>;
  /** As `logout` of a connection. */
  logout(): Promise<void>;
  /** Ends what still runs; needed only when the interpreter ended with an error. */
  stop(): void;
};

/**
 * The working parts for an interpreter of your own. One call serves one actor, which is started once: a second one
 * ends with an error, `ERR_INVALID_OPTION`. Once the actor has stopped, `login`, `logout` and `of` fail with
 * `ERR_DISPOSED`.
 *
 * @param options - As for `createConnection`; starting and inspecting are the interpreter's.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`, naming the option and what it takes; also for `autoConnect`
 *   and `inspect`, which are the interpreter's.
 * @example
 * ```ts
 * import { implementations, webStorage } from "socket-rotor";
 * import { connectionMachine } from "socket-rotor/machines";
 * import { createActor } from "xstate";
 *
 * const parts = implementations({ url: "https://api.example.com", storage: webStorage("accessToken") });
 * const actor = createActor(connectionMachine.provide(parts), { clock: parts.clock });
 * actor.subscribe({ error: () => parts.stop() });
 * actor.start();
 * actor.send({ type: "connect" });
 * parts.socket.on("message", (text) => console.log(text));
 * ```
 */
export function implementations<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
>(options: Omit<ConnectionOptions, "autoConnect" | "inspect">): Implementations<ListenEvents, EmitEvents> {
  const parts = assemble(options);
  for (const name of ["autoConnect", "inspect"] as const) {
    if (Reflect.get(options, name) === undefined) continue;
    throw invalidOption(
      name === "inspect"
        ? 'implementations() takes no "inspect": give it to createActor().'
        : 'implementations() takes no "autoConnect": send { type: "connect" } to the actor when it should connect.',
    );
  }
  const check = (): void => {
    if (parts.isOver) throw disposed();
  };
  return {
    ...parts.provided,
    clock: parts.clock,
    socket: parts.of<ListenEvents, EmitEvents>(parts.options.namespace),
    of<Listen extends EventsMap, Emit extends EventsMap>(namespace: string) {
      check();
      return parts.of<Listen, Emit>(namespace);
    },
    login(token) {
      return parts.isOver ? Promise.reject(disposed()) : parts.source.login(token);
    },
    async logout() {
      check();
      await parts.source.logout();
    },
    stop: () => parts.stop(),
  };
}
