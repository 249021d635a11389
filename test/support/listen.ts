import { once } from "node:events";
import type { Server } from "node:net";

/** Has a server listen on this machine, on any free port by default; answers with its address. */
export async function listen(server: Server, port = 0): Promise<string> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return addressOf(server);
}

/** The address on which an HTTP server listens. */
export function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no port.");
  return `http://127.0.0.1:${address.port}`;
}
