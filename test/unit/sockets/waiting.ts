import { isConnectionError } from "socket-rotor";
import { type Ack, Message } from "../../../src/sockets/message.js";

/** A message whose acknowledgement is waited for, and what was told of it: a code, an error, or the values. */
export function waiting(takesErrors = true, isVolatile = false) {
  const told: unknown[] = [];
  const ack: Ack = { onAnswer: (...values) => told.push(values) };
  if (takesErrors) ack.onError = (error) => told.push(isConnectionError(error) ? error.code : error);
  return { message: new Message("save", [], { owner: {}, heard: 0 }, { isVolatile }, ack), told };
}
