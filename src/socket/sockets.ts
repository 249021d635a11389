import type { DefaultEventsMap, EventsMap } from "@socket.io/component-emitter";
import type { Clock } from "../clock.js";
import { ConnectionError } from "../errors.js";
import type { Channel } from "./channel.js";
import { RotorSocket } from "./rotor-socket.js";

/** Answers with the one socket of each namespace. */
export type Sockets = <Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
  namespace: string,
) => RotorSocket<Listen, Emit>;

/** The application's sockets by namespace, each made once. */
export function createSockets(
  channel: (namespace: string) => Channel,
  ackTimeout: number,
  clock: Clock,
): Sockets {
  const sockets = new Map<string, RotorSocket>();
  return <Listen extends EventsMap, Emit extends EventsMap>(namespace: string): RotorSocket<Listen, Emit> => {
    if (typeof namespace !== "string" || !namespace.startsWith("/")) {
      throw new ConnectionError(
        "ERR_INVALID_NAMESPACE",
        'of(namespace) takes the name of a Socket.IO namespace, which begins with a slash, such as "/chat".',
      );
    }
    let socket = sockets.get(namespace);
    if (!socket) {
      socket = new RotorSocket(channel(namespace), ackTimeout, clock);
      sockets.set(namespace, socket);
    }
    return socket;
  };
}
