import { hash } from "node:crypto";
import { createNotes } from "../notes.js";
import type { ServerSocket } from "../socket-io-types.js";

/** What a verified token says. */
export interface VerifiedToken {
  /** Who the token stands for, the same for every token of one user, such as the claim `sub`. */
  subject: string;
  /** When the token ends, in epoch milliseconds: the claim `exp` times 1,000. Left out, it never ends. */
  expiresAt?: number | undefined;
  /**
   * When the token was issued, in epoch milliseconds: the claim `iat` times 1,000. With it, `revoke` by subject spares
   * the tokens of a later sign-in.
   */
  issuedAt?: number | undefined;
  /** The token's own name, such as the claim `jti`, for `revoke`. */
  tokenId?: string | undefined;
  /** Copied into `socket.data`. Answer with the same keys each time. */
  data?: object | undefined;
}

/** A verified token, without the token. */
export interface Credential {
  readonly subject: string;
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
  /** Epoch milliseconds. */
  readonly issuedAt?: number;
  readonly tokenId?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Tells tokens apart without keeping one. */
export function digestOf(token: string): string {
  return hash("sha256", token, "base64url");
}

export function isExpired({ expiresAt }: Credential, grace: number): boolean {
  return expiresAt !== undefined && expiresAt + grace <= Date.now();
}

/**
 * How long a credential is still good for here, in milliseconds, as it is told to the client. One that is over is not
 * told: its connection is about to end, and a client that heard of 0 would ask for the next token at once.
 */
export function lifetimeOf(
  { expiresAt }: { expiresAt?: number | undefined },
  grace: number,
): { expiresIn?: number } {
  const expiresIn = Math.floor((expiresAt ?? Number.NaN) + grace - Date.now());
  return expiresIn > 0 ? { expiresIn } : {};
}

/** What each socket's `data` has been given. */
const carried = createNotes<ServerSocket, Credential>();

/**
 * Puts a credential in a socket's `data`, and takes out what only the one before had: it may have been a permission. A
 * credential that the socket carries already changes nothing: what the application has made of it since stays.
 */
export function applyToSocket(socket: ServerSocket, next: Credential): void {
  const previous = carried.get(socket);
  if (previous === next) return;
  carried.set(socket, next);
  for (const key of Object.keys(previous?.data ?? {})) {
    if (!Object.hasOwn(next.data, key)) Reflect.deleteProperty(socket.data, key);
  }
  Object.assign(socket.data, next.data, { identity: next.subject });
}

/** A socket's `data` as the application alone would have it, and who it is: what outlives the token. */
export function dataToKeep(socket: ServerSocket): object {
  const given = Object.keys(carried.get(socket)?.data ?? {}).filter((key) => key !== "identity");
  if (given.length === 0) return socket.data;
  return Object.fromEntries(Object.entries(socket.data).filter(([key]) => !given.includes(key)));
}
