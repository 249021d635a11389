import { currentPage, listenTo } from "../environment/environment.js";
import { property } from "../value.js";
import { checkWebStorage } from "../words/options.js";
import { checkPollInterval, createPageWatch, unavailable } from "./page-watch.js";
import type { StorageAdapter } from "./storage-adapter.js";
import { createStoredText, type TokenShape } from "./stored-text.js";

/** Settings of {@link webStorage}. */
export interface WebStorageOptions extends TokenShape {
  /** `"local"` is shared by every tab of the origin, `"session"` by this tab and its frames. @defaultValue `"local"` */
  area?: "local" | "session" | undefined;
  /**
   * How often the value is compared while the page is visible, in milliseconds: the browser tells other tabs of a
   * change, but never the tab that wrote. `Infinity` turns it off; the value is still compared on focus and before each
   * handshake and each message. @defaultValue 1,000
   */
  pollInterval?: number | undefined;
}

/**
 * Follows a token in `localStorage` or `sessionStorage`, written by another tab, this library, or your own code.
 *
 * Nothing is touched until the connection starts. Without Web Storage, or where access is denied, reading fails with
 * `ERR_STORAGE_UNAVAILABLE` and is tried again; nobody is signed out.
 *
 * @param key - The key under which the application keeps its access token.
 * @param options - Which area, how often to compare, and where in the text the token is.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for a bad interval; in development, for a bad key or area.
 * @example
 * ```ts
 * import { createConnection, webStorage } from "socket-rotor";
 *
 * const connection = createConnection({
 *   url: "https://api.example.com",
 *   storage: webStorage("accessToken"),
 * });
 * ```
 * @see https://html.spec.whatwg.org/multipage/webstorage.html#the-storageevent-interface
 */
export function webStorage(key: string, options: WebStorageOptions = {}): StorageAdapter {
  checkWebStorage(key, options);
  const { area = "local", pollInterval = 1_000 } = options;
  checkPollInterval("webStorage", pollInterval);
  const storage = (): Storage => openArea(area);
  const stored = createStoredText(
    options,
    () => storage().getItem(key),
    (text) => {
      if (text === null) storage().removeItem(key);
      else storage().setItem(key, text);
      watch.tell();
    },
  );
  const watch = createPageWatch({
    look: stored.read,
    pollInterval,
    listen: (onSignal) => listenToStorage(key, onSignal),
  });
  return { ...stored, subscribe: watch.subscribe };
}

/** Listens to what other tabs store under a key. */
export function listenToStorage(key: string, onSignal: () => void): () => void {
  return listenTo(currentPage(), "storage", (event) => {
    const changed = property(event, "key");
    // A null key means that everything was cleared.
    if (changed === null || changed === key) onSignal();
  });
}

function openArea(area: "local" | "session"): Storage {
  const name = area === "local" ? "localStorage" : "sessionStorage";
  try {
    const storage: Partial<Storage> | undefined = globalThis[name];
    if (isStorage(storage)) return storage;
  } catch (cause) {
    throw unavailable(
      `webStorage cannot use ${name}: the browser denies access to it (sandboxed frame, or storage blocked)`,
      cause,
    );
  }
  throw unavailable(`webStorage cannot use ${name}: this runtime has none`);
}

/** Whether it has its methods: what Node 25 has without a file for it has none. */
export function isStorage(storage: Partial<Storage> | undefined): storage is Storage {
  return typeof storage?.getItem === "function";
}
