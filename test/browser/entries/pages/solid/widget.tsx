/** @jsxImportSource solid-js */

import { useConnectionSnapshot, useOwnedConnection, useSocketEvent } from "socket-rotor/solid";
import { createSignal } from "solid-js";
import { connect } from "../connect.js";

export function Widget() {
  const connection = useOwnedConnection(() => connect());
  const status = useConnectionSnapshot(connection, (snapshot) => snapshot.status);
  const [heard, setHeard] = createSignal(0);
  useSocketEvent(
    () => connection()?.socket,
    "tick",
    () => setHeard(heard() + 1),
  );
  return (
    <output>
      version 0: {status()} {heard()}
    </output>
  );
}
