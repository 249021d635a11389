import { createInspector } from "@statelyai/inspect";
import {
  type Connection,
  type ConnectionOptions,
  type ConnectionStatus,
  createConnection,
} from "socket-rotor";
import { explainTo, redact } from "socket-rotor/inspect";
import { connectionMachine, credentialMachine } from "socket-rotor/machines";
import { onTestFinished, vi } from "vitest";
import { type BreakableStorage, breakableStorage } from "../../support/fake-storages.js";
import { recordingLogger } from "../../support/recording-logger.js";
import type { CanaryServer } from "./server.js";

/** A connection of which everything that leaves the library is kept. */
export function watched(
  server: CanaryServer,
  first: string | null,
  options: Partial<ConnectionOptions>,
  hasLogger = true,
) {
  const left: Record<string, unknown[]> = {
    inspection: [],
    explained: [],
    inspected: [],
    console: [],
    errors: [],
    fired: [],
    snapshots: [],
    persisted: [],
  };
  const keep =
    (where: string) =>
    (value: unknown): unknown =>
      left[where]?.push(value);
  for (const method of ["debug", "info", "log", "warn", "error"] as const) {
    vi.spyOn(console, method).mockImplementation((...args) => keep("console")(args));
  }
  const explain = explainTo(keep("explained"));
  const { inspect: statelyInspect } = createInspector({ send: keep("inspected") }, { serialize: redact });
  const logger = recordingLogger();
  const storage = breakableStorage(first);
  const connection = createConnection({
    url: server.url,
    storage,
    ...(hasLogger && { logger }),
    inspect(event) {
      keep("inspection")(event);
      explain(event);
      statelyInspect.next?.(event);
    },
    reconnectionDelay: 1,
    reconnectionDelayMax: 1,
    ...options,
  });
  const snapshot = (): void => {
    keep("snapshots")(connection.getSnapshot());
    keep("persisted")([
      connection.actor.getPersistedSnapshot(),
      JSON.stringify(connection.actor),
      connection.actor.getSnapshot().context,
      connection.actor.getSnapshot().children.credential?.getSnapshot().context,
    ]);
  };
  snapshot();
  connection.subscribe(snapshot);
  for (const event of ["connect_error", "disconnect", "dropped"] as const) {
    connection.socket.on(event, (...args: unknown[]) => keep("fired")(args));
  }
  onTestFinished(() => {
    connection.dispose();
    vi.restoreAllMocks();
  });
  const all = (): unknown => ({
    ...left,
    log: logger.lines,
    requests: server.requests,
    machines: [connectionMachine, credentialMachine].map((machine) => [
      machine.toJSON(),
      JSON.stringify(machine.definition),
    ]),
  });
  return {
    connection,
    storage,
    left,
    all,
    failed: (promise: Promise<unknown>) => promise.then(() => {}, keep("errors")),
  };
}

/** Waits until the connection says so. */
export function until(
  connection: Connection,
  isSo: (at: { status: ConnectionStatus; detail: string; code: string | undefined }) => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      const { status, detail, error } = connection.getSnapshot();
      if (!isSo({ status, detail, code: error?.code })) return;
      end();
      resolve();
    };
    const end = connection.subscribe(look);
    look();
  });
}

export const connected = (connection: Connection): Promise<void> =>
  until(connection, ({ status, detail }) => status === "connected" && detail === "steady");

/** Breaks the storage with the words of `work`, until the library has heard of it. */
export async function unreadable(
  connection: Connection,
  storage: BreakableStorage,
  message: string,
): Promise<void> {
  storage.onRead = () => {
    throw new Error(message, { cause: message });
  };
  storage.signal();
  await until(connection, ({ code }) => code === "ERR_STORAGE_READ");
  storage.onRead = undefined;
  await connected(connection);
}
