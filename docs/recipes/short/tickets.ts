import { type Connection, createConnection, fromSubscription } from "socket-rotor";

/** Connects with tickets that are good for one handshake. `userId` is who is signed in: no ticket tells. */
export function connectWithTickets(
  url: string,
  askForTicket: () => Promise<string | null>,
  userId: () => string | undefined,
): Connection {
  let ticket: string | null = null;
  const connection = createConnection({
    url,
    storage: fromSubscription({
      // The same ticket until it was used in vain or its link has ended: another one would mean another handshake.
      async read() {
        ticket ??= await askForTicket(); // `null` where nobody is signed in; throws in an outage
        return ticket;
      },
      subscribe: () => () => {},
    }),
    auth: (token) => ({ ticket: token }),
    identify: userId,
    // A ticket that was used, or came too late, signs nobody out: `askForTicket` says who may still come in.
    classify: () => "retry",
  });
  const useUp = (): void => {
    ticket = null;
  };
  connection.socket.on("disconnect", useUp);
  connection.socket.on("connect_error", useUp);
  return connection;
}
