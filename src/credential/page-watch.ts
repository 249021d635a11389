import { unref } from "../clock.js";
import { currentPage, listenTo } from "../environment/environment.js";
import { ConnectionError, invalidOption } from "../errors.js";
import { createListeners, type StorageAdapter } from "./storage-adapter.js";

interface Watched {
  /** The value now; may throw. */
  look(): string | null;
  /** In milliseconds; `Infinity` for no polling. */
  pollInterval: number;
  /** Listens to what the browser tells of the value; returns the function that ends it. */
  listen(onSignal: () => void): () => void;
}

/** Notices changes of a value that a page shares with code that tells nobody. */
export interface PageWatch {
  subscribe: StorageAdapter["subscribe"];
  /** Tells every subscription that the value was written. */
  tell(): void;
}

/** Looks at a value when the browser tells of it, when the page is focused or becomes visible, and in between. */
export function createPageWatch({ look, pollInterval, listen }: Watched): PageWatch {
  const listeners = createListeners();
  // Compared here only to keep the poll from calling back every second; whether it is a change, the library decides.
  const lookSafely = (): string | null | undefined => {
    try {
      return look();
    } catch {
      return undefined;
    }
  };
  return {
    tell: listeners.tell,
    subscribe(onMaybeChanged) {
      let seen = lookSafely();
      const onSignal = (): void => {
        seen = lookSafely();
        onMaybeChanged();
      };
      const onPoll = (): void => {
        if (isVisible() && lookSafely() !== seen) onSignal();
      };
      const onVisibility = (): void => {
        if (isVisible()) onSignal();
      };
      const page = currentPage();
      const ends = [
        listen(onSignal),
        listenTo(page, "focus", onSignal),
        listenTo(page?.document, "visibilitychange", onVisibility),
        listeners.add(onSignal),
      ];
      // Where there is no page, what cannot be looked at now never can: no timer keeps a server's process.
      const isPolled = pollInterval !== Number.POSITIVE_INFINITY && (page || seen !== undefined);
      const timer = isPolled ? setInterval(onPoll, pollInterval) : undefined;
      // To look keeps no process: the connection does, if anything.
      unref(timer);
      return () => {
        clearInterval(timer);
        for (const end of ends) end();
      };
    },
  };
}

function isVisible(): boolean {
  return globalThis.document?.visibilityState !== "hidden";
}

/** @throws `ERR_INVALID_OPTION` for an interval that would look at the value without a pause. */
export function checkPollInterval(caller: string, value: unknown): void {
  if (typeof value === "number" && value >= 50) return;
  throw invalidOption(
    `${caller} takes at least 50 milliseconds as its pollInterval, or Infinity for no polling.`,
  );
}

/** The error of a storage to which the browser, or the runtime, does not give what it needs. */
export function unavailable(what: string, cause?: unknown): ConnectionError {
  return new ConnectionError(
    "ERR_STORAGE_UNAVAILABLE",
    `${what}. It is tried again, and nobody is signed out. Use memoryStorage() or an adapter of your own here; on a server that renders pages, give autoConnect: false.`,
    { cause },
  );
}
