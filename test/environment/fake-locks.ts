/** As much of the Web Locks API as the library uses: one holder at a time, in order, and a way out of the queue. */
export interface FakeLocks {
  request(name: string, options: { signal?: AbortSignal }, work: () => unknown): Promise<unknown>;
  /** The names that were asked for, in order. */
  readonly names: string[];
  /** How many wait. */
  readonly waiting: number;
}

/** @see https://w3c.github.io/web-locks/#api-lock-manager-request */
export function fakeLocks(): FakeLocks {
  const names: string[] = [];
  const queue: Array<() => void> = [];
  let isHeld = false;
  const next = (): void => {
    isHeld = false;
    queue.shift()?.();
  };
  return {
    names,
    get waiting() {
      return queue.length;
    },
    request(name, { signal }, work) {
      names.push(name);
      return new Promise((resolve, reject) => {
        const grant = async (): Promise<void> => {
          isHeld = true;
          signal?.removeEventListener("abort", onAbort);
          try {
            resolve(await work());
          } catch (error) {
            reject(error);
          } finally {
            next();
          }
        };
        const start = (): void => void grant();
        const onAbort = (): void => {
          queue.splice(queue.indexOf(start), 1);
          reject(signal?.reason);
        };
        if (!isHeld) {
          start();
          return;
        }
        queue.push(start);
        signal?.addEventListener("abort", onAbort);
      });
    },
  };
}
