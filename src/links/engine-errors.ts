import type { Manager } from "socket.io-client";
import { field } from "../value.js";

/** Socket.IO's reason for a disconnection that the server asked for. */
export const SERVER_DISCONNECT = "io server disconnect";

/** What an engine error says, in words that help. */
export function describeEngineError(error: Error): { message: string; status?: number } {
  const status = field(error, "description");
  if (error.message.includes("websocket")) {
    return {
      message:
        "The server could not be reached over websocket, which does not say why. Check the address and that the server runs. With polling the HTTP status would be known.",
    };
  }
  if (status === 400 && isUnknownConnection(error)) {
    return {
      message:
        'The server does not know this connection (HTTP status 400, code 1). With polling each request must reach the same node, so make the load balancer sticky, or use socketOptions: { transports: ["websocket"] }.',
      status,
    };
  }
  if (typeof status === "number" && status > 0) {
    const help = status === 404 ? " Check socketOptions.path: nothing there speaks Socket.IO." : "";
    return { message: `The server answered the handshake with HTTP status ${status}.${help}`, status };
  }
  return {
    message:
      "The server could not be reached. Check the address, the path, CORS (with cookies: the origin by name, and credentials: true), and that the server runs.",
  };
}

/** Whether an HTTP status says that this handshake is not wanted, and not that it comes at a bad time. */
export function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}

/** What Engine.IO answers where another node, or the same one before a restart, knows the connection. */
function isUnknownConnection(error: Error): boolean {
  const body = field(field(error, "context"), "responseText");
  return typeof body === "string" && body.includes('"code":1,');
}

/** What the reason of a disconnection says. */
export function describeDisconnect(reason: string): string {
  if (reason === SERVER_DISCONNECT) return "The server ended the connection. It is tried again.";
  return `The connection was lost: ${reason}. It is tried again.`;
}

/**
 * What there is to say where the constructor of the websocket has thrown; `undefined` where it has not. engine.io-client
 * says so before anybody can listen, and then hangs.
 */
export function describeNoWebSocket({ engine }: Manager): string | undefined {
  const { transport } = engine;
  const isWebSocket = transport.name === "websocket" && Reflect.has(transport, "addEventListeners");
  if (!isWebSocket || field(transport, "ws") !== undefined) return undefined;
  return "The websocket could not be made: its constructor threw. A header of extraHeaders may hold a character beyond ASCII, or this page may not open such an address.";
}
