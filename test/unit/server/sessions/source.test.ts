import { createServer, type IncomingMessage } from "node:http";
import { Server } from "socket.io";
import {
  authenticateToken,
  checkSetup,
  type FoundSession,
  type SessionOptions,
  type SessionSource,
  type SourceOptions,
  shareSession,
  TokenError,
} from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import {
  connected,
  deferred,
  next,
  refused,
  serverSockets,
  tokenOf,
  userOf,
} from "../../../support/real-server.js";
import { thrown } from "../../../support/rejection.js";
import { untyped } from "../../../support/untyped.js";
import { createSessions, startSource } from "./source-fixture.js";

const transports = ["websocket", "polling"] as const;
const find = async (): Promise<FoundSession | null> => null;

describe.each(transports)("a session source over %s", (transport) => {
  test("finds the session by the handshake's request, once a connection, however much is sent", async () => {
    const { signIn, ...sessions } = createSessions();
    const cookies: unknown[] = [];
    const server = await startSource({
      find(request: IncomingMessage) {
        cookies.push([request.headers.cookie, request.url?.startsWith("/socket.io/")]);
        return sessions.find(request);
      },
    });
    for (const namespace of ["/", "/chat"]) {
      server.io.of(namespace).on("connection", (socket) => socket.on("hello", (answer) => answer()));
    }
    const cookie = signIn("alice", { data: { role: "admin" } });
    const { sockets } = await server.connect(cookie, { transports: [transport] }, ["/", "/chat"]);
    for (const socket of sockets) await socket.emitWithAck("hello");
    expect(cookies).toEqual([[cookie, true]]);
    for (const { data, handshake, request } of serverSockets(server.io)) {
      expect(data).toEqual({ identity: "alice", session: { role: "admin" } });
      expect(handshake.headers.cookie).toBeUndefined();
      expect(request.headers.cookie).toBe(cookie);
    }
    expect(server.lines.join("\n")).not.toContain(cookie.slice(4));
  });

  test("that finds nobody refuses with session_required, in every namespace", async () => {
    const server = await startSource({ find }, { before: (io) => io.of("/chat") });
    const client = server.client("sid=unknown", { transports: [transport] });
    for (const namespace of ["/", "/chat", "/rotor"]) {
      expect(await refused(client.join(namespace, {}))).toMatchObject({ error: "session_required" });
    }
    expect(serverSockets(server.io)).toEqual([]);
  });

  test("that throws signs nobody out: temporarily_unavailable, and the same connection may ask again", async () => {
    const { signIn, ...sessions } = createSessions();
    let isDown = true;
    const server = await startSource({
      find(request) {
        if (isDown) throw new RangeError("sid=secret");
        return sessions.find(request);
      },
    });
    const client = server.client(signIn("alice"), { transports: [transport] });
    for (let attempts = 0; attempts < 3; attempts += 1) {
      expect(await refused(client.join("/", {}))).toMatchObject({ error: "temporarily_unavailable" });
    }
    isDown = false;
    await connected(client.join("/", {}));
    const told = server.lines.filter((line) => line.includes("session source"));
    expect(told).toEqual([
      expect.stringMatching(/fails with a RangeError at .*source\.test\.ts:\d+.*nobody is signed out/),
      expect.stringContaining("answers again"),
    ]);
    expect(told.join("\n")).not.toContain("secret");
  });

  test("F27 without isAlive, a connection whose session expires is told to come back with its cookie", async () => {
    const { signIn, sessions, find } = createSessions();
    const server = await startSource({ find });
    const expiresAt = Date.now() + 700;
    const cookie = signIn("alice", { expiresAt });
    const { end } = await server.connect(cookie, { transports: [transport] });
    expect((await end)[0]).toMatchObject({ error: "session_changed" });
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
    // With the same cookie it is nobody, with a renewed one it goes on.
    expect(await refused(server.client(cookie).join("/", {}))).toMatchObject({ error: "session_required" });
    for (const session of sessions.values()) session.expiresAt = Date.now() + 60_000;
    await connected(server.client(cookie).join("/", {}));
  });

  test("F27 with isAlive, a session that is over has ended, and one that was prolonged goes on", async () => {
    const { signIn, find } = createSessions();
    const asked: string[] = [];
    const server = await startSource({
      find,
      isAlive(id) {
        asked.push(id);
        return asked.length < 2;
      },
    });
    const expiresAt = Date.now() + 700;
    const one = await server.connect(signIn("alice", { id: "a", expiresAt }), { transports: [transport] });
    const two = await server.connect(signIn("bob", { id: "b", expiresAt: expiresAt + 300 }));
    expect((await two.end)[0]).toMatchObject({ error: "session_ended" });
    expect(asked).toEqual(["a", "b"]);
    expect(one.sockets[0]?.connected).toBe(true);
  });
});

describe("a session source", () => {
  test("that takes too long is an outage, and what it answers late lets nobody in", async () => {
    const answer = deferred<FoundSession | null>();
    const server = await startSource({ find: () => answer.promise }, { storeTimeout: 50 });
    const client = server.client("sid=a");
    expect(await refused(client.join("/", {}))).toMatchObject({ error: "temporarily_unavailable" });
    answer.resolve({ id: "a", user: "alice" });
    await answer.promise;
    expect(serverSockets(server.io)).toEqual([]);
    expect(server.lines.join("\n")).toContain("fails to answer in time");
  });

  test("F55 that fails on what a client sends is told once a minute, however often it does", async () => {
    const server = await startSource({
      find({ headers }) {
        if (headers.cookie === "sid=bad") throw new Error("This cookie cannot be read.");
        return { id: "a", user: "alice" };
      },
    });
    for (let times = 0; times < 5; times += 1) {
      await refused(server.client("sid=bad").join("/", {}));
      await connected(server.client("sid=good").join("/", {}));
    }
    expect(server.lines.filter((line) => line.includes("session source"))).toHaveLength(2);
  });

  test("may refuse by a TokenError, which is passed on", async () => {
    const server = await startSource({
      find() {
        throw new TokenError("access_denied", "The account is closed.");
      },
    });
    expect(await refused(server.client("sid=a").join("/", {}))).toEqual({
      error: "access_denied",
      error_description: "The account is closed.",
    });
  });

  test.each<[what: string, answer: unknown, said: string]>([
    ["undefined", undefined, "it is undefined"],
    ["a string", "alice", "it is a string"],
    ["no id", { user: "alice" }, '"id"'],
    ["an empty id", { id: "", user: "alice" }, '"id"'],
    ["no user", { id: "secret-1" }, '"user"'],
    ["a user that is a number", { id: "secret-1", user: 7 }, '"user"'],
    ["a date", { id: "secret-1", user: "alice", expiresAt: new Date() }, '"expiresAt" must be a number'],
    ["NaN", { id: "secret-1", user: "alice", expiresAt: Number.NaN }, '"expiresAt" must be a number'],
    ["seconds", { id: "secret-1", user: "alice", expiresAt: 1_900_000_000 }, "looks like seconds"],
    ["data that is text", { id: "secret-1", user: "alice", data: "x" }, '"data"'],
  ])("that answers %s lets nobody in, signs nobody out, and is told once", async (_, answer, said) => {
    const server = await startSource({ find: async () => untyped(answer) });
    for (let attempts = 0; attempts < 2; attempts += 1) {
      expect(await refused(server.client("sid=a").join("/", {}))).toMatchObject({
        error: "temporarily_unavailable",
      });
    }
    const told = server.lines.filter((line) => line.includes("is of no use"));
    expect(told).toEqual([expect.stringContaining(said)]);
    expect(told.join("\n")).not.toMatch(/secret-1|alice/);
  });

  test("with required: false lets others in as nobody in particular", async () => {
    const { signIn, find } = createSessions();
    const server = await startSource({ find }, { required: false });
    await server.connect("sid=unknown");
    await server.connect(signIn("alice"));
    await server.connect(signIn("bob", { expiresAt: Date.now() - 1 }));
    expect(serverSockets(server.io).map(({ data }) => data)).toEqual([{}, { identity: "alice" }, {}]);
  });

  test("F1 with state recovery: its data comes from the session of now, and nobody resumes another's", async () => {
    const { signIn, find, sessions } = createSessions();
    const server = await startSource({ find }, { server: { connectionStateRecovery: {} } });
    const drop = async (cookie: string): Promise<Record<string, unknown>> => {
      const before = server.links.size;
      const { client, sockets } = await server.connect(cookie);
      const [socket] = sockets;
      if (socket === undefined) expect.fail("There is no socket.");
      const heard = next(socket, "news");
      server.io.emit("news", 1);
      await heard;
      client.manager.engine.close();
      await expect.poll(() => server.links.size).toBe(before);
      return { pid: Reflect.get(socket, "_pid"), offset: Reflect.get(socket, "_lastOffset") };
    };
    const cookie = signIn("alice", { data: { role: "admin" } });
    const resumed = await drop(cookie);
    for (const session of sessions.values()) session.data = undefined;
    const client = server.client(cookie);
    await connected(client.join("/", resumed));
    expect(serverSockets(server.io).map(({ recovered, data }) => [recovered, data])).toEqual([
      [true, { identity: "alice" }],
    ]);
    const bob = await connected(server.client(signIn("bob")).join("/", await drop(cookie)));
    expect(bob.recovered).toBe(false);
  });

  test("that finds another user under the same id ends the connections of the first one", async () => {
    const { signIn, find } = createSessions();
    const server = await startSource({ find });
    const alice = await server.connect(signIn("alice", { id: "same" }));
    await server.connect(signIn("bob", { id: "same" }));
    expect((await alice.end)[0]).toMatchObject({ error: "session_changed" });
    expect(serverSockets(server.io).map(({ data }) => data.identity)).toEqual(["bob"]);
    expect(server.lines.join("\n")).toContain("two users");
  });

  test("is asked whether a session is alive once a session, and an outage ends nothing", async () => {
    const { signIn, find } = createSessions();
    let answer: () => boolean = () => true;
    let asked = deferred<string>();
    const source: SessionSource = {
      find,
      isAlive(id) {
        asked.resolve(id);
        asked = deferred();
        return answer();
      },
    };
    const server = await startSource(source, { recheckInterval: 30 });
    const cookie = signIn("alice", { id: "a" });
    const visitors = [await server.connect(cookie), await server.connect(cookie)];
    expect(await asked.promise).toBe("a");
    answer = () => {
      throw new Error("The database is down.");
    };
    await asked.promise;
    answer = () => untyped("maybe");
    await asked.promise;
    expect(serverSockets(server.io)).toHaveLength(2);
    answer = () => false;
    for (const { end } of visitors) expect((await end)[0]).toMatchObject({ error: "session_ended" });
    // Nobody asks about a session that has no connections.
    const { length } = server.lines;
    answer = () => {
      throw new Error("It was asked again.");
    };
    await new Promise((resolve) => setTimeout(resolve, 90));
    expect(server.lines.slice(length).join("\n")).not.toContain("fails");
  });
});

describe.each(["tokens first", "source first"])("with tokens and a session source, %s", (order) => {
  const verify = async (token: string) => ({ subject: userOf(token), data: { scope: "all" } });
  const start = async (source: SessionSource) => {
    const before = (io: Server): void => authenticateToken(io, { verify, logger: {} });
    const server = await startSource(source, order === "tokens first" ? { before } : {});
    if (order !== "tokens first") before(server.io);
    return server;
  };

  test("both are needed, of one user, and each puts what it knows in a place of its own", async () => {
    const { signIn, find } = createSessions();
    const server = await start({ find });
    const cookie = signIn("alice", { data: { scope: "none" } });
    const alone = server.client(cookie);
    expect(await refused(alone.join("/", {}))).toMatchObject({ error: "invalid_token" });
    const other = server.client(cookie);
    expect(await refused(other.join("/", { token: tokenOf("bob") }))).toEqual({
      error: "invalid_token",
      error_description: "The token and the session are of two users.",
    });
    expect(await refused(server.client("sid=0").join("/", { token: tokenOf("bob") }))).toMatchObject({
      error: "session_required",
    });
    await connected(server.client(cookie).join("/", { token: tokenOf("alice") }));
    expect(serverSockets(server.io).map(({ data }) => data)).toEqual([
      { identity: "alice", scope: "all", session: { scope: "none" } },
    ]);
  });
});

describe("a mistake in the call", () => {
  const attached = (): Server => new Server(createServer());

  test.each<[what: string, source: unknown]>([
    ["an object without find", {}],
    ["a find that is none", { find: "cookie" }],
    ["an isAlive that is none", { find, isAlive: true }],
    ["an onEnd that is none", { find, onEnd: {} }],
    ["null", null],
  ])("%s is an error that says what is taken", (_, source) => {
    const share = () => shareSession(attached(), untyped<SessionSource>(source));
    expect(thrown(share, "ERR_INVALID_OPTION").message).toContain("find(request)");
  });

  test.each<[option: string, options: SessionOptions]>([
    ["isSignedIn", { isSignedIn: () => true }],
    ["identify", { identify: () => "alice" }],
    ["touchInterval", { touchInterval: 1 }],
    ["lock", { lock: (_, run) => run() }],
  ])("%s, which is for express-session, is an error", (option, options) => {
    const share = () => shareSession(attached(), { find }, untyped<SourceOptions>(options));
    expect(thrown(share, "ERR_INVALID_OPTION").message).toMatch(`"${option}" is for the sessions of express`);
  });

  test("an unknown option and a second call are errors", () => {
    const io = attached();
    thrown(() => shareSession(io, { find }, untyped<SourceOptions>({ secret: "x" })), "ERR_INVALID_OPTION");
    shareSession(io, { find }, { logger: {} });
    thrown(() => shareSession(io, { find }), "ERR_SERVER_SETUP");
  });

  test("F33 what checkSetup says of cookies holds for a source too", () => {
    const io = new Server(createServer(), { cors: { origin: "https://app.example.com" } });
    shareSession(io, { find }, { logger: {} });
    expect(checkSetup(io).map(({ code }) => code)).toEqual([
      "origin_unchecked",
      "identity_key_random",
      "session_without_credentials",
    ]);
  });
});
