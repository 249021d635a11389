import { unref } from "../clock.js";
import type { Logger } from "../logger.js";
import { isStorage, listenToStorage } from "./web-storage.js";

/** A value that the tabs of an origin share, as far as they can. */
export interface Marker {
  get(): string | null;
  /** Stores it, or removes it with `null`, and tells the other tabs. */
  set(value: string | null): void;
  /** Tells the listeners of this page. */
  tell(): void;
  /** Calls back whenever it may have changed; returns the function that ends it. */
  listen(onMaybeChanged: () => void, logger: Logger): () => void;
}

/**
 * The marker under a name: in `localStorage`. Other tabs hear of it by `BroadcastChannel` and by the browser's own
 * `storage` event, sooner or later than the value can be read. Without that storage, the marker is this page's alone.
 */
export function openMarker(name: string): Marker {
  const key = `socket-rotor.${name}`;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  /** What this page goes by when it goes alone. */
  let own: string | null = null;
  let isAlone = false;
  let channel: BroadcastChannel | undefined;
  let stopListening = (): void => {};

  const shared = (): Storage | undefined => (isAlone ? undefined : localArea());

  return {
    get() {
      const area = shared();
      return area ? area.getItem(key) : own;
    },
    set(value) {
      own = value;
      try {
        const area = shared();
        if (value === null) area?.removeItem(key);
        else area?.setItem(key, value);
      } catch {
        // A storage that is full, or has been closed to this page meanwhile.
        isAlone = true;
      }
      channel?.postMessage(null);
    },
    tell,
    listen(onMaybeChanged, logger) {
      const listener = (): void => onMaybeChanged();
      if (listeners.size === 0) {
        stopListening = listenToStorage(key, tell);
        channel = shared() && openChannel(key);
        channel?.addEventListener("message", tell);
      }
      listeners.add(listener);
      if (!shared())
        logger.info?.(
          "sessionCookie cannot use localStorage here, so other tabs hear of a sign-in or sign-out only from the server.",
        );
      return () => {
        if (!listeners.delete(listener) || listeners.size > 0) return;
        stopListening();
        channel?.close();
        channel = undefined;
      };
    },
  };
}

function localArea(): Storage | undefined {
  try {
    const area: Partial<Storage> | undefined = globalThis.localStorage;
    return isStorage(area) ? area : undefined;
  } catch {
    return undefined;
  }
}

function openChannel(name: string): BroadcastChannel | undefined {
  try {
    const channel = new BroadcastChannel(name);
    // In Node it keeps the process as a timer does.
    unref(channel);
    return channel;
  } catch {
    return undefined;
  }
}

/** Tells one sign-in in this browser from the next. It is no secret. */
export function randomMarker(): string {
  return Date.now().toString(36) + Math.random().toString(36).slice(1);
}

/**
 * A marker is `sign-in#salt#digest`: which sign-in it is of and, once the server has named the user, a digest of that
 * name, which is a keyed hash already. Tabs compare users by it, and nobody can read the user. The salt makes each
 * marker another one.
 */
const SEPARATOR = "#";

/** A new marker of the same sign-in, with the user in it. */
export function markUser(marker: string, user: string): string {
  const salt = randomMarker();
  return [signInOf(marker), salt, digest(salt + user)].join(SEPARATOR);
}

/** The marker of the same sign-in that names nobody; `undefined` where it is that already. */
export function unmark(marker: string): string | undefined {
  const signIn = signInOf(marker);
  return signIn === marker ? undefined : signIn;
}

export function isSameSignIn(marker: string, other: string): boolean {
  return signInOf(marker) === signInOf(other);
}

/** Whether the marker is of this user, by the name of the server; `undefined` if it names no user. */
export function isOfUser(marker: string, user: string): boolean | undefined {
  const [, salt, said] = marker.split(SEPARATOR);
  return said === undefined ? undefined : said === digest(salt + user);
}

function signInOf(marker: string): string {
  return marker.split(SEPARATOR, 1).join();
}

/** Sixty-four bits, synchronously and also on pages without `crypto.subtle`: it tells users apart, and guards nothing. */
function digest(text: string): string {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    high = Math.imul(high ^ text.charCodeAt(at), 0x9e3779b1);
    low = Math.imul(low ^ text.charCodeAt(at), 0x5f356495);
  }
  return [high, low].map((half) => (half >>> 0).toString(36)).join("");
}
