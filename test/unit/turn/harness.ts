import { type Connection, type ConnectionOptions, createConnection, type StorageAdapter } from "socket-rotor";
import { accept, type FakeIo, fakeIo, type SimulatedClock, simulatedClock } from "socket-rotor/testing";
import { onTestFinished } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";
import { jwt } from "../../support/tokens.js";

/** A token of a user. */
export const tokenOf = (user: string, number = 1): string => jwt({ sub: user, jti: number });

/** Whose a token is. */
export const userOf = (token: unknown): string | undefined =>
  ["alice", "bob", "carol"].find((user) =>
    Array.from({ length: 200 }, (_, number) => tokenOf(user, number)).includes(String(token)),
  );

/** What a place of the table may hook into, besides the listeners. */
interface Hooks {
  onRead?(): void;
  onWrite?(): void;
  onSubscribe?(): void;
}

/** A storage that others write as well. */
interface HookedStorage extends StorageAdapter {
  value: string | null;
  /** Somebody else writes. */
  set(token: string | null): void;
}

function hookedStorage(hooks: Hooks, isAsynchronous: boolean): HookedStorage {
  const listeners = new Set<() => void>();
  const answer = <T>(value: T): T | Promise<T> => (isAsynchronous ? Promise.resolve(value) : value);
  const storage: HookedStorage = {
    value: tokenOf("alice"),
    read() {
      hooks.onRead?.();
      return answer(storage.value);
    },
    write(token) {
      hooks.onWrite?.();
      const store = (): void => {
        storage.value = token;
      };
      return isAsynchronous ? Promise.resolve().then(store) : store();
    },
    subscribe(onMaybeChanged) {
      hooks.onSubscribe?.();
      const entry = (): void => onMaybeChanged();
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    set(token) {
      storage.value = token;
      for (const listener of [...listeners]) listener();
    },
  };
  return storage;
}

/** A connection of alice's over a fake server, and what the table asks of it. */
export interface Harness {
  connection: Connection;
  io: FakeIo;
  storage: HookedStorage;
  clock: SimulatedClock;
  /** Where the place hooks in. */
  hooks: Hooks;
  /** The network, or the page, is back. */
  resume(): void;
  /** Goes on to the next link that the server has accepted. */
  reconnected(): Promise<void>;
  /** As whom the server had let in the link of each message with this event, and in which namespace it was. */
  arrived(event: string): { user: unknown; namespace: string }[];
}

export async function connectedHarness(
  options: Partial<ConnectionOptions> = {},
  isAsynchronous = false,
): Promise<Harness> {
  const hooks: Hooks = {};
  const storage = hookedStorage(hooks, isAsynchronous);
  const io = fakeIo(accept({ reauthenticate: true }));
  const clock = simulatedClock();
  const signals = new Set<(signal: "page.resumed") => void>();
  let fresh = 100;
  const connection = createConnection({
    url: "https://api.example.com",
    storage,
    io,
    clock,
    environment: {
      subscribe(onSignal) {
        signals.add(onSignal);
        return () => void signals.delete(onSignal);
      },
    },
    refresh: async () => {
      fresh += 1;
      return tokenOf(userOf(storage.value) ?? "alice", fresh);
    },
    logger: {},
    ackTimeout: Number.POSITIVE_INFINITY,
    ...options,
  });
  onTestFinished(() => connection.dispose());
  await connection.whenConnected();
  await promisesSettled();
  const harness: Harness = {
    connection,
    io,
    storage,
    clock,
    hooks,
    resume() {
      for (const signal of signals) signal("page.resumed");
    },
    async reconnected() {
      for (let look = 0; look < 20; look += 1) {
        await promisesSettled();
        if (connection.status === "connected") return;
        if (Number.isFinite(clock.untilNext)) clock.advance(clock.untilNext);
      }
    },
    arrived(event) {
      const users = new Map<number, unknown>();
      const found: { user: unknown; namespace: string }[] = [];
      for (const entry of io.log) {
        if (entry.type === "handshake" || entry.type === "reauthentication")
          users.set(entry.link, userOf(entry.auth.token));
        if (entry.type === "message" && entry.event === event)
          found.push({ user: users.get(entry.link), namespace: entry.namespace });
      }
      return found;
    },
  };
  return harness;
}
