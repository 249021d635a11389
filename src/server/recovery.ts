import { randomUUID } from "node:crypto";
import { isFunction, property } from "../value.js";
import { optionOf } from "./socket-io-private.js";
import type { SocketIoNamespace, SocketIoServer } from "./socket-io-types.js";
import { dataToKeep } from "./tokens/credential.js";

const LONGEST_NAME = 200;

/** Lets nobody resume the connection of another user. */
export interface RecoveryGuard {
  /**
   * Answers with the `auth` payload to go on with. Socket.IO writes the packets that were missed before any middleware
   * runs, so a client that wants to resume is verified before Socket.IO looks for what there is to resume.
   *
   * @param verify - Resolves with the subject, or with `undefined` where the token is refused.
   */
  prepare(auth: object, verify: () => Promise<string | undefined>): object | Promise<object>;
}

/** What a client asked for, under a name that nobody else has. */
interface Ticket {
  readonly pid: string;
  readonly subject: string;
}

export function guardRecovery(namespace: SocketIoNamespace): RecoveryGuard {
  const tickets = new Map<unknown, Ticket>();
  const guarded = new WeakSet<object>();

  /** Anew for each adapter, as the application may set another one. */
  const guardAdapter = (): void => {
    const adapter: unknown = Reflect.get(namespace, "adapter");
    const restore = property(adapter, "restoreSession");
    const persist = property(adapter, "persistSession");
    if (typeof adapter !== "object" || adapter === null || guarded.has(adapter)) return;
    if (!isFunction(restore) || !isFunction(persist)) return;
    guarded.add(adapter);
    // What the token that was has put there is no more than that token's: the next one puts its own.
    Reflect.set(adapter, "persistSession", (session: object) => {
      const socket = namespace.sockets.get(String(property(session, "sid")));
      const kept = socket === undefined ? session : { ...session, data: dataToKeep(socket) };
      return Reflect.apply(persist, adapter, [kept]);
    });
    Reflect.set(adapter, "restoreSession", async (name: unknown, offset: unknown) => {
      const ticket = tickets.get(name);
      tickets.delete(name);
      if (ticket === undefined) return null;
      const session: unknown = await Reflect.apply(restore, adapter, [ticket.pid, offset]);
      return property(property(session, "data"), "identity") === ticket.subject ? session : null;
    });
  };

  return {
    prepare(auth, verify) {
      guardAdapter();
      const { pid, offset, ...rest }: { pid?: unknown; offset?: unknown } = auth;
      if (pid === undefined) return auth;
      // Socket.IO looks at strings alone, but sees a name of ours in the place of it.
      if (!isName(pid) || !isName(offset)) return rest;
      return verify().then((subject) => {
        if (subject === undefined) return rest;
        const name = randomUUID();
        tickets.set(name, { pid, subject });
        // Without recovery, Socket.IO never asks.
        setImmediate(() => tickets.delete(name));
        return { ...rest, pid: name, offset };
      });
    },
  };
}

/** Whether it can be the name of a connection or of a packet, all of which are short: it is kept while we verify. */
function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= LONGEST_NAME;
}

/**
 * By default Socket.IO runs no middleware for a recovered socket, which would keep its user. `checkSetup` warns of
 * it.
 */
export function verifyRecovered(io: SocketIoServer): void {
  const recovery = optionOf(io, "connectionStateRecovery");
  if (typeof recovery === "object" && recovery !== null) Reflect.set(recovery, "skipMiddlewares", false);
}
