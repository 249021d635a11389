import type { ErrorRequestHandler, RequestHandler } from "express";
import { type RefusalCode, TokenError } from "socket-rotor/server";

/** The HTTP status of a word, where it is not 403. */
const STATUS: Partial<Record<RefusalCode, number>> = {
  invalid_request: 400,
  invalid_token: 401,
  temporarily_unavailable: 503,
};

/** The last word on a request that nobody answered. */
export const notFound: RequestHandler = (request, response) => {
  response
    .status(404)
    .json({ error: "not_found", error_description: `There is no ${request.method} ${request.path}.` });
};

/** Turns whatever went wrong into JSON that says what to do. Express knows it by its four parameters. */
export const errorHandler: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  if (error instanceof TokenError) {
    response.status(STATUS[error.data.error] ?? 403).json(error.data);
    return;
  }
  const status = clientErrorStatus(error);
  if (status !== null) {
    const error_description =
      status === 413 ? "The body is too large." : "The request cannot be read. A body must be JSON.";
    response.status(status).json({ error: "invalid_request", error_description });
    return;
  }
  console.error("The playground failed to answer a request:", error);
  response
    .status(500)
    .json({ error: "server_error", error_description: "The playground failed; its console says why." });
};

/** Express throws errors with a status: 400 for a broken body or path, 413 for too long a body. */
function clientErrorStatus(error: unknown): number | null {
  if (!(error instanceof Error) || !("status" in error) || typeof error.status !== "number") return null;
  return error.status >= 400 && error.status < 500 ? error.status : null;
}
