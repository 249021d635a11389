import type { DefaultEventsMap, EventsMap } from "@socket.io/component-emitter";
import {
  type ComputedRef,
  computed,
  getCurrentInstance,
  type InjectionKey,
  inject,
  type MaybeRefOrGetter,
  onMounted,
  onUnmounted,
  provide,
  type ShallowRef,
  shallowRef,
  toValue,
  watchPostEffect,
} from "vue";
import type { Connection } from "../connection.js";
import type { ConnectionSnapshot } from "../snapshot.js";
import type { RotorSocket } from "../sockets/rotor-socket.js";
import {
  listen,
  NO_CONNECTION,
  type SnapshotSource,
  type SocketEvent,
  type SocketListener,
  whole,
} from "./shared.js";

export type { SnapshotSource, SocketEvent, SocketListener } from "./shared.js";

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
 * Makes a pair of `provide` and `inject`, for the connection of a part of the tree. Call it once, in a module, with the
 * event maps of the application: every component below gets a connection with these types.
 *
 * @example
 * ```ts
 * import { createConnectionContext } from "socket-rotor/vue";
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
  const key: InjectionKey<Connection<ListenEvents, EmitEvents>> = Symbol("connection");
  return {
    provideConnection: (connection) => provide(key, connection),
    useConnection() {
      const connection = inject(key);
      if (connection) return connection;
      throw new Error("useConnection() found no provideConnection() above it.");
    },
  };
}

/**
 * The connection's snapshot, or what the selector takes from it, as a computed ref: what reads it runs again only when it
 * changes. It follows the connection from the mount of the component to its end. On a server, and while the page is
 * hydrated, it is `idle`.
 *
 * @param connection - The connection, a ref of it or a getter. `undefined` counts as `idle`, such as a connection of
 *   {@link useOwnedConnection} before it is made.
 * @param select - May read other refs as well.
 * @param isEqual - Whether two selected values are the same; `Object.is` by default. Give one for a selector that makes
 *   objects.
 * @example
 * ```ts
 * import type { Connection } from "socket-rotor";
 * import { useConnectionSnapshot } from "socket-rotor/vue";
 * import type { Ref } from "vue";
 *
 * export function useIsOnline(connection: Connection): Readonly<Ref<boolean>> {
 *   return useConnectionSnapshot(connection, ({ status }) => status === "connected" || status === "rotating");
 * }
 * ```
 */
export function useConnectionSnapshot(
  connection: MaybeRefOrGetter<SnapshotSource | undefined>,
): ComputedRef<ConnectionSnapshot>;
export function useConnectionSnapshot<Selected>(
  connection: MaybeRefOrGetter<SnapshotSource | undefined>,
  select: (snapshot: ConnectionSnapshot) => Selected,
  isEqual?: (before: Selected, now: Selected) => boolean,
): ComputedRef<Selected>;
export function useConnectionSnapshot(
  connection: MaybeRefOrGetter<SnapshotSource | undefined>,
  select: (snapshot: ConnectionSnapshot) => unknown = whole,
  isEqual: (before: unknown, now: unknown) => boolean = Object.is,
): ComputedRef<unknown> {
  const source = (): SnapshotSource => toValue(connection) ?? NO_CONNECTION;
  // A component that takes over the element of the server begins with what the server has shown.
  const isHydrated = getCurrentInstance()?.vnode.el;
  const snapshot = shallowRef(isHydrated ? source().getServerSnapshot() : source().getSnapshot());
  // It does not run on a server, where nothing would end the subscription.
  watchPostEffect((onCleanup) => {
    const current = source();
    const update = (): void => {
      snapshot.value = current.getSnapshot();
    };
    update();
    onCleanup(current.subscribe(update));
  });
  let isFirst = true;
  return computed((before) => {
    const value = select(snapshot.value);
    if (!isFirst && isEqual(before, value)) return before;
    isFirst = false;
    return value;
  });
}

/**
 * Listens to an event of the server's, or to `connect`, `disconnect`, `dropped` or `connect_error`, from the mount of the
 * component to its end; in a `<KeepAlive>` also while it is not shown.
 *
 * @param socket - `connection.socket`, or the socket of another namespace; a ref of it or a getter. `undefined` has no
 *   events.
 * @example
 * ```ts
 * import type { Connection } from "socket-rotor";
 * import { useSocketEvent } from "socket-rotor/vue";
 * import { type Ref, ref } from "vue";
 *
 * export function useLines({ socket }: Connection<{ message(line: string): void }>): Ref<string[]> {
 *   const lines = ref<string[]>([]);
 *   useSocketEvent(socket, "message", (line) => lines.value.push(line));
 *   return lines;
 * }
 * ```
 */
export function useSocketEvent<
  ListenEvents extends EventsMap,
  EmitEvents extends EventsMap,
  Event extends SocketEvent<ListenEvents>,
>(
  socket: MaybeRefOrGetter<RotorSocket<ListenEvents, EmitEvents> | undefined>,
  event: Event,
  listener: SocketListener<ListenEvents, Event>,
): void;
export function useSocketEvent(
  socket: MaybeRefOrGetter<RotorSocket | undefined>,
  event: string,
  listener: (...args: unknown[]) => void,
): void {
  watchPostEffect((onCleanup) => onCleanup(listen(toValue(socket), event, listener)));
}

/**
 * A connection that lives as long as the component: made when it is mounted, disposed of when it is unmounted. It is
 * `undefined` before that and on a server. A component in a `<KeepAlive>` keeps it while it is not shown.
 *
 * @param make - Makes the connection. To connect elsewhere, give the component another `key`.
 * @example
 * ```ts
 * import { createConnection, webStorage } from "socket-rotor";
 * import { useConnectionSnapshot, useOwnedConnection } from "socket-rotor/vue";
 *
 * const connection = useOwnedConnection(() =>
 *   createConnection({ url: "https://api.example.com", storage: webStorage("accessToken") }),
 * );
 * const status = useConnectionSnapshot(connection, (snapshot) => snapshot.status);
 * ```
 */
export function useOwnedConnection<ListenEvents extends EventsMap, EmitEvents extends EventsMap>(
  make: () => Connection<ListenEvents, EmitEvents>,
): Readonly<ShallowRef<Connection<ListenEvents, EmitEvents> | undefined>> {
  const owned = shallowRef<Connection<ListenEvents, EmitEvents>>();
  onMounted(() => {
    owned.value = make();
  });
  onUnmounted(() => {
    owned.value?.dispose();
    owned.value = undefined;
  });
  return owned;
}
