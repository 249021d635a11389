// What errors and warnings say to developers. A build for production has nothing in the place of these exports: an error
// names its code then, and a warning its key.
import type { ConnectionError, ConnectionErrorCode } from "../errors.js";
import { isOwnNamespace } from "../protocol.js";
import { describeType, field } from "../value.js";

export function cookieNotWritten(name: string, isRemoval: boolean): string {
  return isRemoval
    ? `cookieStorage could not remove the cookie "${name}". Give the path and the domain that it was set with; an HttpOnly cookie only the server can remove.`
    : `The browser did not keep the cookie "${name}" as cookieStorage wrote it. It may be longer than 4,096 bytes, secure on a page that is not, of another domain or path than the page's, hidden by an HttpOnly cookie of the same name, or blocked by a setting of the browser.`;
}

export const ENDED_BEFORE = "The connection ended before the storage answered";

/** What stands for something that was thrown and is no error. */
export function noError(thrown: unknown): string {
  return `something other than an Error was thrown: ${typeof thrown}`;
}

/** @param deadline - How long the storage had, in milliseconds. */
export function noAnswer(deadline: number): string {
  return `No answer within ${deadline} ms`;
}

/** What an error says that `decode` or `encode` has thrown, without its words: they may quote what is stored. */
export function shapeFailed(name: string, thrown: unknown): string {
  const kind =
    thrown instanceof Error && /^[A-Z]\w{0,30}Error$/.test(thrown.name) ? thrown.name : "something";
  return `The "${name}" function of the storage threw ${kind}. Nobody is signed out. Its words are not shown, as they may quote what is stored: log them in the function itself.`;
}

export const NOT_ENCODED =
  'What "encode" answers with does not hold the token, by "decode", or still holds one after a sign-out. Nothing was stored.';

/** What is wrong with a `subscribe()` that gave back this. */
export function noEnd(end: unknown): string {
  return `subscribe() must give back the function that ends the subscription, but gave back ${describeType(end)}: what it has begun goes on after dispose().`;
}

/** @param start - How the text begins, by which it was recognised. */
export function looksLikeJson(lead: string, start: string): string {
  const kind = /^[{e]|7b/i.test(start)
    ? "an object"
    : /^[[W]|5b/i.test(start)
      ? "an array"
      : "a quoted string";
  return `${lead} what looks like JSON: ${kind}. It is not sent, as there may be more in it than the access token. Take the token out with the option "decode" of webStorage or cookieStorage, or with JSON.parse: before login(), in refresh, or in the read() of fromSubscription or of a storage adapter of your own. See docs/storage-adapters.md#a-token-inside-json.`;
}

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

export const OVERFLOW =
  "More than 16 MB waited to be delivered, so the connection was closed and they are lost. It is tried again.";

export const DEAD =
  "The connection was dead after the page or the network had been away: the server did not answer in time. It is tried again.";

export const NO_ANSWER =
  "The IO adapter threw instead of asking the server to take the newer token on the same link.";

export const NOT_OPENED = "The IO adapter threw instead of opening a link.";

export const UNANSWERED =
  "The server did not say what became of the newer token; the token is presented in another way.";

export const UNNAMED_SESSION =
  "The server does not name the user of a session, so queued messages are dropped when the session changes, and its end may go unnoticed. Use shareSession() on the server.";

/** What the reason of a disconnection says. */
export function disconnection(reason: string): string {
  return reason === "io server disconnect"
    ? "The server ended the connection. It is tried again."
    : `The connection was lost: ${reason}. It is tried again.`;
}

/** @param said - What the server has said, in quotes. */
export function unknownRefusal(said: string, isLast: boolean): string {
  return `The server refuses for an unknown reason: ${said}. This counts as an outage: it is tried again, and the token is not refreshed. Send data: { error: "invalid_token" } or another error code of docs/errors.md, or give the option "classify".${isLast ? " Further ones are not logged." : ""}`;
}

/** What the log says of something that the application has given and that fails: our own words, and nobody else's. */
export function mistake(
  what: string,
  error: ConnectionError,
  { isOurs }: { isOurs(error: ConnectionError): boolean },
): string {
  // Of this one the words are the storages' of the library, or at least about what this page has.
  return error.code === "ERR_STORAGE_UNAVAILABLE" || isOurs(error)
    ? `${error.message} (${what})`
    : `What the application has given for its token fails. Nobody is signed out, and it is tried again. See getSnapshot().error. (${what})`;
}

/** For each connection: whether the token that was refused last could be refreshed, if there were a way. */
const missing = new WeakMap<object, boolean>();

/** Remembers it of a verdict. */
export function noteVerdict(
  connection: object,
  verdict: string,
  { refresh, isCookie }: { refresh?: unknown; isCookie: boolean },
): void {
  missing.set(connection, verdict === "refresh" && !refresh && !isCookie);
}

/** What the log says where nothing is tried any more. */
export function endOfTrying(state: string, why: string, isCookie: boolean, connection: object): string {
  if (state === "idle.exhausted")
    return `No attempt is left (${why}). The connection rests until connect() is called, another token comes, or the network or the page is back. See reconnectionAttempts and getSnapshot().error.`;
  const advice = missing.get(connection) ? ' The option "refresh" would ask for another one.' : "";
  return `The server refuses the ${isCookie ? "session" : "token"} (${why}). It is not sent again: sign in anew, or call connect() for one more attempt. See getSnapshot().error.${advice}`;
}

export const NO_TOKEN =
  "Nobody is signed in: the storage holds no token, or its token was signed out. Guests need a guest token, or a plain io().";

export const NO_SESSION =
  "Nobody is signed in in the session of this browser. Guests need a server that lets them in (required: false), or a plain io().";

const NOT_SENT: Partial<Record<ConnectionErrorCode, string>> = {
  ERR_LOGGED_OUT: "Nobody is signed in, so the message was not sent. Sign in, then send it again.",
  ERR_IDENTITY_CHANGED:
    'Before the message was sent another user signed in, or a token came of which nobody can tell whose it is (the "identify" option can), so it was dropped.',
  ERR_BUFFER_FULL:
    'Too many messages are waiting for a connection, so this one was refused. See the "bufferLimit" option.',
  ERR_DISPOSED: "The connection was disposed of, so the message was not sent.",
};

/** Why a message was not sent. Of a session only the server can tell whose it is. */
export function notSent(code: ConnectionErrorCode, isCookie: boolean): string {
  return isCookie && code === "ERR_IDENTITY_CHANGED"
    ? 'Before the message was sent the server said that another user is signed in, or nobody in particular, so it was dropped. If it is the same user, give shareSession() on the server an "identityKey" that outlives a restart.'
    : (NOT_SENT[code] ?? "");
}

const WAITING = 'what waits belongs to one user. Use "volatile" or timeout() for what must not wait.';

/** What to use in place of the members of socket.io-client's `Socket` that are not here. */
const INSTEAD = {
  auth: 'the token comes from the storage. Call connection.login(token), and give the "auth" option to shape what is sent.',
  io: 'use connection.subscribe() for on("reconnect"), getSnapshot().transport for engine.transport.name, the "auth" and "extraHeaders" options for opts.',
  sendBuffer: WAITING,
  receiveBuffer: WAITING,
};

/** Of a member of socket.io-client's `Socket` that is not here: what to use instead. */
export function absent(member: keyof typeof INSTEAD, what = "cannot be assigned"): string {
  return `socket.${member} ${what}: ${INSTEAD[member]}`;
}

/** Why `of()` does not take this name. */
export function notANamespace(name: unknown): string {
  return typeof name === "string" && isOwnNamespace(name)
    ? `The namespace ${name} is socket-rotor's own. Give the namespace of yours another name, such as "/chat".`
    : 'of(namespace) takes the name of a Socket.IO namespace, such as "/chat": a string that begins with a slash, without a query and without a comma. Send parameters by the "auth" option.';
}

/** The type of an event for a reader: XState's `xstate.after.timeout.connection.opening` is `after timeout`. */
export function eventWords(eventType: string): string {
  return eventType.replace(/^xstate\.after\.(\w+)\..*$/, "after $1");
}
