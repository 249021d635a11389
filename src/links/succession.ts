import type { Manager } from "socket.io-client";
import { unref } from "../clock.js";

/** Sees to it that a link begins only when the links before it have ended on the wire. */
export interface Succession {
  /** Calls back when nothing is ending any more, or after `limit`; returns the function that takes it back. */
  begin(callback: () => void): () => void;
  /** Ends a link's engine. Over polling this takes until requests that are under way have been answered. */
  end(manager: Manager, isConnected: boolean, close: () => void): void;
}

export function createSuccession(limit: number): Succession {
  const ending = new Set<Manager["engine"]>();
  let next: (() => void) | undefined;
  return {
    begin(callback) {
      if (ending.size === 0) {
        callback();
        return () => {};
      }
      const begin = (): void => {
        clearTimeout(timer);
        next = undefined;
        callback();
      };
      const timer = setTimeout(begin, limit);
      // The link that waits keeps the process, or with `autoUnref` nothing does.
      unref(timer);
      next = begin;
      return () => {
        clearTimeout(timer);
        if (next === begin) next = undefined;
      };
    },
    end(manager, isConnected, close) {
      // Not there before the link has begun.
      const engine: Manager["engine"] | undefined = manager.engine;
      // A CONNECT that waits for its turn would present a token that is not in force any more.
      if (engine && !isConnected) engine.writeBuffer = [];
      close();
      if (!engine || engine.readyState === "closed") return;
      ending.add(engine);
      engine.on("close", () => {
        ending.delete(engine);
        if (ending.size === 0) next?.();
      });
    },
  };
}
