import { useEffect, useSyncExternalStore } from "react";
import type { ConnectionSnapshot } from "socket-rotor";
import { connection, onMessage } from "../chat.js";

/** What is known of the connection; renders again when it changes, and on a server shows `idle`. */
export function useConnection(): ConnectionSnapshot {
  return useSyncExternalStore(connection.subscribe, connection.getSnapshot, connection.getServerSnapshot);
}

/** Listens as long as the component is there. Give it a function that stays the same. */
export function useMessages(listener: (line: string) => void): void {
  useEffect(() => onMessage(listener), [listener]);
}
