import { useState } from "react";
import { useConnectionSnapshot, useOwnedConnection, useSocketEvent } from "socket-rotor/react";
import { connect } from "../connect.js";

/** A component with a connection of its own. What it heard it counts by its state, which an old listener would not see. */
export function Widget() {
  // React makes a component anew where the hooks that it calls have changed, and with that the first state.
  const [version] = useState("version 0");
  const connection = useOwnedConnection(() => connect());
  const status = useConnectionSnapshot(connection, (snapshot) => snapshot.status);
  const [heard, setHeard] = useState(0);
  useSocketEvent(connection?.socket, "tick", () => setHeard(heard + 1));
  return (
    <output>
      {version}: {status} {heard}
    </output>
  );
}
