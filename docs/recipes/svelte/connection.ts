import type { ConnectionSnapshot } from "socket-rotor";
import { createSubscriber } from "svelte/reactivity";
import { connection } from "../chat.js";

const subscribe = createSubscriber((update) => connection.subscribe(update));

/** What is known of the connection; whatever reads it in a component or an effect is run again when it changes. */
export function snapshot(): ConnectionSnapshot {
  subscribe();
  return connection.getSnapshot();
}
