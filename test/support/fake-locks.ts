interface LockOptions {
  signal?: AbortSignal;
  steal?: boolean;
  ifAvailable?: boolean;
}

/** Is given the lock, or `null` where it was to be had at once and was not. */
type Work = (lock: object | null) => unknown;

/** The lock manager as one tab sees it. */
export interface FakeLockManager {
  request(name: string, options: LockOptions, work: Work): Promise<unknown>;
  query(): Promise<{ held: Array<{ name: string; clientId: string }> }>;
}

/** As much of the Web Locks API as the library uses, for one lock: a holder, a queue in order, a way out of it. */
export interface FakeLocks {
  /** The locks of a tab, which the others know by this name. */
  tab(clientId: string): FakeLockManager;
  /** The names that were asked for, in order. */
  readonly names: string[];
  /** How many wait. */
  readonly waiting: number;
  /** Whether somebody has the lock. */
  readonly isHeld: boolean;
  /** Who took the lock from its holder, in order. */
  readonly thieves: string[];
}

interface Hold {
  name: string;
  clientId: string;
  /** Lets go of the lock, and tells whoever asked for it. */
  end(tell: () => void): void;
  reject(reason: unknown): void;
}

/** @see https://w3c.github.io/web-locks/#api-lock-manager-request */
export function fakeLocks(): FakeLocks {
  const names: string[] = [];
  const thieves: string[] = [];
  const queue: Array<() => void> = [];
  let held: Hold | undefined;

  const request = (clientId: string, name: string, options: LockOptions, work: Work) =>
    new Promise<unknown>((resolve, reject) => {
      const { signal, steal = false, ifAvailable = false } = options;
      names.push(name);
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const grant = async (): Promise<void> => {
        signal?.removeEventListener("abort", onAbort);
        const hold: Hold = {
          name,
          clientId,
          reject,
          end(tell) {
            tell();
            if (held !== hold) return;
            held = undefined;
            queue.shift()?.();
          },
        };
        held = hold;
        try {
          const answer = await work({ name });
          hold.end(() => resolve(answer));
        } catch (error) {
          hold.end(() => reject(error));
        }
      };
      const start = (): void => void grant();
      const onAbort = (): void => {
        if (queue.includes(start)) queue.splice(queue.indexOf(start), 1);
        reject(signal?.reason);
      };
      if (steal) {
        thieves.push(clientId);
        held?.reject(
          new DOMException("Lock broken by another request with the 'steal' option.", "AbortError"),
        );
        start();
      } else if (held && ifAvailable) {
        resolve(work(null));
      } else if (held) {
        queue.push(start);
        signal?.addEventListener("abort", onAbort);
      } else start();
    });

  return {
    names,
    thieves,
    get waiting() {
      return queue.length;
    },
    get isHeld() {
      return held !== undefined;
    },
    tab: (clientId) => ({
      request: (name, options, work) => request(clientId, name, options, work),
      query: async () => ({ held: held ? [{ name: held.name, clientId: held.clientId }] : [] }),
    }),
  };
}
