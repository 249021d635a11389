import { field } from "../value.js";

/** What an engine error says, in words that help. */
export function engineError(error: Error, status: number | undefined): string {
  if (error.message.includes("websocket"))
    return "The server could not be reached over websocket, which does not say why. Check the address and that the server runs. With polling the HTTP status would be known.";
  if (status === 400 && isUnknownConnection(error))
    return 'The server does not know this connection (HTTP status 400, code 1). With polling each request must reach the same node, so make the load balancer sticky, or use socketOptions: { transports: ["websocket"] }.';
  if (status === undefined)
    return "The server could not be reached. Check the address, the path, CORS (with cookies: the origin by name, and credentials: true), and that the server runs.";
  const help = status === 404 ? " Check socketOptions.path: nothing there speaks Socket.IO." : "";
  return `The server answered the handshake with HTTP status ${status}.${help}`;
}

/** What Engine.IO answers where another node, or the same one before a restart, knows the connection. */
function isUnknownConnection(error: Error): boolean {
  const body = field(field(error, "context"), "responseText");
  return typeof body === "string" && body.includes('"code":1,');
}

export const NO_WEBSOCKET =
  "The websocket could not be made: its constructor threw. A header of extraHeaders may hold a character beyond ASCII, or this page may not open such an address.";

/** What the reason of a disconnection says. */
export function disconnection(reason: string): string {
  return reason === "io server disconnect"
    ? "The server ended the connection. It is tried again."
    : `The connection was lost: ${reason}. It is tried again.`;
}

export const UNKNOWN_REFUSAL =
  'This counts as an outage: it is tried again, and the token is not refreshed. Send data: { error: "invalid_token" } or another error code of docs/errors.md, or give the option "classify".';
