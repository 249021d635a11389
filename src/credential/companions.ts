import type { StorageAdapter } from "./storage-adapter.js";

/** The connections of a page that share one adapter, which need not tell of what is written through it. */
export interface Companions {
  join(): void;
  leave(): void;
  /** Tells the others that something was written. */
  tell(): void;
}

const joined = new WeakMap<StorageAdapter, Set<() => void>>();

export function createCompanions(adapter: StorageAdapter, onWritten: () => void): Companions {
  const all = joined.get(adapter) ?? new Set();
  joined.set(adapter, all);
  return {
    join: () => all.add(onWritten),
    leave: () => all.delete(onWritten),
    tell() {
      for (const each of [...all]) if (each !== onWritten) each();
    },
  };
}
