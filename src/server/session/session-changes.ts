import { property } from "../../value.js";
import type { Facts, Judge } from "./facts.js";
import { keyOfSession } from "./session-key.js";
import type { SessionRecords } from "./session-records.js";

/** Tells whether a save is one by which somebody else, or nobody, is signed in. */
export interface SessionChanges {
  /** A request has got what is stored of a session. */
  onLoaded(request: unknown, stored: unknown): void;
  /**
   * Asked when a session was saved, and before the connections that it ends are ended. What counts is who was signed in
   * by what the request has got, and by what the connections on this node were admitted with.
   */
  isChange(key: string, stored: object, request: unknown): boolean;
}

export function createSessionChanges(judge: Judge, records: SessionRecords): SessionChanges {
  const loaded = new WeakMap<object, Facts>();
  const note = (request: unknown, facts: Facts): void => {
    if (typeof request === "object" && request !== null) loaded.set(request, facts);
  };
  return {
    onLoaded(request, stored) {
      const id = property(request, "sessionID");
      if (typeof id !== "string" || typeof stored !== "object" || stored === null) return;
      // At once: what is stored is handed to the request, which may change it.
      const facts = judge.guess(stored, keyOfSession(id));
      if (facts !== undefined) note(request, facts);
    },

    isChange(key, stored, request) {
      const after = judge.guess(stored, key);
      if (after === undefined) return false;
      const before = [...(records.byKey(key)?.links.values() ?? [])];
      if (typeof request === "object" && request !== null) before.push(loaded.get(request));
      note(request, after);
      return before.some((facts) => facts !== undefined && judge.refusal(facts, after) !== undefined);
    },
  };
}
