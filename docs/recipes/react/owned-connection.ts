import { useEffect, useState } from "react";
import { type Connection, createConnection, webStorage } from "socket-rotor";

/**
 * A connection that lives as long as a component, for a widget or a page of its own. It is made in the effect, so that
 * StrictMode, which mounts twice, leaves one: what the first mount made, its clean-up has disposed of.
 */
export function useOwnedConnection(url: string): Connection | undefined {
  const [connection, setConnection] = useState<Connection>();
  useEffect(() => {
    const own = createConnection({ url, storage: webStorage("accessToken") });
    setConnection(own);
    return () => {
      own.dispose();
      setConnection(undefined);
    };
  }, [url]);
  return connection;
}
