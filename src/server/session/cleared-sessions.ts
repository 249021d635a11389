import { property } from "../../value.js";

/** The sessions that requests have got before every session was destroyed: a save must bring none of them back. */
export interface ClearedSessions {
  /** Every session was destroyed. */
  onCleared(): void;
  /** A request has got the session that was stored. */
  onLoaded(request: unknown): void;
  /** A request has got a new session. */
  onGenerated(request: unknown): void;
  /** Whether a session is that of such a request. */
  has(session: unknown): boolean;
}

export function createClearedSessions(): ClearedSessions {
  let clears = 0;
  /** How often all were destroyed when a request got what it has. */
  const loaded = new WeakMap<object, number>();
  return {
    onCleared() {
      clears += 1;
    },
    onLoaded(request) {
      if (typeof request === "object" && request !== null) loaded.set(request, clears);
    },
    onGenerated(request) {
      if (typeof request === "object" && request !== null) loaded.delete(request);
    },
    has(session) {
      const request = property(session, "req");
      return typeof request === "object" && request !== null && (loaded.get(request) ?? clears) < clears;
    },
  };
}
