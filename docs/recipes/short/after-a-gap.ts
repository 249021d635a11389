import type { Connection } from "socket-rotor";

/**
 * Calls back at each connection but those after which the server has sent what was missed: then rooms are to be
 * joined again, and what may have changed is to be fetched again. With TanStack Query:
 * `onGap(connection, () => void queryClient.invalidateQueries({ queryKey: ["chat"] }))`.
 *
 * @returns The function that ends it.
 */
export function onGap(connection: Connection, catchUp: () => void): () => void {
  const onConnect = (): void => {
    if (!connection.socket.recovered) catchUp();
  };
  connection.socket.on("connect", onConnect);
  return () => void connection.socket.off("connect", onConnect);
}
