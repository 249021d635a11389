import type { DefaultEventsMap, EventsMap } from "@socket.io/component-emitter";
import {
  createComponent,
  createContext,
  createEffect,
  createMemo,
  createSignal,
  type JSX,
  onCleanup,
  onMount,
  sharedConfig,
  useContext,
} from "solid-js";
import { isServer } from "solid-js/web";
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

/** What {@link createConnectionContext} makes. */
export interface ConnectionContext<ListenEvents extends EventsMap, EmitEvents extends EventsMap> {
  /** Gives the connection to all components below. It does not end it: the code that made it disposes of it. */
  ConnectionProvider(props: {
    connection: Connection<ListenEvents, EmitEvents>;
    children?: JSX.Element;
  }): JSX.Element;
  /**
   * The connection of the nearest provider above.
   *
   * @throws `Error` where there is none.
   */
  useConnection(): Connection<ListenEvents, EmitEvents>;
}

/**
 * Makes a provider and its hook, for the connection of a part of the tree. Call it once, at module level, with the event
 * maps of the application: every component below gets a connection with these types.
 *
 * @example
 * ```ts
 * import { createConnectionContext } from "socket-rotor/solid";
 *
 * interface ServerToClient {
 *   message(line: string): void;
 * }
 *
 * export const { ConnectionProvider, useConnection } = createConnectionContext<ServerToClient>();
 * ```
 */
export function createConnectionContext<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
>(): ConnectionContext<ListenEvents, EmitEvents> {
  const Context = createContext<Connection<ListenEvents, EmitEvents>>();
  return {
    ConnectionProvider: (props) =>
      createComponent(Context.Provider, {
        get value() {
          return props.connection;
        },
        get children() {
          return props.children;
        },
      }),
    useConnection() {
      const connection = useContext(Context);
      if (connection) return connection;
      throw new Error("useConnection() found no ConnectionProvider above it.");
    },
  };
}

/**
 * The connection's snapshot, or what the selector takes from it, as a signal: what reads it runs again only when it
 * changes. On a server, and while the page is hydrated, it is `idle`.
 *
 * @param connection - The connection, or a signal of it. `undefined` counts as `idle`, such as a connection of
 *   {@link useOwnedConnection} before it is made.
 * @param select - May read other signals as well.
 * @param isEqual - Whether two selected values are the same; `===` by default. Give one for a selector that makes objects.
 * @example
 * ```ts
 * import type { Connection } from "socket-rotor";
 * import { useConnectionSnapshot } from "socket-rotor/solid";
 *
 * export function useIsOnline(connection: Connection): () => boolean {
 *   return useConnectionSnapshot(connection, ({ status }) => status === "connected" || status === "rotating");
 * }
 * ```
 */
export function useConnectionSnapshot(
  connection: MaybeGetter<SnapshotSource | undefined>,
): () => ConnectionSnapshot;
export function useConnectionSnapshot<Selected>(
  connection: MaybeGetter<SnapshotSource | undefined>,
  select: (snapshot: ConnectionSnapshot) => Selected,
  isEqual?: (before: Selected, now: Selected) => boolean,
): () => Selected;
export function useConnectionSnapshot(
  connection: MaybeGetter<SnapshotSource | undefined>,
  select: (snapshot: ConnectionSnapshot) => unknown = whole,
  equals?: (before: unknown, now: unknown) => boolean,
): () => unknown {
  const snapshotOf = createMemo(() => {
    const current = readNow(connection) ?? NO_CONNECTION;
    if (isServer) return current.getServerSnapshot;
    // What the server has shown is kept as it is, until it changes.
    const isHydrated = sharedConfig.context !== undefined;
    const [snapshot, setSnapshot] = createSignal(
      isHydrated ? current.getServerSnapshot() : current.getSnapshot(),
    );
    const update = (): void => void setSnapshot(current.getSnapshot());
    if (isHydrated) onMount(update);
    onCleanup(current.subscribe(update));
    return snapshot;
  });
  return createMemo(() => select(snapshotOf()()), undefined, equals && { equals });
}

/**
 * Listens to an event of the server's, or to `connect`, `disconnect`, `dropped` or `connect_error`, from the mount of the
 * component to its end.
 *
 * @param socket - `connection.socket`, or the socket of another namespace; or a signal of it. `undefined` has no events.
 * @example
 * ```ts
 * import type { Connection } from "socket-rotor";
 * import { useSocketEvent } from "socket-rotor/solid";
 * import { createSignal } from "solid-js";
 *
 * export function useLines({ socket }: Connection<{ message(line: string): void }>): () => readonly string[] {
 *   const [lines, setLines] = createSignal<readonly string[]>([]);
 *   useSocketEvent(socket, "message", (line) => setLines([...lines(), line]));
 *   return lines;
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
  createEffect(() => {
    onCleanup(listen(readNow(socket), event, listener));
  });
}

/**
 * A connection that lives as long as the component: made when it is mounted, disposed of when it is gone. It is
 * `undefined` before that and on a server. Where the component waits for a resource under `<Suspense>`, it is made after
 * that.
 *
 * @param make - Makes the connection. To connect elsewhere, show the component anew, such as with a keyed `<Show>`.
 * @example
 * ```ts
 * import { createConnection, webStorage } from "socket-rotor";
 * import { useConnectionSnapshot, useOwnedConnection } from "socket-rotor/solid";
 *
 * export function Widget() {
 *   const connection = useOwnedConnection(() =>
 *     createConnection({ url: "https://api.example.com", storage: webStorage("accessToken") }),
 *   );
 *   return useConnectionSnapshot(connection, ({ status }) => status);
 * }
 * ```
 */
export function useOwnedConnection<ListenEvents extends EventsMap, EmitEvents extends EventsMap>(
  make: () => Connection<ListenEvents, EmitEvents>,
): () => Connection<ListenEvents, EmitEvents> | undefined {
  const [owned, setOwned] = createSignal<Connection<ListenEvents, EmitEvents>>();
  onMount(() => {
    const made = make();
    setOwned(() => made);
    onCleanup(() => made.dispose());
  });
  return owned;
}
