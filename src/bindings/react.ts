"use client";

import type { DefaultEventsMap, EventsMap } from "@socket.io/component-emitter";
import {
  createContext,
  createElement,
  type FunctionComponent,
  type ReactNode,
  useContext,
  useEffect,
  useInsertionEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
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
  ConnectionProvider: FunctionComponent<{
    connection: Connection<ListenEvents, EmitEvents>;
    children?: ReactNode;
  }>;
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
 * import { createConnectionContext } from "socket-rotor/react";
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
  const Context = createContext<Connection<ListenEvents, EmitEvents> | undefined>(undefined);
  return {
    ConnectionProvider: ({ connection, children }) =>
      createElement(Context.Provider, { value: connection }, children),
    useConnection() {
      const connection = useContext(Context);
      if (connection) return connection;
      throw new Error("useConnection() found no ConnectionProvider above it.");
    },
  };
}

/**
 * The connection's snapshot, or what the selector takes from it. The component renders again only when that changes. All
 * components see the same state in one rendering. On a server, and while the page is hydrated, it is `idle`.
 *
 * @param connection - `undefined` counts as `idle`, such as a connection of {@link useOwnedConnection} before it is made.
 * @param select - May be another function at each render.
 * @param isEqual - Whether two selected values are the same; `Object.is` by default. Give one for a selector that makes
 *   objects.
 * @example
 * ```ts
 * import type { Connection } from "socket-rotor";
 * import { useConnectionSnapshot } from "socket-rotor/react";
 *
 * export function useIsOnline(connection: Connection): boolean {
 *   return useConnectionSnapshot(connection, ({ status }) => status === "connected" || status === "rotating");
 * }
 * ```
 */
export function useConnectionSnapshot(connection: SnapshotSource | undefined): ConnectionSnapshot;
export function useConnectionSnapshot<Selected>(
  connection: SnapshotSource | undefined,
  select: (snapshot: ConnectionSnapshot) => Selected,
  isEqual?: (before: Selected, now: Selected) => boolean,
): Selected;
export function useConnectionSnapshot(
  connection: SnapshotSource = NO_CONNECTION,
  select: (snapshot: ConnectionSnapshot) => unknown = whole,
  isEqual: (before: unknown, now: unknown) => boolean = Object.is,
): unknown {
  const shown = useRef<{ value: unknown }>(undefined);
  // React reads several times in one rendering, and has to get the same object each time.
  const [read, readOnServer] = useMemo(() => {
    let last: ConnectionSnapshot | undefined;
    let selected = shown;
    const selectFrom = (snapshot: ConnectionSnapshot): unknown => {
      if (snapshot !== last) {
        last = snapshot;
        const value = select(snapshot);
        const before = selected.current;
        selected = { current: before && isEqual(before.value, value) ? before : { value } };
      }
      return selected.current?.value;
    };
    return [() => selectFrom(connection.getSnapshot()), () => selectFrom(connection.getServerSnapshot())];
  }, [connection, select, isEqual]);
  const value = useSyncExternalStore(connection.subscribe, read, readOnServer);
  useEffect(() => {
    shown.current = { value };
  }, [value]);
  return value;
}

/**
 * Listens to an event of the server's, or to `connect`, `disconnect`, `dropped` or `connect_error`, as long as the
 * component is there. The listener of the last rendering is called: it sees the newest props and state, and need not stay
 * the same function. Several events may come between two renderings, so set state by a function where it depends on the
 * state before.
 *
 * @param socket - `connection.socket`, or the socket of another namespace. `undefined` has no events.
 * @example
 * ```ts
 * import { useState } from "react";
 * import type { Connection } from "socket-rotor";
 * import { useSocketEvent } from "socket-rotor/react";
 *
 * export function useLines({ socket }: Connection<{ message(line: string): void }>): readonly string[] {
 *   const [lines, setLines] = useState<readonly string[]>([]);
 *   useSocketEvent(socket, "message", (line) => setLines((before) => [...before, line]));
 *   return lines;
 * }
 * ```
 */
export function useSocketEvent<
  ListenEvents extends EventsMap,
  EmitEvents extends EventsMap,
  Event extends SocketEvent<ListenEvents>,
>(
  socket: RotorSocket<ListenEvents, EmitEvents> | undefined,
  event: Event,
  listener: SocketListener<ListenEvents, Event>,
): void;
export function useSocketEvent(
  socket: RotorSocket | undefined,
  event: string,
  listener: (...args: unknown[]) => void,
): void {
  const newest = useRef(listener);
  // Before any other effect, so that none can emit what an old listener would hear.
  useInsertionEffect(() => {
    newest.current = listener;
  });
  useEffect(() => listen(socket, event, (...args) => newest.current(...args)), [socket, event]);
}

/**
 * A connection that lives as long as the component: made when it is mounted, disposed of when it is unmounted. It is
 * `undefined` in the first rendering and on a server. A hidden `<Activity>` ends it as well, and another one is made after
 * that. StrictMode, which mounts twice, has one made.
 *
 * @param make - Makes the connection, after the effects of the mount. What it throws goes to the error boundary. To connect
 *   elsewhere, give the component another `key`.
 * @example
 * ```ts
 * import { createConnection, webStorage } from "socket-rotor";
 * import { useConnectionSnapshot, useOwnedConnection } from "socket-rotor/react";
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
): Connection<ListenEvents, EmitEvents> | undefined {
  const [connection, setConnection] = useState<Connection<ListenEvents, EmitEvents>>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once a mount, by the newest `make` of that moment
  useEffect(() => {
    let own: Connection<ListenEvents, EmitEvents> | undefined;
    let isOver = false;
    // StrictMode ends the first mount before that: it would close a handshake that has just begun.
    queueMicrotask(() => {
      if (isOver) return;
      try {
        own = make();
        setConnection(own);
      } catch (error) {
        // To the nearest error boundary.
        setConnection(() => {
          throw error;
        });
      }
    });
    return () => {
      isOver = true;
      own?.dispose();
      setConnection(undefined);
    };
  }, []);
  return connection;
}
