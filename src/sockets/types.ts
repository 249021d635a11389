import type { EventsMap } from "@socket.io/component-emitter";
import type { DisconnectDescription, ExtendedError } from "socket.io-client";
import type { ConnectionError, ConnectionErrorCode } from "../errors.js";

/**
 * Events that the library itself fires on a socket; their names cannot be emitted. They are methods here, so that a
 * listener whose parameters have the narrower types of socket.io-client fits.
 */
export interface SocketReservedEvents {
  /** The namespace is connected: for the first time, or again. */
  connect(): void;
  /** An attempt to connect failed. Whether another follows, the connection's status tells. */
  connect_error(error: ConnectionError & ExtendedError): void;
  /**
   * The namespace is disconnected: a reason of Socket.IO's, or `"token rotation"`. The description is never given, and
   * stands here for listeners that were written for socket.io-client.
   */
  disconnect(reason: string, description?: DisconnectDescription): void;
  /** A message that had no acknowledgement to fail will not be sent. */
  dropped(event: string, code: ConnectionErrorCode): void;
}

/** The last of an event's arguments, which acknowledges it. */
export type Last<Args extends readonly unknown[]> =
  Required<Args> extends readonly [...infer _, infer Tail]
    ? Tail
    : Args extends readonly []
      ? unknown
      : Args[number];

/** The arguments of an event without its acknowledgement. */
export type AllButLast<Args extends readonly unknown[]> =
  Required<Args> extends readonly [...infer Head, infer _] ? Head : Args;

/** What an acknowledgement answers with first. */
export type FirstArg<Ack> = unknown extends Ack
  ? Ack
  : Ack extends (first: infer First, ...rest: infer Rest) => unknown
    ? IsError<First> extends true
      ? Rest extends readonly [(infer Value)?, ...unknown[]]
        ? Value
        : unknown
      : First
    : unknown;

/** Whether it is the error that `timeout()` puts first; what may be anything is not. */
type IsError<First> = 0 extends 1 & First ? false : [First] extends [ConnectionError] ? true : false;

type WithError<Args extends readonly unknown[]> = {
  [Index in keyof Args]: Args[Index] extends (...values: infer Values) => infer Result
    ? (error: ConnectionError, ...values: Values) => Result
    : Args[Index];
};

/**
 * The events to emit after `timeout()`: every acknowledgement gets an error first. That it is `null` when all went
 * well, and that there are no values when it did not, the type leaves out, as socket.io-client's does.
 */
export type WithAckErrors<Events extends EventsMap> = {
  [Event in keyof Events]: Events[Event] extends (...args: infer Args) => infer Result
    ? (...args: WithError<Args>) => Result
    : Events[Event];
};
