import { isConnectionError } from "socket-rotor";

/** Who waits for an acknowledgement, and what was told: a code, an error, or the values. */
export function waiting(takesErrors = true) {
  const told: unknown[] = [];
  const onAnswer = (...values: unknown[]): void => void told.push(values);
  const onError = (error: unknown): void => void told.push(isConnectionError(error) ? error.code : error);
  return { told, onAnswer, onError: takesErrors ? onError : undefined };
}
