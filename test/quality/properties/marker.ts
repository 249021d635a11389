import { type Logger, sessionCookie } from "socket-rotor";
import type { WatchedAdapter } from "./account.js";
import type { CookieOracle } from "./cookie-oracle.js";

/** The marker of `sessionCookie()`, which tells the oracle what it tells the library, and which can fail. */
export class WatchedMarker implements WatchedAdapter {
  readonly credential = "cookie";
  readonly #oracle: CookieOracle;
  readonly #adapter = sessionCookie();
  readonly #listeners = new Set<() => void>();
  isDown = false;
  /** Called when `login()` is about to store a sign-in. */
  onLogin: () => void = () => {};

  constructor(oracle: CookieOracle) {
    this.#oracle = oracle;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  read(): string | null {
    if (this.isDown) throw new Error("the storage is down");
    const marker = this.#adapter.read();
    if (marker instanceof Promise) throw new Error("sessionCookie() answers at once");
    // The first look of a page leaves a marker of its own.
    if (signInOf(marker) !== this.#oracle.content) this.#oracle.stored(signInOf(marker));
    this.#oracle.told();
    return marker;
  }

  write(marker: string | null): void {
    if (signInOf(marker) !== this.#oracle.content) {
      this.#oracle.stored(signInOf(marker));
      if (marker !== null) this.onLogin();
    }
    this.#oracle.told();
    void this.#adapter.write?.(marker);
  }

  subscribe(onMaybeChanged: () => void, logger?: Logger): () => void {
    const listener = (): void => onMaybeChanged();
    const stop = this.#adapter.subscribe(listener, logger);
    this.#listeners.add(listener);
    return () => {
      stop();
      this.#listeners.delete(listener);
    };
  }

  /** Something that may be a change, and is none. */
  signal(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Which sign-in a marker is of; what follows in it says to other tabs whom the server has named since. */
function signInOf(marker: string | null): string | null {
  return marker === null ? null : marker.split("#", 1).join();
}
