import { isConnectionError } from "socket-rotor";
import { vi } from "vitest";
import type { PendingAck } from "../../../src/sockets/pending-ack.js";

/** Something that waits for an acknowledgement, and what it was told. */
export function waiting(takesErrors = true) {
  const told: unknown[] = [];
  const ack: PendingAck = {
    takesErrors,
    settle: (error, values) => told.push(isConnectionError(error) ? error.code : (error ?? values)),
    cancel: vi.fn(),
  };
  return { ack, told };
}
