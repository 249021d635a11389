import type { Manager } from "socket.io-client";
import { LONGEST_DELAY, unref } from "../clock.js";
import { field } from "../value.js";

/**
 * Keeps a Node process until the function that it gives back is called, whatever becomes of the Manager's own handles
 * then. In Node, engine.io-client cannot abort a handshake request, and a silent server would keep a process for ever
 * that has closed its link. So this keeps the process by a timer, and the Manager has to be made with `autoUnref`.
 */
export function keepProcess(manager: Manager): () => void {
  const webSockets = new Set<unknown>();
  const keeper = setInterval(() => {}, LONGEST_DELAY);
  // Held here because engine.io-client forgets a websocket when it begins to close it.
  const note = (transport: unknown): void => void webSockets.add(field(transport, "ws"));
  manager.on("open", () => {
    note(manager.engine.transport);
    manager.engine.on("upgrade", note);
  });
  return () => {
    clearInterval(keeper);
    // A websocket whose peer is gone waits for it half a minute, by a timer that `autoUnref` does not reach.
    const release = (): void => {
      for (const webSocket of webSockets) unref(field(webSocket, "_closeTimer"));
    };
    release();
    // Not there before the link has begun; what is still to be written is written first.
    const engine: Manager["engine"] | undefined = manager.engine;
    engine?.on("close", release);
  };
}
