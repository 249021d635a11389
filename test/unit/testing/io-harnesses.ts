import { createServer } from "node:http";
import { Server, type ServerOptions } from "socket.io";
import type { IoAdapter, SocketOptions } from "socket-rotor";
import { authenticateToken, TokenError } from "socket-rotor/server";
import { contractServer, type IoHarness, REFUSED_TOKEN } from "socket-rotor/testing";
import { ConnectionError } from "../../../src/errors.js";
import { socketIo } from "../../../src/links/socket-io.js";
import { createLog } from "../../../src/logger.js";
import { useFirst } from "../../../src/server/socket-io-private.js";
import { listen } from "../../support/listen.js";

/** The default adapter, as an application has it. */
function defaultIo(origin: string, socketOptions: SocketOptions): IoAdapter {
  return socketIo({
    origin,
    socketOptions,
    classify: undefined,
    make: (code, message, details) => new ConnectionError(code, message, details),
    log: createLog({}),
  });
}

/** The default adapter with a real server of Socket.IO's, which has our server half or not. */
export async function socketIoHarness(
  transports: string[],
  hasServerHalf: boolean,
  options: Partial<ServerOptions> = {},
): Promise<IoHarness> {
  const http = createServer();
  const io = new Server(http, options);
  if (hasServerHalf) {
    authenticateToken(io, {
      logger: {},
      async verify(token) {
        if (token === REFUSED_TOKEN) throw new TokenError("invalid_token", "Refused.");
        return { subject: "somebody" };
      },
    });
  }
  // The server half takes the token out of the handshake: what was sent has to be looked at before.
  const server = contractServer({
    of(name) {
      const namespace = io.of(name);
      return {
        use: (middleware) => useFirst(namespace, middleware),
        on: (event, listener) => namespace.on(event, listener),
        sockets: namespace.sockets,
      };
    },
  });
  const url = await listen(http);
  return {
    io: defaultIo(url, { transports }),
    unreachable: defaultIo("http://127.0.0.1:1", { transports }),
    server,
    async dispose() {
      http.closeAllConnections();
      await io.close();
    },
  };
}
