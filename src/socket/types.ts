import type { EventsMap } from "@socket.io/component-emitter";
import type { ConnectionError, ConnectionErrorCode } from "../errors.js";

/** Events that the library itself fires on a socket; their names cannot be emitted. */
export interface SocketReservedEvents {
  /** The namespace is connected: for the first time, or again. */
  connect: () => void;
  /** An attempt to connect failed. Whether another follows, the connection's status tells. */
  connect_error: (error: ConnectionError) => void;
  /** The namespace is disconnected: a reason of Socket.IO's, or `"token rotation"`. */
  disconnect: (reason: string) => void;
  /** A message that had no acknowledgement to fail will not be sent. */
  dropped: (event: string, code: ConnectionErrorCode) => void;
}

export type Last<Args extends readonly unknown[]> = Args extends readonly [...infer _, infer Tail]
  ? Tail
  : unknown;

/** The arguments of an event without its acknowledgement. */
export type AllButLast<Args extends readonly unknown[]> = Args extends readonly [...infer Head, infer _]
  ? Head
  : unknown[];

/** What an acknowledgement answers with first. */
export type FirstArg<Ack> = Ack extends (first: infer First, ...rest: infer Rest) => unknown
  ? [First] extends [ConnectionError | null]
    ? Rest extends readonly [(infer Value)?, ...unknown[]]
      ? Value
      : unknown
    : First
  : unknown;

type WithError<Args extends readonly unknown[]> = {
  [Index in keyof Args]: Args[Index] extends (...values: infer Values) => infer Result
    ? (error: ConnectionError | null, ...values: Partial<Values>) => Result
    : Args[Index];
};

/** The events to emit after `timeout()`: every acknowledgement gets an error first. */
export type WithAckErrors<Events extends EventsMap> = {
  [Event in keyof Events]: Events[Event] extends (...args: infer Args) => infer Result
    ? (...args: WithError<Args>) => Result
    : Events[Event];
};
