import type { Installed } from "./installed.js";
import type { SocketIoServer } from "./socket-io-types.js";

/** Something in a server's set-up that is probably a mistake. */
export interface SetupProblem {
  /** Stable, to compare with. */
  code: SetupProblemCode;
  what: string;
  why: string;
  /** The line to change, and to what. */
  fix: string;
}

/**
 * The mistakes that are looked for.
 *
 * - `recovery_skips_middlewares`: recovered connections would not be verified.
 * - `wildcard_origin`: pages of any site may make requests with the user's cookies.
 * - `origin_unchecked`: cookies are in use, and `allowOrigins` was not called.
 * - `cookie_without_credentials`: the cookie of the option `cookie` does not reach pages of another origin.
 * - `empty_namespaces_stay`: refused clients leave namespaces behind.
 * - `connect_timeout_short`: connections are closed before their token can be verified.
 * - `identity_key_random`: after a restart, or on another node, each client takes itself for someone else.
 * - `adapter_channel_shared`: another Socket.IO server, which is set up for something else, uses the same adapter channel.
 * - `session_without_credentials`: pages of another origin send no cookie, and connect as nobody.
 * - `session_resaved`: each request over HTTP overwrites the session with what it was when the request began.
 * - `session_uninitialized`: every visitor has a session that is stored.
 * - `session_middleware_twice`: the session middleware was given to `io.use` or `io.engine.use` as well.
 * - `session_proxy_untrusted`: the cookie is never set, as Express does not know that the browser came over `https:`.
 * - `session_cookie_open`: the cookie lacks `secure`, `httpOnly` or `sameSite` in production.
 * - `session_cookie_refused`: browsers refuse the cookie, which has `sameSite: "none"` without `secure`.
 * - `session_touched_late`: sessions in use expire, as `touchInterval` is not shorter than the `maxAge` of the cookie.
 * - `session_store_in_memory`: sessions end with the process, and other nodes do not have them.
 */
export type SetupProblemCode =
  | "recovery_skips_middlewares"
  | "wildcard_origin"
  | "origin_unchecked"
  | "cookie_without_credentials"
  | "empty_namespaces_stay"
  | "connect_timeout_short"
  | "identity_key_random"
  | "adapter_channel_shared"
  | "session_without_credentials"
  | "session_resaved"
  | "session_uninitialized"
  | "session_middleware_twice"
  | "session_proxy_untrusted"
  | "session_cookie_open"
  | "session_cookie_refused"
  | "session_touched_late"
  | "session_store_in_memory";

/** What the rules go by. */
export interface ServerSetup {
  readonly io: SocketIoServer;
  readonly installed: Installed | undefined;
  readonly option: (name: string) => unknown;
  readonly cors: (name: string) => unknown;
}

/** A mistake, and how it is told. */
export interface Rule extends SetupProblem {
  /** Whether it can be told only when the set-up is complete. */
  readonly isLate?: true;
  isBroken(setup: ServerSetup): boolean;
}
