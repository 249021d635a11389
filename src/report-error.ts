/**
 * Throws an error of the application's outside of our own call stack, where the runtime reports it as
 * uncaught: a listener that throws must be heard of, and must not end the statechart.
 */
export function reportError(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Calls back into the application, whatever comes of it. */
export function callSafely<Args extends readonly unknown[]>(
  callback: (...args: Args) => unknown,
  ...args: Args
): void {
  try {
    callback(...args);
  } catch (error) {
    reportError(error);
  }
}
