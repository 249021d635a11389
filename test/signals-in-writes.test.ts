import { createConnection, fromSubscription, type Refresh, type StorageAdapter } from "socket-rotor";
import { accept, fakeIo, simulatedClock } from "socket-rotor/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Answer, answer } from "./storage/adapters.js";
import { jwt } from "./tokens.js";

/** Lets every promise that is pending settle. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve();
}

/** A write that the test ends. */
interface Write {
  readonly token: string | null;
  /** It is stored by now; the adapter has yet to say so. */
  store(): void;
  /** Stores it, and the adapter says so. */
  land(): Promise<void>;
  fail(): Promise<void>;
}

/** An asynchronous storage, which reads what it holds at the time of the call and writes when the test says so. */
function heldStorage(first: string | null) {
  const listeners = new Set<() => void>();
  const writes: Write[] = [];
  const storage = {
    value: first,
    writes,
    /** What a read answers with instead; the test may keep it waiting. */
    onRead: undefined as (() => string | null | Promise<string | null>) | undefined,
    /** The adapter answers reads at once. */
    isSynchronous: false,
    credential: undefined as "cookie" | undefined,
    read(): string | null | Promise<string | null> {
      if (storage.onRead) return storage.onRead();
      return storage.isSynchronous ? storage.value : Promise.resolve(storage.value);
    },
    write(token: string | null): Promise<void> {
      const written = answer<void>();
      const store = (): void => {
        storage.value = token;
      };
      writes.push({
        token,
        store,
        async land() {
          store();
          written.resolve();
          await settled();
        },
        async fail() {
          written.reject(new Error("full"));
          await settled();
        },
      });
      return written.promise;
    },
    subscribe(listener: () => void): () => void {
      const entry = (): void => listener();
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    signal(): void {
      for (const listener of [...listeners]) listener();
    },
    /** Somebody else writes: the application by hand, or another tab. */
    set(token: string | null): void {
      storage.value = token;
      storage.signal();
    },
  };
  return storage;
}

const KINDS = {
  identified: (user: string, number: number) => jwt({ sub: user, jti: number }),
  opaque: (user: string, number: number) => `opaque-${user}-${number}`,
};

interface Options {
  kind?: keyof typeof KINDS;
  adapt?: (storage: ReturnType<typeof heldStorage>) => StorageAdapter;
}

/** Connected as alice, with her second token on its way into the storage where the test begins a write. */
async function connectedAsAlice({ kind = "identified", adapt = (storage) => storage as StorageAdapter }: Options = {}) {
  const issue = KINDS[kind];
  const storage = heldStorage(issue("alice", 1));
  const fresh: Answer<string | null> = answer();
  const refresh: Refresh = () => fresh.promise;
  const clock = simulatedClock();
  // It names whoever a token is for.
  const io = fakeIo((link) => {
    const token = link.present() && link.auth && "token" in link.auth ? String(link.auth.token) : "";
    const user = ["alice", "bob", "carol"].find((name) => token === issue(name, 1) || token === issue(name, 2) || token === issue(name, 3));
    if (kind === "identified") accept({ reauthenticate: true })(link);
    else link.accept({ reauthenticate: true, identity: `hash of ${user}` });
  });
  const connection = createConnection({
    url: "https://api.example.com",
    storage: adapt(storage),
    io,
    clock,
    refresh,
    logger: {},
    readTimeout: 5_000,
  });
  onTestFinished(() => connection.dispose());
  await connection.whenConnected();
  await settled();
  const dropped: unknown[] = [];
  connection.socket.on("dropped", (...args) => dropped.push(args));
  const begin = {
    async refresh() {
      connection.refresh().catch(() => {});
      await settled();
      fresh.resolve(issue("alice", 2));
      await settled();
    },
    async login() {
      connection.login(issue("alice", 2)).catch(() => {});
      await settled();
    },
  };
  return {
    connection,
    storage,
    io,
    clock,
    issue,
    fresh,
    dropped,
    begin,
    messages: () => io.log.filter(({ type }) => type === "message").map((entry) => "args" in entry && entry.args[0]),
  };
}

const CASES = (["identified", "opaque"] as const).flatMap((kind) =>
  (["refresh", "login"] as const).map((by) => ({ kind, by })),
);

describe.each(CASES)("while $by writes a token, $kind,", ({ kind, by }) => {
  test("F35 what is emitted as somebody whose sign-in is signalled never leaves as the one before", async () => {
    const { connection, storage, issue, begin, dropped, messages } = await connectedAsAlice({ kind });
    await begin[by]();
    storage.set(issue("bob", 1));
    connection.socket.emit("post", "bob's");
    await settled();
    connection.socket.emit("post", "bob's too");
    await storage.writes[0]?.land();
    expect(connection.status).toBe("connected");
    expect(messages()).toEqual([]);
    expect(dropped).toEqual([
      ["post", "ERR_IDENTITY_CHANGED"],
      ["post", "ERR_IDENTITY_CHANGED"],
    ]);
    connection.socket.emit("post", "alice's");
    await settled();
    expect(messages()).toEqual(["alice's"]);
  });
});
