import { useSelector } from "@xstate/react";
import type { Connection } from "socket-rotor";

/** With `@xstate/react`: the actor itself, to look into the chart. */
export function Attempts({ connection }: { connection: Connection }) {
  const attempt = useSelector(connection.actor, ({ context }) => context.attempt);
  const isWaiting = useSelector(connection.actor, (snapshot) => snapshot.matches({ connecting: "waiting" }));
  return isWaiting ? <p role="note">Attempt {attempt} failed, the next one comes soon.</p> : null;
}
