import { ConnectionError } from "../errors.js";
import {
  CONTROL_NAMESPACE,
  PROTOCOL_VERSION,
  REAUTHENTICATE_REQUIRED,
  type Ready,
  type ReauthenticateAnswer,
} from "../protocol.js";
import { isFunction } from "../value.js";
import { type Installed, identityOf } from "./installed.js";
import type { Link } from "./link.js";
import { forgetRecovery, makeApart, namespacesOf, useFirst, writeTo } from "./socket-io-private.js";
import type { ServerSocket, SocketIoNamespace, SocketIoServer } from "./socket-io-types.js";
import { toRefusal } from "./thrown.js";
import { TokenError } from "./token-error.js";
import { askFor } from "./tokens/requirements.js";

/** Makes the control namespace, as no child of a pattern of the application's: it would inherit what that has. */
export function reserveControl(io: SocketIoServer): SocketIoNamespace {
  if (namespacesOf(io).has(CONTROL_NAMESPACE)) {
    throw new ConnectionError(
      "ERR_SERVER_SETUP",
      `The namespace ${CONTROL_NAMESPACE} exists already, and socket-rotor needs it for itself. Call authenticateToken or shareSession before any client connects, and give the namespace of yours another name.`,
    );
  }
  return makeApart(io, CONTROL_NAMESPACE);
}

/** Answers what the client's half says in the control namespace, and no listener of the application's hears. */
export function serveControl(installed: Installed): void {
  useFirst(installed.control, (socket, next) => {
    // A middleware of the socket and no listener, which the application could take off. It lets nothing through.
    // Socket.IO calls listeners in the next tick, so that those of the messages before have been called by then.
    const mayAsk = createAllowance();
    socket.use((event) => {
      if (QUESTIONS.has(event[0]) && mayAsk()) process.nextTick(onMessage, installed, socket, event);
    });
    keepPrivate(socket);
    next();
  });
}

function onMessage(installed: Installed, { conn }: ServerSocket, [event, ...args]: unknown[]): void {
  const answer = args.at(-1);
  if (event === "sync" && isFunction(answer)) answer();
  const link = installed.links.of(conn);
  if (event !== "reauthenticate" || link === undefined) return;
  if (isFunction(answer)) void reauthenticate(installed, link, args[0]).then(answer);
  else installed.log.debug('A "reauthenticate" without an acknowledgement was ignored.');
}

/** Tells the client's half whom the server takes it for, when it has joined the control namespace. */
export function sayReady(installed: Installed, link: Link, socket: ServerSocket): void {
  if (socket.nsp.name !== CONTROL_NAMESPACE) return;
  const { tokens } = installed;
  const lifetime = tokens?.lifetimeOf(link);
  const ready: Ready = {
    version: PROTOCOL_VERSION,
    reauthenticate: tokens !== undefined,
    ...lifetime,
    // Nobody in particular has an identity too: the empty one, which no token and no session has.
    identity: installed.identityKey.hash(identityOf(installed, link) ?? ""),
  };
  writeTo(socket, "ready", ready);
  // So that those who come together do not all refresh at the end of that time.
  if (tokens?.isOutdated(link)) writeTo(socket, REAUTHENTICATE_REQUIRED, askFor(lifetime));
}

/** What is answered; anything else is ignored. */
const QUESTIONS: ReadonlySet<unknown> = new Set(["sync", "reauthenticate"]);

/** Beyond it there is no answer: those to a client that does not read would pile up. */
const MOST_QUESTIONS = 100;
const WINDOW = 1_000;

/** Whether one more question is answered, of so many in each second. */
function createAllowance(): () => boolean {
  let window = 0;
  let count = 0;
  return () => {
    const now = Math.floor(Date.now() / WINDOW);
    count = now === window ? count + 1 : 1;
    window = now;
    return count <= MOST_QUESTIONS;
  };
}

async function reauthenticate(
  { tokens, log }: Installed,
  link: Link,
  message: unknown,
): Promise<ReauthenticateAnswer> {
  try {
    if (tokens === undefined) throw new TokenError("invalid_request", "This server takes no tokens.");
    await tokens.reauthenticate(link, message);
    log.debug("A connection was re-authenticated.");
    return { ok: true, ...tokens.lifetimeOf(link) };
  } catch (error) {
    const { data } = toRefusal(error, log);
    log.debug(`A re-authentication was refused: ${data.error}.`);
    return { ok: false, ...data };
  }
}

function answerItself(this: unknown): unknown {
  return this;
}

/** Keeps catch-all listeners from a control socket, which hears tokens, and state recovery: nothing here is to be replayed. */
function keepPrivate(socket: ServerSocket): void {
  for (const method of ["onAny", "prependAny", "use"]) {
    Object.defineProperty(socket, method, { value: answerItself });
  }
  forgetRecovery(socket);
}
