import { createActorContext } from "@xstate/react";
import { connectionInput, connectionLogic, connectionOf, webStorage } from "socket-rotor";

const input = connectionInput({ url: location.origin, storage: webStorage("accessToken") });

/** An actor for all components below: started when the provider is mounted, stopped when it is gone. */
export const ConnectionActor = createActorContext(connectionLogic, { input });

/** Where the connection is in the chart, and what it can be asked for. */
export function Chart() {
  const value = ConnectionActor.useSelector((snapshot) => snapshot.value);
  const { logout } = connectionOf(ConnectionActor.useActorRef());
  return (
    <>
      <output>{JSON.stringify(value)}</output>
      <button type="button" onClick={() => void logout()}>
        Sign out
      </button>
    </>
  );
}
