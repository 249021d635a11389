import type { ConnectionSnapshot } from "socket-rotor";
import { onScopeDispose, type ShallowRef, shallowRef } from "vue";
import { connection, onMessage } from "../chat.js";

/** What is known of the connection, until the component is gone. */
export function useConnection(): Readonly<ShallowRef<ConnectionSnapshot>> {
  const snapshot = shallowRef(connection.getSnapshot());
  onScopeDispose(
    connection.subscribe(() => {
      snapshot.value = connection.getSnapshot();
    }),
  );
  return snapshot;
}

/** Listens as long as the component is there. */
export function useMessages(listener: (line: string) => void): void {
  onScopeDispose(onMessage(listener));
}
