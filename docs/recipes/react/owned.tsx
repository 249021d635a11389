import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { createConnection, webStorage } from "socket-rotor";
import { useConnectionSnapshot, useOwnedConnection } from "socket-rotor/react";
import { fetchToken } from "../fetch-token.js";
import { Attempts } from "./with-xstate-react.js";

/** A component with a connection of its own, which it has as long as it is there. */
function Widget() {
  const connection = useOwnedConnection(() =>
    createConnection({ url: location.origin, storage: webStorage("accessToken") }),
  );
  const status = useConnectionSnapshot(connection, (snapshot) => snapshot.status);
  return (
    <>
      <p role="status">{status}</p>
      {connection && <Attempts connection={connection} />}
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
