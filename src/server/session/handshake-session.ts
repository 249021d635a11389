import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { property } from "../../value.js";
import { withinTime } from "../within-time.js";
import { runMiddleware, type SessionMiddleware } from "./session-middleware.js";

/**
 * Runs the session middleware for a handshake, which puts the session into the request, and answers with its id; with
 * nothing where the store failed, was not ready or took too long.
 *
 * The middleware is given a response of its own, which goes nowhere: it would save sessions at the end of it, also some
 * that were destroyed meanwhile, and send cookies of sessions that nobody has saved.
 */
export async function readHandshake(
  middleware: SessionMiddleware,
  request: object,
  storeTimeout: number,
): Promise<string | undefined> {
  let isLate = false;
  try {
    await withinTime(
      () =>
        new Promise<void>((resolve, reject) => {
          const onDone = (error?: unknown): void => {
            // Nobody is to take a session for checked that came after the answer was given.
            if (isLate) Reflect.deleteProperty(request, "session");
            else if (error) reject(error);
            else resolve();
          };
          const response = looseResponse(request, () => onDone(new Error("The middleware has answered.")));
          runMiddleware(middleware, request, response, onDone);
        }),
      storeTimeout,
      () => new Error("The session store took too long."),
    );
  } catch {
    isLate = true;
    Reflect.deleteProperty(request, "session");
    return undefined;
  }
  const id = property(request, "sessionID");
  return property(request, "session") && typeof id === "string" ? id : undefined;
}

/** A response that goes nowhere. */
function looseResponse(request: object, onEnd: () => void): ServerResponse {
  const message = request instanceof IncomingMessage ? request : new IncomingMessage(new Socket());
  const response = new ServerResponse(message);
  Reflect.set(response, "end", onEnd);
  return response;
}
