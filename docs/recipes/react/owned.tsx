import { StrictMode, useState, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import type { Connection } from "socket-rotor";
import { fetchToken } from "../fetch-token.js";
import { useOwnedConnection } from "./owned-connection.js";
import { Attempts } from "./with-xstate-react.js";

function Widget() {
  const connection = useOwnedConnection(location.origin);
  return connection === undefined ? null : <Status connection={connection} />;
}

function Status({ connection }: { connection: Connection }) {
  const { status } = useSyncExternalStore(
    connection.subscribe,
    connection.getSnapshot,
    connection.getServerSnapshot,
  );
  return (
    <>
      <p role="status">{status}</p>
      <Attempts connection={connection} />
    </>
  );
}

/** Writes the token: the connection follows, as it follows other tabs. */
async function signIn(): Promise<void> {
  localStorage.setItem("accessToken", await fetchToken("Alice"));
}

function Page() {
  const [isShown, setShown] = useState(true);
  return (
    <>
      <button type="button" onClick={() => void signIn()}>
        Sign in
      </button>
      <button type="button" onClick={() => setShown(!isShown)}>
        {isShown ? "Hide" : "Show"}
      </button>
      {isShown && <Widget />}
    </>
  );
}

const root = document.querySelector("#app");
if (root === null) throw new Error("The page has no element #app.");
createRoot(root).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
