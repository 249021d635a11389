import { property } from "../value.js";
import { createConnects, keepWhileAwaited } from "./connects.js";
import { sayReady } from "./control-namespace.js";
import { refuseUnseen } from "./engine-middleware.js";
import { type Installed, identityOf } from "./installed.js";
import type { Link } from "./link.js";
import { guardRecovery } from "./recovery.js";
import { everyNamespace, useFirst } from "./socket-io-private.js";
import type { EngineConnection, ServerSocket, SocketIoServer } from "./socket-io-types.js";
import { describeThrown, toRefusal } from "./thrown.js";
import { TokenError } from "./token-error.js";

/** Lets nobody into any namespace, now or later, without having been admitted by tokens, by sessions or by both. */
export function guardNamespaces(io: SocketIoServer, installed: Installed): void {
  const { links, log } = installed;
  const connects = createConnects(
    (namespace) =>
      log.debug(`A CONNECT to ${quoteName(namespace)} was ignored: the one before is still being answered.`),
    () =>
      log.warnOnce(
        "connects:flood",
        "A connection was closed, as it joined more than 1,000 namespaces at once, or one whose name is longer than 1,000 characters.",
      ),
  );
  everyNamespace(io, (namespace) => {
    useFirst(namespace, (socket, next) => {
      const refuse = (error: unknown): void => {
        const refusal = toRefusal(error, log);
        log.debug(`A client was refused in ${quoteName(namespace)}: ${refusal.data.error}.`);
        next(refusal);
      };
      void admitSocket(installed, socket).then(() => {
        try {
          next();
        } catch (error) {
          // Left alone, it would be a rejection that nobody handles, and end the process.
          const { kind, details } = describeThrown(error);
          log.warnOnce(
            `middleware:${kind}${details}`,
            `A middleware of ${quoteName(namespace)} threw ${kind}${details}, so that it lets nobody in. It has to call next with the error; a middleware of Express has no place in io.use.`,
          );
          refuse(new TokenError("temporarily_unavailable"));
        }
      }, refuse);
    });
    const recovery = guardRecovery(namespace);
    connects.guard(namespace, {
      isRefused: (client) => refuseUnseen(io, namespace, client),
      prepare: ({ conn }, auth) => recovery.prepare(auth, () => identityBehind(installed, conn, auth)),
      onConnected: (socket) => welcome(installed, socket),
      onLeft: (socket) => links.of(socket.conn)?.leave(socket),
    });
    keepWhileAwaited(io, namespace);
  });
}

function welcome(installed: Installed, socket: ServerSocket): void {
  const { links, log } = installed;
  const link = links.of(socket.conn);
  if (link === undefined) return;
  link.join(socket);
  try {
    // The link may have been re-authenticated while the application's middlewares ran.
    installed.tokens?.applyToSocket(link, socket);
  } catch {
    // Nobody would catch it, and the socket must not go on with the token that was.
    log.warnOnce(
      "carry",
      "A connection was ended, as socket.data of one of its sockets could not be given what its new token says. Leave socket.data open to changes: do not freeze it.",
    );
    link.disconnectWithReason(new TokenError("temporarily_unavailable").data);
    return;
  }
  sayReady(installed, link, socket);
}

async function admitSocket(installed: Installed, socket: ServerSocket): Promise<void> {
  const { tokens, sessions } = installed;
  const auth = { ...socket.handshake.auth };
  tokens?.hide(socket);
  sessions?.hide(socket);
  const link = await admit(installed, socket.conn, auth);
  if (socket.recovered && property(socket.data, "identity") !== identityOf(installed, link)) {
    throw new TokenError("identity_mismatch", "The state to recover is someone else's.");
  }
  sessions?.applyToSocket(link, socket);
  tokens?.applyToSocket(link, socket);
}

async function admit(installed: Installed, conn: EngineConnection, auth: object): Promise<Link> {
  const { links, tokens, sessions, refuseAll } = installed;
  if (refuseAll !== undefined) throw refuseAll();
  tokens?.check(auth);
  const link = links.open(conn);
  if (tokens !== undefined) await tokens.admit(link, auth);
  if (sessions !== undefined) await sessions.admit(link, auth);
  compareUsers(installed, link);
  if (link.ended.aborted) throw new TokenError("temporarily_unavailable", "The connection has ended.");
  return link;
}

/** A token is not to be used in another user's session. */
function compareUsers({ tokens, sessions, log }: Installed, link: Link): void {
  if (tokens === undefined || sessions === undefined) return;
  if (!sessions.hasUsers) {
    log.warnOnce(
      "together:users",
      'With authenticateToken and shareSession on one server, a token is let in with another user\'s session, as shareSession has no "identify" to compare the two by. Give it: the user as the subject of the token names him.',
    );
    return;
  }
  const [subject, user] = [tokens.identityOf(link), sessions.userOf(link)];
  if (user === undefined || user === subject) return;
  throw new TokenError("invalid_token", "The token and the session are of two users.");
}

/** Who asks, before there is a socket. The reason of a refusal is left to `admitSocket`. */
async function identityBehind(
  installed: Installed,
  conn: EngineConnection,
  auth: object,
): Promise<string | undefined> {
  try {
    return identityOf(installed, await admit(installed, conn, auth));
  } catch {
    return undefined;
  }
}

/** How much of a name is written into a line: clients choose the names that a pattern allows. */
const LONGEST_NAME = 100;

/** A namespace as it is named in a line of the log. Never a part of a key under which something is kept. */
function quoteName({ name }: { readonly name: string }): string {
  return JSON.stringify(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name);
}
