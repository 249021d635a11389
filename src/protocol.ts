// Everything that the two halves say to each other, once: names, shapes, and what each error code means. Both halves,
// the fakes, inspection and the tables of docs/protocol.md and docs/errors.md read it here.
import type { SessionWord, Verdict } from "../machines/index.js";

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

/** What an error code means to a client. A field that is missing does not compile. */
interface Meaning {
  verdict: Verdict;
  /** What it says of the session behind the handshake. */
  session: SessionWord | null;
  /** What it is about where it refuses a namespace other than the primary one. */
  scope: "link" | "namespace";
  /** As an answer to another token on the same link: whether that token takes effect by a new link. */
  needsNewLink: boolean;
  /** As such an answer: whether the token is another user's. */
  isOtherUser: boolean;
  /** Whether the client tries again at once, without a delay. */
  isAtOnce: boolean;
}

const TOKEN = {
  session: null,
  scope: "link",
  needsNewLink: false,
  isOtherUser: false,
  isAtOnce: false,
} as const;

/** The error codes, after RFC 6750 (section 3.1) and RFC 6749 (section 4.1.2.1) where these have one. */
export const REFUSALS = {
  invalid_token: { ...TOKEN, verdict: "refresh" },
  insufficient_scope: { ...TOKEN, verdict: "logout", scope: "namespace" },
  access_denied: { ...TOKEN, verdict: "logout", scope: "namespace" },
  invalid_request: { ...TOKEN, verdict: "logout" },
  session_required: { ...TOKEN, verdict: "logout", session: "required" },
  session_ended: { ...TOKEN, verdict: "logout", session: "ended" },
  session_changed: { ...TOKEN, verdict: "retry", session: "changed", needsNewLink: true, isAtOnce: true },
  identity_mismatch: { ...TOKEN, verdict: "retry", needsNewLink: true, isOtherUser: true },
  temporarily_unavailable: { ...TOKEN, verdict: "retry" },
} as const satisfies Record<string, Meaning>;

/**
 * The codes by which a server refuses, after RFC 6750 and RFC 6749. What a client makes of each is in
 * `docs/protocol.md`.
 */
export type RefusalCode = keyof typeof REFUSALS;

/** Whether a value is one of these codes. */
export function isRefusalCode(value: unknown): value is RefusalCode {
  return typeof value === "string" && Object.hasOwn(REFUSALS, value);
}

/** What a code means; `undefined` where it is none of ours. */
export function meaningOf(code: unknown): Meaning | undefined {
  return isRefusalCode(code) ? REFUSALS[code] : undefined;
}

/** What a server says of each code where it says nothing else. Apart from the meanings, as clients do not need it. */
export const DESCRIPTIONS: Readonly<Record<RefusalCode, string>> = {
  invalid_token: "The token was not accepted.",
  insufficient_scope: "The token does not allow this.",
  access_denied: "Access was denied.",
  invalid_request: "The request is malformed.",
  session_required: "There is no signed-in session.",
  session_ended: "The session has ended.",
  session_changed: "The session has changed.",
  identity_mismatch: "The token belongs to someone else than this connection.",
  temporarily_unavailable: "The server cannot check this now. Try again later.",
};
