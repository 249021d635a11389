import type { DefaultEventsMap, EventsMap } from "@socket.io/component-emitter";
import { createActor } from "xstate";
import { connectionMachine } from "../machines/index.js";
import { assemble } from "./assemble.js";
import type { Connection } from "./connection.js";
import {
  ConnectionError,
  callSafely,
  disposed,
  invalidOption,
  reasonOf,
  reportError,
  throwIfAborted,
} from "./errors.js";
import { createObserver } from "./observer.js";
import type { ConnectionOptions } from "./options.js";
import { type ConnectionSnapshot, SERVER_SNAPSHOT, takeSnapshot } from "./snapshot.js";
import { describeType, isFunction } from "./value.js";

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
 * connection.subscribe((snapshot) => console.log(snapshot.status));
 * ```
 */
export function createConnection<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
>(options: ConnectionOptions): Connection<ListenEvents, EmitEvents> {
  const parts = assemble(options, () => tell(look()));
  const { source, refresher, clock, of, turn } = parts;
  const actor = createActor(connectionMachine.provide(parts.provided), {
    clock,
    inspect: createObserver(parts),
  });
  // Behind a Proxy too, as XState itself does with `send`.
  for (const name of ["subscribe", "on", "getSnapshot"] as const)
    Object.assign(actor, { [name]: actor[name].bind(actor) });
  const listeners = new Set<(snapshot: ConnectionSnapshot) => void>();
  let snapshot = takeSnapshot(actor.getSnapshot(), parts, undefined);
  let isDisposed = false;

  let told = snapshot;
  /** The state as it is now, which in a listener of a socket is ahead of what subscribers were told. */
  const look = (): ConnectionSnapshot => {
    if (!isDisposed) snapshot = takeSnapshot(actor.getSnapshot(), parts, snapshot);
    return snapshot;
  };

  /** Tells subscribers of a state, one after another, even where it has gone on by then. */
  const tell = (news: ConnectionSnapshot): void =>
    turn.call(() => {
      if (news === told) return;
      told = news;
      for (const listener of [...listeners]) callSafely(listener, news);
    });
  const dispose = (): void => {
    if (isDisposed) return;
    isDisposed = true;
    turn.step(() =>
      turn.end(() => {
        actor.stop();
        parts.stop();
        snapshot = { ...SERVER_SNAPSHOT, since: clock.now() };
        tell(snapshot);
        turn.call(() => listeners.clear());
      }),
    );
  };
  const check = (isAllowed = false): void => {
    if (isDisposed && !isAllowed) throw disposed();
  };

  actor.subscribe({
    next: () => tell(look()),
    error(error) {
      dispose();
      reportError(error);
    },
  });
  const socket = of<ListenEvents, EmitEvents>(parts.options.namespace);
  turn.step(() => {
    actor.start();
    if (parts.options.autoConnect) socket.connect();
  });

  const connection: Omit<Connection<ListenEvents, EmitEvents>, typeof Symbol.dispose> = {
    socket,
    of<Listen extends EventsMap, Emit extends EventsMap>(namespace: string) {
      check();
      return of<Listen, Emit>(namespace);
    },
    actor,
    get status() {
      return look().status;
    },
    getSnapshot: look,
    getServerSnapshot: () => SERVER_SNAPSHOT,
    subscribe(listener) {
      if (!isFunction(listener))
        throw invalidOption(`subscribe() takes a function, but got ${describeType(listener)}.`);
      // Frameworks subscribe and unsubscribe in an order of their own, and there is nothing left to tell.
      if (isDisposed) return () => {};
      // One entry a call, so that the same function may be subscribed twice.
      const entry = (news: ConnectionSnapshot): void => {
        listener(news);
      };
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
    async whenConnected({ signal } = {}) {
      check();
      if (signal) throwIfAborted(signal);
      if (look().status === "connected") return;
      await new Promise<void>((resolve, reject) => {
        const end = (): void => {
          listeners.delete(onChange);
          signal?.removeEventListener("abort", onAbort);
        };
        const onAbort = (): void => {
          end();
          reject(signal && reasonOf(signal));
        };
        const onChange = (): void => {
          if (!isDisposed && look().status !== "connected") return;
          end();
          if (isDisposed) reject(disposed());
          else resolve();
        };
        listeners.add(onChange);
        signal?.addEventListener("abort", onAbort);
      });
    },
    connect() {
      check(turn.isEnding);
      socket.connect();
    },
    disconnect() {
      check(turn.isEnding);
      socket.disconnect();
    },
    login(...given) {
      try {
        check();
        // A token that is `undefined` by mistake must not put the last user's in force again.
        if (given.length > 0 && given[0] === undefined) {
          throw new ConnectionError(
            "ERR_INVALID_TOKEN",
            "login(token) takes a token that is a string, but got undefined.",
          );
        }
        // The very promise: between its end and what the application does then, no message comes.
        return source.login(given[0]);
      } catch (error) {
        return Promise.reject(error);
      }
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
      if (look().status === "rotating") return;
      turn.step(() => actor.send({ type: "refresh" }));
      // In a listener the statechart is in the middle of a step, and hears of it when that has ended.
      if (!refresher.isUnderWay) await Promise.resolve();
      await refresher.outcome();
    },
    dispose,
  };
  // Not a plain object: stores such as MobX's would make a copy, whose getters remember what they said first.
  Object.setPrototypeOf(connection, {});
  return Object.assign(connection, { [Symbol.dispose ?? "dispose"]: dispose });
}
