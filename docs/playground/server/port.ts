import { once } from "node:events";
import type { Server } from "node:http";

/** A server's place on this computer, which it can leave for a while and take again. */
export interface Port {
  readonly number: number;
  /** Ends every connection and frees the port. */
  leave(): Promise<void>;
  /** Listens again, where it did before. */
  takeAgain(): Promise<void>;
}

/** @param port - `0` takes any free one */
export async function takePort(http: Server, port: number, host: string): Promise<Port> {
  const listen = async (number: number) => {
    http.listen(number, host);
    await once(http, "listening");
  };
  await listen(port);
  const address = http.address();
  const number = typeof address === "object" && address !== null ? address.port : port;
  return {
    number,
    async leave() {
      if (!http.listening) return;
      const closed = once(http, "close");
      http.close();
      http.closeAllConnections();
      await closed;
    },
    takeAgain: () => listen(number),
  };
}
