import { ConnectionError } from "../errors.js";
import { isPromise } from "../value.js";
import type { Deadlines } from "./deadlines.js";
import type { StorageAdapter } from "./storage-adapter.js";
import type { Vault } from "./vault.js";

/** Writes the storage, one after another, so that the newest is the last to land. */
export interface Writes {
  readonly isUnderWay: boolean;
  /** Whether the adapter is being called at this moment. */
  readonly isCalling: boolean;
  /**
   * Writes within the time limit, then calls `onWritten`. It stays synchronous where the storage is, so that a page
   * that is left right after `logout()` has removed its token. Throws, or rejects, with `ERR_STORAGE_WRITE`.
   */
  write(token: string | null, onWritten: () => unknown): void | Promise<void>;
  /** Resolves when what was last begun has ended, however. */
  settled(): Promise<void>;
}

interface Parts {
  adapter: StorageAdapter;
  vault: Vault;
  deadlines: Deadlines;
  isOver(): boolean;
  /** The storage holds this by now. */
  onLanded(token: string | null): void;
  /** Nothing is being written any more. */
  onIdle(): void;
}

export function createWrites({ adapter, vault, deadlines, isOver, onLanded, onIdle }: Parts): Writes {
  let underWay = 0;
  let isCalling = false;
  let last: Promise<void> = Promise.resolve();

  const end = (): void => {
    underWay -= 1;
    if (underWay === 0) onIdle();
  };

  return {
    get isUnderWay() {
      return underWay > 0;
    },
    get isCalling() {
      return isCalling;
    },
    settled: () => last.catch(() => {}),
    write(token, onWritten) {
      const succeed = (): void => {
        onLanded(token);
        onWritten();
        end();
      };
      const refuse = (cause: unknown): never => {
        end();
        throw new ConnectionError(
          "ERR_STORAGE_WRITE",
          token === null
            ? "The storage adapter could not remove the token, so that other tabs and the next page load do not know of it."
            : "The storage adapter could not store the token. login() has then signed nobody in, and whoever was signed in stays; a refreshed token is in force in this tab alone.",
          { cause: vault.maskError(cause, token) },
        );
      };
      const run = (): void | Promise<void> => {
        if (isOver()) return refuse(new Error("The connection ended before the storage was written"));
        let answer: void | Promise<void>;
        isCalling = true;
        try {
          answer = adapter.write?.(token);
        } catch (cause) {
          return refuse(cause);
        } finally {
          isCalling = false;
        }
        if (isPromise(answer)) return deadlines.limit(answer).then(succeed, refuse);
        succeed();
        return undefined;
      };
      underWay += 1;
      const done = underWay === 1 ? run() : last.then(run, run);
      if (isPromise(done)) last = done;
      return done;
    },
  };
}
