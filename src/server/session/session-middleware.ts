/**
 * What `session()` of express-session answers. Described as a method, so that a handler with Express's own types for
 * the request and the response fits.
 */
export type SessionMiddleware = {
  handle(request: object, response: object, next: (error?: unknown) => void): unknown;
}["handle"];

/** Runs a middleware, and hears of it once, however it ends: by `next`, by a throw or by a promise that rejects. */
export function runMiddleware(
  middleware: SessionMiddleware,
  request: object,
  response: object,
  onDone: (error?: unknown) => void,
): void {
  let isDone = false;
  const done = (error?: unknown): void => {
    if (isDone) return;
    isDone = true;
    onDone(error);
  };
  const fail = (error: unknown): void => done(error ?? new Error("The session middleware failed."));
  try {
    const answer = middleware(request, response, done);
    if (answer instanceof Promise) answer.catch(fail);
  } catch (error) {
    fail(error);
  }
}
