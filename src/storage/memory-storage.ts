import { ConnectionError } from "../errors.js";
import type { StorageAdapter } from "./storage-adapter.js";

/** A storage in memory, which tests and applications can also set by hand. */
export interface MemoryStorage extends StorageAdapter {
  read(): string | null;
  write(token: string | null): void;
}

/**
 * Keeps the token in memory: for Node, for tests, and for applications that never want it on disk. It is gone
 * with the page, and no other tab sees it.
 *
 * @param token - The first token.
 * @defaultValue `null`, signed out
 * @throws {@link ConnectionError} `ERR_INVALID_TOKEN` for anything but a string or `null`.
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
  const listeners = new Set<() => void>();
  let current: string | null = checkToken(token, "memoryStorage(token)");
  return {
    read: () => current,
    write(next) {
      current = checkToken(next, "write(token)");
      for (const listener of [...listeners]) listener();
    },
    subscribe(onMaybeChanged) {
      const listener = (): void => onMaybeChanged();
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

/** Refuses what is neither a string nor `null`, naming the place. The value itself is never shown. */
export function checkToken(token: unknown, where: string): string | null {
  if (token === null || typeof token === "string") return token;
  throw new ConnectionError(
    "ERR_INVALID_TOKEN",
    `${where} takes a string, or null when nobody is signed in, but got ${describeType(token)}.`,
  );
}

/** The kind of a value, for an error message that must not show the value. */
export function describeType(value: unknown): string {
  if (value === undefined) return "undefined";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (value === "") return "an empty string";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
