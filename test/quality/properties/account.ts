import type { Connection, ConnectionOptions, StorageAdapter } from "socket-rotor";
import type { Happening } from "./schedule.js";

/** A storage that tells the oracle what it tells the library, and that counts who listens. */
export interface WatchedAdapter extends StorageAdapter {
  readonly listeners: number;
}

/** How people sign in and out, here and in other tabs: by tokens, or by sessions. */
export interface Account {
  readonly storage: WatchedAdapter;
  /** What belongs to this kind of credential. */
  readonly options: Partial<ConnectionOptions>;
  /** Does what is the account's to do; false for what is not. */
  act(step: Happening, connection: Connection): boolean;
  /** Somebody signs in, so that there is a credential that was never refused. */
  signIn(connection: Connection): void;
  /** Whatever has failed works again. */
  mend(): void;
}

/** What a command answers is the business of other tests. */
export function ignore(promise: Promise<unknown>): void {
  promise.catch(() => {});
}
