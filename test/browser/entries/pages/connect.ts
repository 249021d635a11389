import { type Connection, createConnection, memoryStorage } from "socket-rotor";

export interface ServerToClient {
  tick(): void;
}

export interface ClientToServer {
  hello(name: string): void;
}

export type Shared = Connection<ServerToClient, ClientToServer>;

/** Makes a connection, to the server that the page comes from. */
export function connect(autoConnect = true): Shared {
  return createConnection<ServerToClient, ClientToServer>({
    url: globalThis.location?.origin ?? "https://api.example.com",
    storage: memoryStorage("ada"),
    socketOptions: { transports: ["websocket"] },
    autoConnect,
  });
}

/** Disconnects and connects again. */
export function goAway({ socket }: Shared): void {
  socket.disconnect();
  socket.connect();
}

/** Signs out with a message that has not left. */
export function signOut(connection: Shared): void {
  connection.logout().catch(console.error);
  connection.socket.emit("hello", "nobody");
}

/** Where a page shows its scenario. */
export function root(): HTMLElement {
  const found = document.querySelector<HTMLElement>("#root");
  if (found === null) throw new Error("The page has no element #root.");
  return found;
}

/** Counts, as the attribute `data-<name>` of the page. */
export function count(name: string): void {
  const { dataset } = document.documentElement;
  dataset[name] = String(Number(dataset[name] ?? 0) + 1);
}

/** What the address asks for. */
export function asked(): { scenario: string; isRendered: boolean } {
  const query = new URLSearchParams(location.search);
  return { scenario: query.get("scenario") ?? "", isRendered: query.has("rendered") };
}

/** A promise that is resolved from outside. */
export function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((onValue) => {
    resolve = onValue;
  });
  return { promise, resolve };
}

/** Whether a scenario is about a connection of a component's own; the others are given one. */
export const isAlone = (scenario: string): boolean => ["owned", "suspended", "wrong"].includes(scenario);
