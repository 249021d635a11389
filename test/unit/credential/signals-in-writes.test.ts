import { createConnection, fromSubscription, type Refresh, type StorageAdapter } from "socket-rotor";
import { accept, fakeIo, simulatedClock } from "socket-rotor/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Answer, answer } from "../../support/fake-storages.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { jwt } from "../../support/tokens.js";

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
          await promisesSettled();
        },
        async fail() {
          written.reject(new Error("full"));
          await promisesSettled();
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
async function connectedAsAlice({ kind = "identified", adapt = (storage) => storage }: Options = {}) {
  const issue = KINDS[kind];
  const storage = heldStorage(issue("alice", 1));
  const fresh: Answer<string | null> = answer();
  const refresh: Refresh = () => fresh.promise;
  const clock = simulatedClock();
  // It names the user whom a token is for.
  const io = fakeIo((link) => {
    const token = link.present() && link.auth && "token" in link.auth ? String(link.auth.token) : "";
    const user = ["alice", "bob", "carol"].find(
      (name) => token === issue(name, 1) || token === issue(name, 2) || token === issue(name, 3),
    );
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
  await promisesSettled();
  const dropped: unknown[] = [];
  connection.socket.on("dropped", (...args) => dropped.push(args));
  const begin = {
    async refresh() {
      connection.refresh().catch(() => {});
      await promisesSettled();
      fresh.resolve(issue("alice", 2));
      await promisesSettled();
    },
    async login() {
      connection.login(issue("alice", 2)).catch(() => {});
      await promisesSettled();
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
    messages: () =>
      io.log.filter(({ type }) => type === "message").map((entry) => "args" in entry && entry.args[0]),
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
    await promisesSettled();
    connection.socket.emit("post", "bob's too");
    await storage.writes[0]?.land();
    expect(connection.status).toBe("connected");
    expect(messages()).toEqual([]);
    expect(dropped).toEqual([
      ["post", "ERR_IDENTITY_CHANGED"],
      ["post", "ERR_IDENTITY_CHANGED"],
    ]);
    connection.socket.emit("post", "alice's");
    await promisesSettled();
    expect(messages()).toEqual(["alice's"]);
  });
});

describe("while a refreshed token is written", () => {
  /** Connected, and the write is under way. */
  async function writing(options?: Options) {
    const at = await connectedAsAlice(options);
    await at.begin.refresh();
    expect(at.storage.writes).toHaveLength(1);
    return at;
  }

  test("F35 in each namespace a message is dropped, an acknowledgement rejects, and a reply is not written", async () => {
    const at = await writing();
    const chat = at.connection.of("/chat");
    const droppedThere: unknown[] = [];
    chat.on("dropped", (...args: unknown[]) => droppedThere.push(args));
    await promisesSettled();
    let reply = (_: string): void => {};
    at.connection.socket.on("question", (answerIt: typeof reply) => {
      reply = answerIt;
    });
    const replies: unknown[] = [];
    at.io.last?.send("question", (given: unknown) => replies.push(given));
    at.storage.set(at.issue("bob", 1));
    const answered = at.connection.socket.emitWithAck("save", "bob's");
    answered.catch(() => {});
    chat.emit("post", "bob's");
    reply("bob's");
    await at.storage.writes[0]?.land();
    await expect(answered).rejects.toMatchObject({ code: "ERR_IDENTITY_CHANGED" });
    expect(droppedThere).toEqual([["post", "ERR_IDENTITY_CHANGED"]]);
    expect([replies, at.messages()]).toEqual([[], []]);
    reply("alice's");
    expect(replies).toEqual(["alice's"]);
  });

  test("F35 bob and then alice again, each signalled: what was emitted as bob is dropped", async () => {
    const at = await writing();
    at.storage.set(at.issue("bob", 1));
    at.connection.socket.emit("post", "bob's");
    at.storage.set(at.issue("alice", 3));
    await at.storage.writes[0]?.land();
    expect([at.messages(), at.dropped]).toEqual([[], [["post", "ERR_IDENTITY_CHANGED"]]]);
    expect(at.connection.status).toBe("connected");
  });

  test("F35 a token of the same user is no doubt", async () => {
    const at = await writing();
    at.storage.set(at.issue("alice", 3));
    at.connection.socket.emit("post", "alice's");
    await at.storage.writes[0]?.land();
    expect([at.messages(), at.dropped]).toEqual([["alice's"], []]);
  });

  test("F35 a removal: what was emitted after it is dropped", async () => {
    const at = await writing();
    at.storage.set(null);
    at.connection.socket.emit("post", "nobody's");
    await at.storage.writes[0]?.land();
    expect([at.messages(), at.dropped]).toEqual([[], [["post", "ERR_IDENTITY_CHANGED"]]]);
  });

  test("F35 logout() wins, and nothing leaves as anybody", async () => {
    const at = await writing();
    at.storage.set(at.issue("bob", 1));
    at.connection.socket.emit("post", "bob's");
    at.connection.logout().catch(() => {});
    await promisesSettled();
    await at.storage.writes[0]?.land();
    await at.storage.writes[1]?.land();
    expect([at.connection.status, at.storage.value, at.messages()]).toEqual(["loggedOut", null, []]);
    expect(at.dropped).toHaveLength(1);
  });

  test("F35 after login(bob), whose token waits for its turn, nothing leaves as alice", async () => {
    const at = await writing();
    const signedIn = at.connection.login(at.issue("bob", 1));
    at.connection.socket.emit("post", "bob's");
    await at.storage.writes[0]?.land();
    expect(at.messages()).toEqual([]);
    await at.storage.writes[1]?.land();
    await signedIn;
    expect([at.connection.status, at.dropped]).toEqual(["connected", []]);
    expect(at.io.log.filter(({ type }) => type === "message")).toMatchObject([
      { link: at.io.last?.number, args: ["bob's"] },
    ]);
    expect(at.io.last?.auth).toEqual({ token: at.issue("bob", 1) });
  });

  test("F35 login(bob) that cannot be stored: what was emitted as bob is dropped", async () => {
    const at = await writing();
    const signedIn = at.connection.login(at.issue("bob", 1));
    signedIn.catch(() => {});
    at.connection.socket.emit("post", "bob's");
    await at.storage.writes[0]?.land();
    await at.storage.writes[1]?.fail();
    await expect(signedIn).rejects.toMatchObject({ code: "ERR_STORAGE_WRITE" });
    expect([at.messages(), at.dropped]).toEqual([[], [["post", "ERR_IDENTITY_CHANGED"]]]);
  });

  test("F35 a write that fails leaves bob signed in, and what he emitted before that was known is not alice's", async () => {
    const at = await writing();
    at.storage.set(at.issue("bob", 1));
    at.connection.socket.emit("post", "bob's");
    await at.storage.writes[0]?.fail();
    expect([at.connection.status, at.messages()]).toEqual(["connected", []]);
    expect(at.io.last?.auth).toEqual({ token: at.issue("bob", 1) });
  });

  test("F35 a refreshed token that cannot be stored is not presented once bob was seen", async () => {
    const at = await writing();
    at.storage.set(at.issue("bob", 1));
    await promisesSettled();
    at.io.last?.drop("transport close");
    at.connection.connect();
    await at.storage.writes[0]?.fail();
    const presented = at.io.log.flatMap((entry) => (entry.type === "handshake" ? [entry.auth.token] : []));
    expect(presented).not.toContain(at.issue("alice", 2));
    expect(presented.at(-1)).toBe(at.issue("bob", 1));
  });

  test("F35 a write that is given up, and lands over bob before anybody has seen him", async () => {
    const at = await writing();
    at.clock.advance(5_000);
    await promisesSettled();
    const slow = answer<string | null>();
    at.storage.onRead = () => slow.promise;
    at.storage.set(at.issue("bob", 1));
    at.connection.socket.emit("post", "bob's");
    await at.storage.writes[0]?.land();
    at.storage.onRead = undefined;
    slow.resolve(at.issue("alice", 2));
    await promisesSettled();
    expect([at.connection.status, at.messages()]).toEqual(["connected", []]);
    expect(at.dropped).toEqual([["post", "ERR_IDENTITY_CHANGED"]]);
  });

  test("F35 a sign-in that was given up and lands after all is followed", async () => {
    const at = await connectedAsAlice();
    at.connection.login(at.issue("bob", 1)).catch(() => {});
    at.clock.advance(5_000);
    await promisesSettled();
    expect(at.io.last?.auth).toEqual({ token: at.issue("alice", 1) });
    await at.storage.writes[0]?.land();
    expect(at.io.last?.auth).toEqual({ token: at.issue("bob", 1) });
  });

  test("F35 a refreshed token that is stored over bob, who was seen, is followed again", async () => {
    const at = await connectedAsAlice();
    at.connection.refresh().catch(() => {});
    await promisesSettled();
    // Bob signs in, and the read of him has yet to answer when the write begins.
    const read = answer<string | null>();
    at.fresh.resolve(at.issue("alice", 2));
    for (let turn = 0; turn < 60 && at.storage.writes.length === 0; turn += 1) {
      await Promise.resolve();
      if (turn === 1) {
        at.storage.onRead = () => read.promise;
        at.storage.signal();
        at.storage.onRead = undefined;
      }
    }
    at.connection.socket.emit("post", "bob's");
    read.resolve(at.issue("bob", 1));
    await promisesSettled();
    await at.storage.writes[0]?.land();
    expect([at.connection.status, at.messages()]).toEqual(["connected", []]);
    expect(at.io.last?.auth).toEqual({ token: at.issue("alice", 2) });
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("busy");
      },
    ],
    ["rejects", () => Promise.reject(new Error("busy"))],
    ["hangs", () => new Promise<never>(() => {})],
    ["answers with something else", () => Promise.resolve(JSON.parse("42"))],
  ])("F35 where a read during the write %s, what is emitted after a signal is dropped", async (_, onRead) => {
    const at = await writing();
    at.storage.onRead = onRead;
    at.storage.set(at.issue("bob", 1));
    at.connection.socket.emit("post", "bob's");
    await promisesSettled();
    at.storage.onRead = undefined;
    await at.storage.writes[0]?.land();
    expect([at.messages(), at.dropped]).toEqual([[], [["post", "ERR_IDENTITY_CHANGED"]]]);
    expect(at.connection.status).toBe("connected");
  });

  test("F35 what waited before the signal still leaves where nobody could be seen", async () => {
    const at = await writing();
    at.io.last?.drop("transport close");
    at.connection.socket.emit("post", "alice's");
    at.storage.onRead = () => new Promise(() => {});
    at.storage.set(at.issue("bob", 1));
    at.connection.socket.emit("post", "bob's");
    at.storage.onRead = undefined;
    await at.storage.writes[0]?.land();
    at.clock.advance(60_000);
    await promisesSettled();
    expect([at.messages(), at.dropped]).toEqual([["alice's"], [["post", "ERR_IDENTITY_CHANGED"]]]);
  });

  test("F35 a storage that is read at once is asked before each message, also where nobody has signalled", async () => {
    const at = await connectedAsAlice({
      adapt: (storage) => Object.assign(storage, { isSynchronous: true }),
    });
    await at.begin.refresh();
    at.storage.value = at.issue("bob", 1);
    at.connection.socket.emit("post", "bob's");
    await at.storage.writes[0]?.land();
    expect([at.messages(), at.dropped]).toEqual([[], [["post", "ERR_IDENTITY_CHANGED"]]]);
  });

  test("F35 through fromSubscription() it is the same", async () => {
    const at = await writing({
      adapt: (storage) =>
        fromSubscription({
          read: () => storage.read(),
          write: (token) => storage.write(token),
          subscribe: (onMaybeChanged) => storage.subscribe(onMaybeChanged),
        }),
    });
    at.storage.set(at.issue("bob", 1));
    at.connection.socket.emit("post", "bob's");
    await at.storage.writes[0]?.land();
    expect([at.messages(), at.dropped]).toEqual([[], [["post", "ERR_IDENTITY_CHANGED"]]]);
  });

  test("an adapter that signals whenever it is read is not read without end", async () => {
    const at = await writing();
    let reads = 0;
    at.storage.onRead = () => {
      reads += 1;
      void Promise.resolve().then(() => at.storage.signal());
      return Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => at.storage.value);
    };
    at.storage.signal();
    for (let turn = 0; turn < 50; turn += 1) await promisesSettled();
    expect(reads).toBeLessThan(200);
    at.storage.onRead = undefined;
    await at.storage.writes[0]?.land();
  });
});

test("F35 the marker of another sign-in, while this tab writes its own: what was emitted since is dropped", async () => {
  const storage = heldStorage("first");
  const io = fakeIo((link) => void (link.present() && link.accept({ identity: "hash of alice" })));
  const connection = createConnection({
    url: "https://api.example.com",
    storage: { ...storage, credential: "cookie" },
    io,
    clock: simulatedClock(),
    logger: {},
  });
  onTestFinished(() => connection.dispose());
  await connection.whenConnected();
  await promisesSettled();
  const dropped: unknown[] = [];
  connection.socket.on("dropped", (...args) => dropped.push(args));
  // The server names the user, and this tab stores that for the others.
  const [announcing] = storage.writes;
  if (!announcing) connection.login().catch(() => {});
  await promisesSettled();
  storage.set("another sign-in");
  connection.socket.emit("post", "bob's");
  for (const write of storage.writes) await write.land();
  expect(io.log.filter(({ type }) => type === "message")).toEqual([]);
  expect(dropped).toEqual([["post", "ERR_IDENTITY_CHANGED"]]);
});

test.each(["within the write", "after it", "both, several times"] as const)(
  "F35 1,000 refreshes under traffic, over an adapter that echoes its own writes %s, drop nothing",
  async (when) => {
    let number = 1;
    let value = jwt({ sub: "alice", jti: number });
    const listeners = new Set<() => void>();
    const later = async (turns: number): Promise<void> => {
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    };
    const echo = (): void => {
      for (const listener of [...listeners]) listener();
    };
    const storage: StorageAdapter = {
      async read() {
        await later(2);
        return value;
      },
      async write(token) {
        await later(3);
        value = token ?? "";
        if (when !== "after it") echo();
        if (when === "both, several times") echo();
        await later(6);
        if (when === "within the write") return;
        void later(2).then(echo);
        void later(9).then(echo);
      },
      subscribe(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
    const io = fakeIo(accept({ reauthenticate: true }));
    const connection = createConnection({
      url: "https://api.example.com",
      storage,
      io,
      clock: simulatedClock(),
      async refresh() {
        number += 1;
        return jwt({ sub: "alice", jti: number });
      },
      logger: {},
    });
    onTestFinished(() => connection.dispose());
    await connection.whenConnected();
    const dropped: unknown[] = [];
    connection.socket.on("dropped", (...args) => dropped.push(args));
    let sent = 0;
    for (let refreshes = 0; refreshes < 1_000; refreshes += 1) {
      let isOver = false;
      const end = (): void => {
        isOver = true;
      };
      connection.refresh().then(end, end);
      while (!isOver) {
        connection.socket.emit("tick", sent);
        sent += 1;
        await Promise.resolve();
      }
    }
    await promisesSettled();
    await promisesSettled();
    const ticks = io.log.flatMap((entry) => (entry.type === "message" ? [entry.args[0]] : []));
    expect(number).toBe(1_001);
    expect(dropped).toEqual([]);
    expect(ticks).toEqual([...Array(sent).keys()]);
  },
);
