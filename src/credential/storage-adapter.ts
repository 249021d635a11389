import type { Logger } from "../logger.js";

/**
 * Where the token lives, and how a change of it is heard.
 *
 * There are three answers, and they are never confused: a token; `null`, which means *signed out*; and a throw
 * or no answer within `readTimeout`, which means *could not find out*, and is tried again without signing
 * anybody out. An empty string is no token and means signed out.
 *
 * @example
 * ```ts
 * import type { StorageAdapter } from "socket-rotor";
 *
 * function variable(): StorageAdapter & { token: string | null } {
 *   return {
 *     token: null,
 *     read() {
 *       return this.token;
 *     },
 *     subscribe: () => () => {},
 *   };
 * }
 * ```
 */
export interface StorageAdapter {
  /**
   * What the server is shown. Left out, the token that `read` answers with. `"cookie"`: a cookie that the browser sends
   * by itself and scripts cannot read; what `read` answers with then is a marker that is no secret and is never sent,
   * and another one means that somebody has signed in. What follows a `#` in it is the library's, and says who. See
   * `sessionCookie`.
   */
  readonly credential?: "cookie";
  /** The token now, or `null` when nobody is signed in. Throws when it cannot find out. */
  read(): string | null | Promise<string | null>;
  /** Stores a token, or removes it with `null`. Left out by an adapter that can only read. */
  write?(token: string | null): void | Promise<void>;
  /**
   * Calls back whenever the token may have changed; too often does no harm, as the library reads again and
   * compares. Returns the function that ends the subscription.
   *
   * `logger` takes what is worth a line, without a token; ignore it if you have nothing to say.
   */
  subscribe(onMaybeChanged: () => void, logger?: Logger): () => void;
}

/** Those that take their time though they answer at once: one look is enough for all that is sent in one go. */
export const slowStorages = new WeakSet<StorageAdapter>();

/** Those who are told of a change. */
export interface Listeners {
  /** Adds one, also the same one twice; returns the function that ends it. */
  add(listener: () => void): () => void;
  tell(): void;
}

export function createListeners(): Listeners {
  const all = new Set<() => void>();
  return {
    add(listener) {
      const entry = (): void => listener();
      all.add(entry);
      return () => {
        all.delete(entry);
      };
    },
    tell() {
      for (const entry of [...all]) entry();
    },
  };
}

const connections = new WeakMap<StorageAdapter, Set<() => void>>();

/** Whom to tell of a write: the connections of a page that share one adapter, which need not tell of it by itself. */
export function connectionsOf(adapter: StorageAdapter): Set<() => void> {
  const known = connections.get(adapter) ?? new Set();
  connections.set(adapter, known);
  return known;
}
