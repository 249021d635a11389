import type { DefaultEventsMap, EventsMap } from "@socket.io/component-emitter";
import { createActor, type InspectionEvent } from "xstate";
import type { Connection } from "./connection.js";
import { connectionLogic, connectionOf, inputOf } from "./connection-logic.js";
import { type ConnectionOptions, resolveOptions } from "./options.js";
import { Turn } from "./turn.js";

/**
 * Makes a connection that always carries the right credential, and starts it unless `autoConnect` is false.
 *
 * It follows the token in `storage`: a new one rotates the connection, a removed one tears it down. Listeners and
 * unsent messages stay; nothing of one user reaches another. Call `dispose()` in the end.
 *
 * @param options - Where to connect and where the token lives; all times are milliseconds.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`, naming the option and what it takes; nothing is started.
 * @example
 * ```ts
 * import { createConnection, webStorage } from "socket-rotor";
 *
 * const connection = createConnection({
 *   url: "https://api.example.com",
 *   storage: webStorage("accessToken"),
 * });
 * connection.socket.on("message", (text) => console.log(text));
 * connection.subscribe((snapshot) => console.log(snapshot.status));
 * ```
 */
export function createConnection<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
>(options: ConnectionOptions): Connection<ListenEvents, EmitEvents> {
  const resolved = resolveOptions(options);
  const { clock, inspect } = resolved;
  const turn = new Turn();
  const actor = createActor(connectionLogic, {
    input: inputOf(resolved, turn),
    clock: {
      // The statechart's own timers begin a step as well.
      setTimeout: (callback, delay) => clock.setTimeout(() => turn.step(callback), delay),
      clearTimeout: (timer) => clock.clearTimeout(timer),
    },
    ...(inspect && {
      inspect: (event: InspectionEvent) =>
        turn.call(() => (typeof inspect === "function" ? inspect(event) : inspect.next?.(event))),
    }),
  });
  const connection = connectionOf<ListenEvents, EmitEvents>(actor);
  turn.step(() => actor.start());
  return connection;
}
