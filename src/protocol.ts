// What the two halves say to each other, once: the names and shapes of their messages, as docs/protocol.md has them.
import type { RefusalCode } from "./error-codes.js";

/** The version of the messages, as `docs/protocol.md` has them. */
export const PROTOCOL_VERSION = 1;

/** The namespace of the server half; the application's namespaces, and their listeners, never see it. */
export const CONTROL_NAMESPACE = "/rotor";

/** How the names begin that no server has: asked for one of them, every server answers. */
export const BARRIER_PREFIX = "/rotor-barrier-";

/** Whether a name is one of the library's own, which the application cannot have. */
export function isOwnNamespace(name: string): boolean {
  return name === CONTROL_NAMESPACE || name.startsWith(BARRIER_PREFIX);
}

/** Whether a name can be a namespace of the application's: on the wire a comma ends it, and a question mark begins a query. */
export function isNamespace(name: unknown): boolean {
  return typeof name === "string" && /^\/[^,?]*$/.test(name) && !isOwnNamespace(name);
}

/** `ready`, server to client: what the server half says of itself, once on each control socket. */
export interface Ready {
  version: number;
  /** Whether `reauthenticate` is answered. */
  reauthenticate: boolean;
  /** How long the token is good for, in milliseconds; left out where it has no end. */
  expiresIn?: number;
  /** A keyed hash of the user, the same for the same user under the same key. */
  identity: string;
}

/** The name of the message by which the server asks for a newer token on the same link. */
export const REAUTHENTICATE_REQUIRED = "reauthenticate_required";

/** `reauthenticate_required`, server to client. */
export interface ReauthenticateRequired {
  /** How long the link stays open without a newer token, in milliseconds. */
  within: number;
}

/** The answer to `reauthenticate`, for all sockets of the link. */
export type ReauthenticateAnswer = { ok: true; expiresIn?: number } | ({ ok: false } & RefusalData);

/** A refusal: `error.data` of a `connect_error`, a `goodbye`, and the answer no to `reauthenticate`. */
export interface RefusalData {
  error: RefusalCode;
  /** For developers, not for users. Holds no token and no claim. */
  error_description?: string;
  /** How long to stay away, in milliseconds. 0 is at once. */
  retryAfter?: number;
}
