import { ConnectionError } from "../errors.js";

/** What a storage of the library throws where the browser, or the runtime, does not give it what it needs. */
export function unavailable(what: string, cause?: unknown): ConnectionError {
  return new ConnectionError(
    "ERR_STORAGE_UNAVAILABLE",
    `${what}. It is tried again, and nobody is signed out. Use memoryStorage() or an adapter of your own here; on a server that renders pages, give autoConnect: false.`,
    cause === undefined ? {} : { cause },
  );
}
