/** The sessions that were destroyed lately, by key. */
export interface DestroyedSessions {
  add(key: string): void;
  delete(key: string): void;
  has(key: string): boolean;
}

/** Longer than a request that began before should take to save what it has. */
const REMEMBER_FOR = 600_000;
/** Beyond it the oldest is forgotten. */
const MOST = 100_000;

export function createDestroyedSessions(now: () => number = Date.now): DestroyedSessions {
  /** In the order in which they end. */
  const ends = new Map<string, number>();
  return {
    add(key) {
      ends.delete(key);
      for (const [oldest, end] of ends) {
        if (end > now() && ends.size < MOST) break;
        ends.delete(oldest);
      }
      ends.set(key, now() + REMEMBER_FOR);
    },
    delete: (key) => void ends.delete(key),
    has: (key) => (ends.get(key) ?? 0) > now(),
  };
}
