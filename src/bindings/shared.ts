import type {
  EventsMap,
  ReservedOrUserEventNames,
  ReservedOrUserListener,
} from "@socket.io/component-emitter";
import type { Connection } from "../connection.js";
import { SERVER_SNAPSHOT } from "../snapshot.js";
import type { RotorSocket } from "../sockets/rotor-socket.js";
import type { SocketReservedEvents } from "../sockets/types.js";

/** What is read of a connection to show its snapshot. It says nothing of events, so that every connection fits. */
export type SnapshotSource = Pick<Connection, "subscribe" | "getSnapshot" | "getServerSnapshot">;

/** The events that a socket can be listened to for: those of the server, and `connect`, `disconnect`, `dropped` and `connect_error`. */
export type SocketEvent<ListenEvents extends EventsMap> = ReservedOrUserEventNames<
  SocketReservedEvents,
  ListenEvents
>;

/** The listener of such an event. */
export type SocketListener<
  ListenEvents extends EventsMap,
  Event extends SocketEvent<ListenEvents>,
> = ReservedOrUserListener<SocketReservedEvents, ListenEvents, Event>;

/** In the place of a connection that a component has not made yet: `idle`. */
export const NO_CONNECTION: SnapshotSource = {
  subscribe: () => () => {},
  getSnapshot: () => SERVER_SNAPSHOT,
  getServerSnapshot: () => SERVER_SNAPSHOT,
};

/** The selector where none is given: the whole snapshot. */
export const whole = <Value>(value: Value): Value => value;

/** A value, or the function that reads it, such as a signal. */
export type MaybeGetter<Value> = Value | (() => Value);

const isGetter = <Value>(given: MaybeGetter<Value>): given is () => Value => typeof given === "function";

/** The value as it is now. */
export const readNow = <Value>(given: MaybeGetter<Value>): Value => (isGetter(given) ? given() : given);

/**
 * Listens by a function of this call alone, as the same listener may be given to two sockets, or twice to one. Returns the
 * function that ends it.
 */
export function listen(
  socket: RotorSocket | undefined,
  event: string,
  listener: (...args: unknown[]) => void,
): () => void {
  const call = (...args: unknown[]): void => listener(...args);
  socket?.on(event, call);
  return () => void socket?.off(event, call);
}
