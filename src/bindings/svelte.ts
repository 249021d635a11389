import type { DefaultEventsMap, EventsMap } from "@socket.io/component-emitter";
import { getContext, onMount, setContext } from "svelte";
import { createSubscriber } from "svelte/reactivity";
import { fromStore, toStore, writable } from "svelte/store";
import type { Connection } from "../connection.js";
import type { ConnectionSnapshot } from "../snapshot.js";
import type { RotorSocket } from "../sockets/rotor-socket.js";
import {
  listen,
  type MaybeGetter,
  NO_CONNECTION,
  readNow,
  type SnapshotSource,
  type SocketEvent,
  type SocketListener,
  whole,
} from "./shared.js";

export type { MaybeGetter, SnapshotSource, SocketEvent, SocketListener } from "./shared.js";

/** A value as of now: what reads `current` in a template, a `$derived` or an `$effect` runs again when it changes. */
export interface Current<Value> {
  readonly current: Value;
}

/** What {@link createConnectionContext} makes. */
export interface ConnectionContext<ListenEvents extends EventsMap, EmitEvents extends EventsMap> {
  /** Gives the connection to all components below. It does not end it: the code that made it disposes of it. */
  provideConnection(connection: Connection<ListenEvents, EmitEvents>): void;
  /**
   * The connection of the nearest component above that provides one.
   *
   * @throws `Error` where there is none.
   */
  useConnection(): Connection<ListenEvents, EmitEvents>;
}

/**
 * Makes a typed pair of `setContext` and `getContext`, for the connection of a part of the tree. Call it once, in a module, with the
 * event maps of the application: every component below gets a connection with these types.
 *
 * @example
 * ```ts
 * import { createConnectionContext } from "socket-rotor/svelte";
 *
 * interface ServerToClient {
 *   message(line: string): void;
 * }
 *
 * export const { provideConnection, useConnection } = createConnectionContext<ServerToClient>();
 * ```
 */
export function createConnectionContext<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
>(): ConnectionContext<ListenEvents, EmitEvents> {
  const key = Symbol("connection");
  return {
    provideConnection: (connection) => void setContext(key, connection),
    useConnection() {
      const connection = getContext<Connection<ListenEvents, EmitEvents> | undefined>(key);
      if (connection) return connection;
      throw new Error("useConnection() found no provideConnection() above it.");
    },
  };
}

/**
 * The connection's snapshot, or what the selector takes from it: what reads `current` runs again only when it changes. It
 * follows the connection while anything reads it, in a component or in an effect.
 *
 * @param connection - The connection, or a function that reads it. `undefined` counts as `idle`, such as a connection of
 *   {@link useOwnedConnection} before it is made.
 * @param select - May read `$state` as well.
 * @param isEqual - Whether two selected values are the same; `Object.is` by default. Give one for a selector that makes
 *   objects.
 * @example
 * ```ts
 * import type { Connection } from "socket-rotor";
 * import { type Current, useConnectionSnapshot } from "socket-rotor/svelte";
 *
 * export function useIsOnline(connection: Connection): Current<boolean> {
 *   return useConnectionSnapshot(connection, ({ status }) => status === "connected" || status === "rotating");
 * }
 * ```
 */
export function useConnectionSnapshot(
  connection: MaybeGetter<SnapshotSource | undefined>,
): Current<ConnectionSnapshot>;
export function useConnectionSnapshot<Selected>(
  connection: MaybeGetter<SnapshotSource | undefined>,
  select: (snapshot: ConnectionSnapshot) => Selected,
  isEqual?: (before: Selected, now: Selected) => boolean,
): Current<Selected>;
export function useConnectionSnapshot(
  connection: MaybeGetter<SnapshotSource | undefined>,
  select: (snapshot: ConnectionSnapshot) => unknown = whole,
  isEqual: (before: unknown, now: unknown) => boolean = Object.is,
): Current<unknown> {
  let followed: SnapshotSource | undefined;
  let follow = (): void => {};
  let selected: { value: unknown } | undefined;
  /** The same object while the value is the same. */
  const selectFrom = (source: SnapshotSource): { value: unknown } => {
    const value = select(source.getSnapshot());
    if (!selected || !isEqual(selected.value, value)) selected = { value };
    return selected;
  };
  return {
    get current() {
      const source = readNow(connection) ?? NO_CONNECTION;
      if (source !== followed) {
        followed = source;
        follow = createSubscriber((update) => {
          let told = selectFrom(source);
          return source.subscribe(() => {
            const now = selectFrom(source);
            if (now === told) return;
            told = now;
            update();
          });
        });
      }
      follow();
      return selectFrom(source).value;
    },
  };
}

/**
 * Listens to an event of the server's, or to `connect`, `disconnect`, `dropped` or `connect_error`, from the mount of the
 * component to its end.
 *
 * @param socket - `connection.socket`, or the socket of another namespace; or a function that reads it. `undefined` has no
 *   events.
 * @example
 * ```ts
 * import type { Connection } from "socket-rotor";
 * import { useSocketEvent } from "socket-rotor/svelte";
 *
 * export function useLog({ socket }: Connection<{ message(line: string): void }>): void {
 *   useSocketEvent(socket, "message", (line) => console.log(line));
 * }
 * ```
 */
export function useSocketEvent<
  ListenEvents extends EventsMap,
  EmitEvents extends EventsMap,
  Event extends SocketEvent<ListenEvents>,
>(
  socket: MaybeGetter<RotorSocket<ListenEvents, EmitEvents> | undefined>,
  event: Event,
  listener: SocketListener<ListenEvents, Event>,
): void;
export function useSocketEvent(
  socket: MaybeGetter<RotorSocket | undefined>,
  event: string,
  listener: (...args: unknown[]) => void,
): void {
  onMount(() => {
    let leave = (): void => {};
    const end = toStore(() => readNow(socket)).subscribe((current) => {
      leave();
      leave = listen(current, event, listener);
    });
    return () => {
      end();
      leave();
    };
  });
}

/**
 * A connection that lives as long as the component: made when it is mounted, disposed of when it is gone. `current` is
 * `undefined` before that and on a server.
 *
 * @param make - Makes the connection. To connect elsewhere, show the component anew, such as in a `{#key}` block.
 * @example
 * ```ts
 * import { createConnection, webStorage } from "socket-rotor";
 * import { useConnectionSnapshot, useOwnedConnection } from "socket-rotor/svelte";
 *
 * const owned = useOwnedConnection(() =>
 *   createConnection({ url: "https://api.example.com", storage: webStorage("accessToken") }),
 * );
 * const status = useConnectionSnapshot(() => owned.current, (snapshot) => snapshot.status);
 * ```
 */
export function useOwnedConnection<ListenEvents extends EventsMap, EmitEvents extends EventsMap>(
  make: () => Connection<ListenEvents, EmitEvents>,
): Current<Connection<ListenEvents, EmitEvents> | undefined> {
  const owned = writable<Connection<ListenEvents, EmitEvents> | undefined>();
  onMount(() => {
    const made = make();
    owned.set(made);
    return () => {
      made.dispose();
      owned.set(undefined);
    };
  });
  return fromStore(owned);
}
