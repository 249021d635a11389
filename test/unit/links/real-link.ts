import { createServer } from "node:http";
import { Server } from "socket.io";
import { expect, onTestFinished } from "vitest";
import { ConnectionError } from "../../../src/errors.js";
import type { LinkEvent } from "../../../src/links/io-adapter.js";
import { socketIo } from "../../../src/links/socket-io.js";
import { createLog } from "../../../src/logger.js";
import { listen } from "../../support/listen.js";

/** A real server, and a link to it to which nobody listens yet. */
export async function openLink() {
  const http = createServer();
  const io = new Server(http);
  const origin = await listen(http);
  onTestFinished(async () => {
    http.closeAllConnections();
    await io.close();
  });
  const events: LinkEvent[] = [];
  const link = socketIo({
    origin,
    socketOptions: { transports: ["websocket"] },
    classify: undefined,
    make: (code, message, details) => new ConnectionError(code, message, details),
    log: createLog({}),
  }).open({ link: 1, credential: () => ({}), namespaces: ["/"] }, (event) => events.push(event));
  onTestFinished(() => link.close());
  await expect.poll(() => events).toContainEqual({ type: "connected" });
  return { io, link, events };
}
