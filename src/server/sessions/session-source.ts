import { describeType, property } from "../../value.js";
import type { HandshakeRequest } from "../handshake-request.js";

/** The request of a handshake. It is Node's `IncomingMessage`, and `find` may declare it as that. */
export interface SessionRequest extends HandshakeRequest {
  readonly headers: HandshakeRequest["headers"] & { readonly cookie?: string | undefined };
}

/** What a {@link SessionSource} knows of a signed-in session. */
export interface FoundSession {
  /**
   * The session's name, the same for each of its handshakes, for `end` and `isAlive`. Another sign-in needs another one.
   * Only a hash of it goes to other nodes.
   */
  id: string;
  /** Who is signed in, the same for every session of one user. It becomes `socket.data.identity`. */
  user: string;
  /** When the session ends, in epoch milliseconds. Left out, it never ends by itself. */
  expiresAt?: number | undefined;
  /** Put into `socket.data.session`, which `fetchSockets()` sends to other nodes: no secrets. */
  data?: object | undefined;
}

/**
 * Where `shareSession` finds the session of a handshake, for sessions that express-session does not keep. Sources for
 * better-auth, Auth.js, iron-session, cookie-session, `@fastify/session` and Passport are in `docs/session-sources.md`.
 */
export interface SessionSource {
  /**
   * Finds the session of a handshake, once a connection, by the cookies that the request has. It must change nothing: no
   * cookie can be set by it.
   *
   * @returns `null` where nobody is signed in: the client is told `session_required`.
   * @throws Anything, where it cannot tell: the client is told `temporarily_unavailable` and tries again, and nobody is
   * signed out. So it is after `storeTimeout`. A {@link TokenError} is passed on as it is.
   */
  find(request: SessionRequest): FoundSession | null | Promise<FoundSession | null>;
  /**
   * Tells whether a session still exists. It is asked for each session with open connections every `recheckInterval`,
   * and when a connection's `expiresAt` has come. `false` ends the connections with `session_ended`; where it throws,
   * they stay.
   *
   * Without it the server cannot notice an end by itself. When `expiresAt` has come, a connection ends with
   * `session_changed`: the client comes back with the cookie that it has by then, or is signed out.
   */
  isAlive?(id: string): boolean | Promise<boolean>;
  /**
   * Tells the listener of each session that ends, by its id. It is called once, when `shareSession` is, and the listener
   * stays for as long as the process runs. One node has to hear of an end; it tells the others.
   */
  onEnd?(listener: (id: string) => void): unknown;
}

/** Before this (March 1973) a time in milliseconds is taken for one in seconds. */
const EARLIEST_TIME = 100_000_000_000;

/** The session that a source has answered, `null` for none, or what is wrong with the answer. */
export function readFound(answer: unknown): FoundSession | null | string {
  if (answer === null) return null;
  if (typeof answer !== "object") {
    return `it is ${describeType(answer)}; answer { id, user }, or null where nobody is signed in.`;
  }
  const [id, user] = [property(answer, "id"), property(answer, "user")];
  if (typeof id !== "string" || id === "") return '"id" must be a string that is not empty.';
  if (typeof user !== "string" || user === "") return '"user" must be a string that is not empty.';
  const expiresAt = property(answer, "expiresAt") ?? Number.POSITIVE_INFINITY;
  if (typeof expiresAt !== "number" || Number.isNaN(expiresAt)) {
    return '"expiresAt" must be a number, in epoch milliseconds, or be left out.';
  }
  if (expiresAt < EARLIEST_TIME) {
    return '"expiresAt" looks like seconds; it is epoch milliseconds: the claim "exp" times 1,000.';
  }
  const data = property(answer, "data") ?? undefined;
  if (data !== undefined && typeof data !== "object") return '"data" must be an object, or be left out.';
  return { id, user, expiresAt, data };
}
