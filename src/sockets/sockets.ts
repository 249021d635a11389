import type { DefaultEventsMap, EventsMap } from "@socket.io/component-emitter";
import type { Clock } from "../clock.js";
import { ConnectionError } from "../errors.js";
import type { Log } from "../logger.js";
import { isOwnNamespace } from "../protocol.js";
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
  log: Log,
): Sockets {
  const sockets = new Map<string, RotorSocket>();
  return <Listen extends EventsMap, Emit extends EventsMap>(namespace: string): RotorSocket<Listen, Emit> => {
    // A comma would end the name on the wire, and the server would look for one with the query in it.
    if (typeof namespace !== "string" || !/^\/[^,?]*$/.test(namespace)) {
      throw new ConnectionError(
        "ERR_INVALID_NAMESPACE",
        'of(namespace) takes the name of a Socket.IO namespace, such as "/chat": a string that begins with a slash, without a query and without a comma. Send parameters by the "auth" option.',
      );
    }
    if (isOwnNamespace(namespace)) {
      throw new ConnectionError(
        "ERR_INVALID_NAMESPACE",
        `The namespace ${namespace} is socket-rotor's own. Give the namespace of yours another name, such as "/chat".`,
      );
    }
    let socket = sockets.get(namespace);
    if (!socket) {
      socket = new RotorSocket(channel(namespace), ackTimeout, clock, log.warnOnce);
      sockets.set(namespace, socket);
    }
    return socket;
  };
}
