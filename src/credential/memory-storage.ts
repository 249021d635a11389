import { createListeners, type StorageAdapter } from "./storage-adapter.js";
import { checkToken } from "./token-text.js";

/** A storage in memory, which tests and applications can also set by hand. */
export interface MemoryStorage extends StorageAdapter {
  read(): string | null;
  write(token: string | null): void;
}

/**
 * Keeps the token in memory: for Node, for tests, and for applications that never want it on disk. No other tab sees it.
 *
 * @param token - The first token. @defaultValue `null`, signed out
 * @throws {@link ConnectionError} `ERR_INVALID_TOKEN` for anything but a string or `null`, and for JSON.
 * @example
 * ```ts
 * import { createConnection, memoryStorage } from "socket-rotor";
 *
 * const storage = memoryStorage();
 * const connection = createConnection({ url: "https://api.example.com", storage });
 * storage.write("a fresh token"); // the connection follows
 * ```
 */
export function memoryStorage(token: string | null = null): MemoryStorage {
  const listeners = createListeners();
  let current: string | null = checkToken(token, "memoryStorage(token)");
  return {
    read: () => current,
    write(next) {
      current = checkToken(next, "write(token)");
      listeners.tell();
    },
    subscribe: listeners.add,
  };
}
