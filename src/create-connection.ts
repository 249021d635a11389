import type { DefaultEventsMap, EventsMap } from "@socket.io/component-emitter";
import { type Actor, createActor, type InspectionEvent } from "xstate";
import { connectionMachine } from "../machines/index.js";
import { assemble, type Parts } from "./assemble.js";
import type { Connection } from "./connection.js";
import { ConnectionError } from "./errors.js";
import type { ConnectionOptions } from "./options.js";
import { callSafely, reportError } from "./report-error.js";
import { type ConnectionSnapshot, readValue, SERVER_SNAPSHOT } from "./snapshot.js";
import { createSockets } from "./socket/sockets.js";

/**
 * Makes a connection that always carries the right credential, and starts it unless `autoConnect` is false.
 *
 * It follows the token in `storage`: a new one rotates the connection, a removed one tears it down. Listeners and
 * unsent messages stay; nothing of one user reaches another. Whoever makes it calls `dispose()` in the end.
 *
 * @param options - Where to connect and where the token lives; all times are milliseconds.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`, naming the option and what it takes; nothing is started.
 * @example
 * ```ts
 * import { createConnection, webStorage } from "socket-rotor";
 *
 * const connection = createConnection({
 *   url: "https://api.example.com",
 *   storage: webStorage("accessToken"),
 * });
 * connection.socket.on("message", (text) => console.log(text));
 * connection.subscribe(() => console.log(connection.status));
 * ```
 */
export function createConnection<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
>(options: ConnectionOptions): Connection<ListenEvents, EmitEvents> {
  const parts = assemble(options);
  const { source, refresher, clock } = parts;
  const of = createSockets(parts.channel, parts.options.ackTimeout, clock);
  const actor: Actor<typeof connectionMachine> = createActor(connectionMachine.provide(parts.provided), {
    clock,
    inspect: (event) => observe(event, parts),
  });
  const listeners = new Set<() => void>();
  let snapshot = takeSnapshot(actor, parts, undefined);
  let isDisposed = false;

  const update = (): void => {
    const next = takeSnapshot(actor, parts, snapshot);
    if (next === snapshot) return;
    snapshot = next;
    for (const listener of [...listeners]) callSafely(listener);
  };
  const dispose = (): void => {
    if (isDisposed) return;
    isDisposed = true;
    actor.stop();
    parts.stop();
    snapshot = { ...SERVER_SNAPSHOT, since: clock.now() };
    for (const listener of [...listeners]) callSafely(listener);
    listeners.clear();
  };
  const check = (): void => {
    if (isDisposed) throw disposed();
  };

  actor.subscribe({
    next: update,
    error(error) {
      dispose();
      reportError(error);
    },
  });
  actor.start();
  if (parts.options.autoConnect) actor.send({ type: "connect" });

  const connection: Omit<Connection<ListenEvents, EmitEvents>, typeof Symbol.dispose> = {
    socket: of<ListenEvents, EmitEvents>(parts.options.namespace),
    of<Listen extends EventsMap, Emit extends EventsMap>(namespace: string) {
      check();
      return of<Listen, Emit>(namespace);
    },
    actor,
    get status() {
      return snapshot.status;
    },
    getSnapshot: () => snapshot,
    getServerSnapshot: () => SERVER_SNAPSHOT,
    subscribe(listener) {
      check();
      // One entry a call, so that the same function may be subscribed twice.
      const entry = (): void => listener();
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
    async whenConnected({ signal } = {}) {
      check();
      signal?.throwIfAborted();
      if (snapshot.status === "connected") return;
      await new Promise<void>((resolve, reject) => {
        const end = (): void => {
          listeners.delete(look);
          signal?.removeEventListener("abort", onAbort);
        };
        const onAbort = (): void => {
          end();
          reject(signal?.reason);
        };
        const look = (): void => {
          if (!isDisposed && snapshot.status !== "connected") return;
          end();
          if (isDisposed) reject(disposed());
          else resolve();
        };
        listeners.add(look);
        signal?.addEventListener("abort", onAbort);
      });
    },
    connect() {
      check();
      actor.send({ type: "connect" });
    },
    disconnect() {
      check();
      actor.send({ type: "disconnect" });
    },
    async login(token) {
      check();
      await source.login(token);
    },
    async logout() {
      check();
      await source.logout();
    },
    async refresh() {
      check();
      if (!refresher) {
        throw new ConnectionError(
          "ERR_NO_REFRESH",
          'refresh() needs the "refresh" option: a function that answers with another token.',
        );
      }
      // A newer token is being put in force already.
      if (snapshot.status === "rotating") return;
      actor.send({ type: "refresh" });
      await refresher.outcome();
    },
    dispose,
  };
  return Object.assign(connection, { [Symbol.dispose ?? "dispose"]: dispose });
}

function disposed(): ConnectionError {
  return new ConnectionError(
    "ERR_DISPOSED",
    "The connection was disposed of. Make a new one with createConnection().",
  );
}

/** What has become of the connection; the same object where nothing has. */
function takeSnapshot(
  actor: Actor<typeof connectionMachine>,
  { vault, failures, pacing, clock }: Parts,
  last: ConnectionSnapshot | undefined,
): ConnectionSnapshot {
  const state = actor.getSnapshot();
  const { status, detail } = readValue(state);
  const { attempt, code } = state.context;
  const error = code === null ? undefined : failures.recall(code);
  const { expiresAt } = vault;
  const isSame = last?.status === status && last.detail === detail;
  const isWaitingAnew = detail === "waiting" && (!isSame || last.attempt !== attempt);
  if (
    isSame &&
    !isWaitingAnew &&
    last.attempt === attempt &&
    last.error === error &&
    last.expiresAt === expiresAt
  ) {
    return last;
  }
  const since = isSame && !isWaitingAnew ? last.since : clock.now();
  return {
    status,
    detail,
    since,
    attempt,
    ...(error && { error }),
    ...(detail === "waiting" && { retryAt: since + pacing.last }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

/** Passes inspection on to the application, and writes a line for each transition. */
function observe(event: InspectionEvent, { options, log }: Parts): void {
  const { inspect } = options;
  if (inspect) callSafely(() => (typeof inspect === "function" ? inspect(event) : inspect.next?.(event)));
  const isRoot = event.actorRef.sessionId === event.rootId;
  if (event.type !== "@xstate.microstep" || !isRoot || !("value" in event.snapshot)) return;
  const state = describe(event.snapshot.value);
  log.debug(`${event.event.type} → ${state}`);
  if (state === "loggedOut.signedOut") {
    log.infoOnce(
      "signed-out",
      "The storage holds no token, so there is no connection until somebody signs in. Guests need a guest token, or a plain io().",
    );
  }
}

/** A state's value as a path, such as `rotating.replacing.settling`. */
function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, child]) => `${name}.${describe(child)}`)
    .join(" ");
}
