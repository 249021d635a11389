/** Where revocations are kept for nodes that start later. Times are epoch milliseconds. */
export interface RevocationStore {
  /**
   * Keeps an id until a time; `Infinity` is for ever. When the promise has resolved, `list` of every node has it. The id
   * is a text of this library's, of some hundred characters: it names the subject or the token id, and no token.
   */
  add(id: string, until: number): Promise<unknown>;
  /** Every id that was added and whose time is not over, in any order. Ids whose time is over do no harm. */
  list(): Promise<readonly string[]>;
}

/**
 * Keeps revocations in the memory of this process: for tests, and for several Socket.IO servers of one process. It
 * ends with the process.
 *
 * @returns A store for the option `revocations` of {@link authenticateToken}.
 * @example
 * ```ts
 * import { Server } from "socket.io";
 * import { authenticateToken, memoryRevocations } from "socket-rotor/server";
 *
 * const revocations = memoryRevocations();
 * for (const port of [3000, 3001]) {
 *   authenticateToken(new Server(port), { revocations, verify: async (token) => ({ subject: token }) });
 * }
 * ```
 */
export function memoryRevocations(): RevocationStore {
  const ends = new Map<string, number>();
  let ids: readonly string[] | undefined;
  return {
    async add(id, until) {
      ends.set(id, until);
      ids = undefined;
    },
    async list() {
      if (ids !== undefined) return ids;
      for (const [id, until] of ends) if (until <= Date.now()) ends.delete(id);
      ids = Object.freeze([...ends.keys()]);
      return ids;
    },
  };
}
