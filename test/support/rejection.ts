import { type ConnectionError, type ConnectionErrorCode, isConnectionError } from "socket-rotor";
import { expect } from "vitest";

/** What is thrown, which must be a ConnectionError of this code. */
export function thrown(work: () => unknown, code: ConnectionErrorCode): ConnectionError {
  try {
    work();
  } catch (error) {
    return checked(error, code);
  }
  expect.fail(`nothing was thrown, instead of ${code}`);
}

/** What a promise rejects with, which must be a ConnectionError of this code. */
export async function rejection(
  promise: Promise<unknown>,
  code: ConnectionErrorCode,
): Promise<ConnectionError> {
  try {
    await promise;
  } catch (error) {
    return checked(error, code);
  }
  expect.fail(`it resolved, instead of rejecting with ${code}`);
}

function checked(error: unknown, code: ConnectionErrorCode): ConnectionError {
  if (!isConnectionError(error)) throw error;
  expect(error.code).toBe(code);
  return error;
}
