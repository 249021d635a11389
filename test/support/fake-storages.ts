import type { StorageAdapter } from "socket-rotor";
import { untyped } from "./untyped.js";

/** An answer that the test gives when it wants to. */
export interface Answer<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(cause: unknown): void;
}

export function answer<T>(): Answer<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (cause: unknown) => void = () => {};
  const promise = new Promise<T>((onResolved, onRejected) => {
    resolve = onResolved;
    reject = onRejected;
  });
  return { promise, resolve, reject };
}

/** A storage that the test can break, change behind the library's back, and signal from. */
export interface BreakableStorage extends StorageAdapter {
  value: string | null;
  /** Instead of the value: what `read` answers or throws. */
  onRead: (() => unknown) | undefined;
  /** Instead of storing: what `write` does. */
  onWrite: ((token: string | null) => void | Promise<void>) | undefined;
  /** Says that the value may have changed, as another tab would. */
  signal(): void;
  readonly subscribers: number;
  readonly reads: number;
  write(token: string | null): void | Promise<void>;
}

export function breakableStorage(value: string | null): BreakableStorage {
  const listeners = new Set<() => void>();
  let reads = 0;
  return {
    value,
    onRead: undefined,
    onWrite: undefined,
    get subscribers() {
      return listeners.size;
    },
    get reads() {
      return reads;
    },
    read() {
      reads += 1;
      // Code without types can answer with anything.
      return this.onRead ? untyped(this.onRead()) : this.value;
    },
    write(token) {
      if (this.onWrite) return this.onWrite(token);
      this.value = token;
      this.signal();
      return undefined;
    },
    signal() {
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      const entry = (): void => listener();
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
  };
}

/** A storage whose every read and write the test answers by hand; it stores in the order of the answers. */
export interface SlowStorage extends StorageAdapter {
  value: string | null;
  readonly reads: Answer<string | null>[];
  readonly writes: Array<{ token: string | null; finish(): void; fail(cause: unknown): void }>;
  signal(): void;
  /** Answers the newest read with what is stored. */
  answerRead(): void;
  write(token: string | null): Promise<void>;
}

export function slowStorage(value: string | null): SlowStorage {
  const reads: Answer<string | null>[] = [];
  const writes: Array<{ token: string | null; finish(): void; fail(cause: unknown): void }> = [];
  const listeners = new Set<() => void>();
  return {
    value,
    reads,
    writes,
    read() {
      const read = answer<string | null>();
      reads.push(read);
      return read.promise;
    },
    answerRead() {
      reads.at(-1)?.resolve(this.value);
    },
    write(token) {
      const written = answer<void>();
      writes.push({
        token,
        finish: () => {
          this.value = token;
          written.resolve();
          this.signal();
        },
        fail: (cause) => written.reject(cause),
      });
      return written.promise;
    },
    signal() {
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
