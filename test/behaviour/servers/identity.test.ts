import { memoryStorage } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { gate, holdHandshakes } from "../../system/fixture/behaviours";
import { connectTo, listenTo, outcome, untilIn } from "../../system/fixture/client";
import { startServer, type TestServer } from "../../system/fixture/server";
import { manualStorage } from "../../system/fixture/storages";

const events = (server: TestServer): string[] =>
  server.log.all("event").map(({ user, event, args }) => [user, event, ...args].join(" "));
const users = (server: TestServer): string[] => server.log.all("connected").map(({ user }) => user);

describe("F1 state recovery never restores another user", () => {
  /** ada was dropped once and recovered, so that the server would take her back by her pid alone. */
  async function recoveredOnce() {
    const server = await startServer({ options: { connectionStateRecovery: {} } });
    server.rules.connection = (socket) => {
      if (!socket.recovered) socket.join(`room of ${socket.data.user}`);
      server.io.to(`room of ${socket.data.user}`).emit("secret", socket.data.user);
    };
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const connection = connectTo(server, { storage });
    const heard = listenTo(connection);
    const isHeard = new Promise<void>((resolve) => connection.socket.once("secret", () => resolve()));
    await connection.whenConnected();
    await isHeard;
    server.drop();
    const [, second] = await server.log.count("connected", 2);
    await connection.whenConnected();
    expect(second).toMatchObject({ user: "ada", isRecovered: true });
    expect(connection.socket.recovered).toBe(true);
    return { server, storage, connection, heard };
  }

  /** What must be true of the newest handshake. */
  function expectNewcomer(server: TestServer, user: string): void {
    expect(server.log.all("handshake").at(-1)).toMatchObject({ isChecked: true, pid: undefined });
    const newest = server.log.all("connected").at(-1);
    expect(newest).toMatchObject({ user, isRecovered: false });
    expect(newest?.rooms).not.toContain("room of ada");
  }

  test("F1 after a sign-out and a sign-in as another user", async () => {
    const { server, storage, connection, heard } = await recoveredOnce();
    storage.write(null);
    await untilIn(connection, "loggedOut.signedOut");
    await server.untilLive(0);
    server.io.to("room of ada").emit("secret", "ada, and nobody else");
    storage.write(await server.tokens.issue("grace"));
    await connection.whenConnected();
    await connection.socket.emitWithAck("all read");
    expectNewcomer(server, "grace");
    expect(connection.socket.recovered).toBe(false);
    expect(heard).not.toContainEqual(expect.stringContaining("ada, and nobody else"));
  });

  test("F1 when the user changes while the connection is down", async () => {
    const { server, storage, connection, heard } = await recoveredOnce();
    const grace = await server.tokens.issue("grace");
    connection.socket.once("disconnect", () => {
      server.io.to("room of ada").emit("secret", "ada, and nobody else");
      storage.write(grace);
    });
    server.drop();
    await server.log.count("connected", 3);
    await connection.whenConnected();
    await connection.socket.emitWithAck("all read");
    expectNewcomer(server, "grace");
    expect(heard).not.toContainEqual(expect.stringContaining("ada, and nobody else"));
  });

  test("F1 G7 when the same user gets another token while the connection is down", async () => {
    const { server, storage, connection } = await recoveredOnce();
    const fresh = await server.tokens.issue("ada");
    connection.socket.once("disconnect", () => storage.write(fresh));
    server.drop();
    await server.log.count("connected", 3);
    await connection.whenConnected();
    expectNewcomer(server, "ada");
  });

  test("F1 when the token is revoked and the server ends the connection", async () => {
    const { server, storage, connection } = await recoveredOnce();
    server.tokens.revoke(storage.read() ?? "");
    server.kick();
    await untilIn(connection, "loggedOut.rejected");
    expect(server.log.all("handshake").at(-1)).toMatchObject({ isChecked: true, pid: undefined });
    expect(server.log.all("connected")).toHaveLength(2);
  });
});

describe("F2 the outbox of one user is never flushed under the next", () => {
  async function messagesWhileDown() {
    const server = await startServer();
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const connection = connectTo(server, { storage });
    await connection.whenConnected();
    await server.stop();
    await untilIn(connection, "connecting.waiting");
    const dropped: string[] = [];
    connection.socket.on("dropped", (event, code) => dropped.push(`${event} ${code}`));
    connection.socket.emit("draft", 1);
    const acked = outcome(connection.socket.emitWithAck("draft", 2));
    connection.socket.emit("draft", 3);
    return { server, storage, connection, dropped, acked };
  }

  test("F2 another user connects: the server receives none of it, and the caller is told", async () => {
    const { server, storage, connection, dropped, acked } = await messagesWhileDown();
    storage.write(await server.tokens.issue("grace"));
    await server.start();
    await connection.whenConnected();
    await connection.socket.emitWithAck("hello");
    expect(events(server)).toEqual(["grace hello"]);
    expect(dropped).toEqual(["draft ERR_IDENTITY_CHANGED", "draft ERR_IDENTITY_CHANGED"]);
    expect(await acked).toBe("ERR_IDENTITY_CHANGED");
  });

  test("F2 the same user connects with a refreshed token: delivered exactly once, in order", async () => {
    const { server, storage, connection, dropped, acked } = await messagesWhileDown();
    storage.write(await server.tokens.issue("ada"));
    await server.start();
    await connection.whenConnected();
    await connection.socket.emitWithAck("hello");
    expect(events(server)).toEqual(["ada draft 1", "ada draft 2", "ada draft 3", "ada hello"]);
    expect(dropped).toEqual([]);
    expect(await acked).toBe("resolved");
  });
});

test.each([
  ["login() as another user", "grace", "draft ERR_IDENTITY_CHANGED"],
  ["logout()", null, "draft ERR_LOGGED_OUT"],
])("F2 what a connect listener emits after %s is not sent as the last user", async (_, next, fate) => {
  const server = await startServer();
  const storage = memoryStorage(await server.tokens.issue("ada"));
  const token = next && (await server.tokens.issue(next));
  const connection = connectTo(server, { storage });
  const dropped: string[] = [];
  connection.socket.on("dropped", (event, code) => dropped.push(`${event} ${code}`));
  const changed = new Promise<void>((resolve) => {
    connection.socket.once("connect", () => {
      resolve(token ? connection.login(token) : connection.logout());
      connection.socket.emit("draft");
    });
  });
  await changed;
  if (next) {
    await server.log.count("connected", 2);
    await connection.whenConnected();
    await connection.socket.emitWithAck("hello");
  } else await server.untilLive(0);
  expect(server.log.all("read").filter(({ user }) => user === "ada")).toEqual([]);
  expect(dropped).toEqual([fate]);
});

describe("F3 no queue of retries outlives its user", () => {
  test("F3 Socket.IO's own queue cannot be turned on", async () => {
    const server = await startServer();
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const retries: object = { retries: 3 };
    expect(() => connectTo(server, { storage, socketOptions: retries })).toThrow(/emitWithAck/);
  });

  test.each([
    ["another user signs in", "grace", "ERR_IDENTITY_CHANGED"],
    ["the user signs out", null, "ERR_LOGGED_OUT"],
  ])("F3 a message that waits for its acknowledgement is not sent when %s", async (_, next, code) => {
    const server = await startServer();
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const connection = connectTo(server, { storage });
    await connection.whenConnected();
    await server.stop();
    await untilIn(connection, "connecting.waiting");
    const acked = outcome(connection.socket.emitWithAck("pay", 100));
    storage.write(next && (await server.tokens.issue(next)));
    expect(await acked).toBe(code);
    await server.start();
    storage.write(await server.tokens.issue("grace"));
    await connection.whenConnected();
    await connection.socket.emitWithAck("hello");
    expect(events(server)).toEqual(["grace hello"]);
  });
});

test("F4 after a switch one socket is left, and nothing of the old user's arrives", async () => {
  const server = await startServer();
  server.rules.connection = (socket) => void socket.join(socket.data.user);
  const storage = memoryStorage(await server.tokens.issue("ada"));
  const grace = await server.tokens.issue("grace");
  const connection = connectTo(server, { storage });
  const heard = listenTo(connection);
  await connection.whenConnected();
  // On the wire, and not read yet, when the user changes.
  server.io.to("ada").emit("mail", "for ada");
  storage.write(grace);
  server.io.to("ada").emit("mail", "for ada");
  await server.log.count("connected", 2);
  await connection.whenConnected();
  await server.untilLive(1);
  server.io.to("ada").emit("mail", "for ada");
  server.io.to("grace").emit("mail", "for grace");
  await connection.socket.emitWithAck("all read");
  expect(heard).toEqual(["mail for grace"]);
  // A socket that was left alive would come back by itself now.
  server.drop();
  await server.log.count("connected", 3);
  await connection.whenConnected();
  await connection.socket.emitWithAck("all read");
  expect(users(server)).toEqual(["ada", "grace", "grace"]);
  expect(server.live()).toHaveLength(1);
});

describe("F5 a late answer never authenticates another connection", () => {
  test("F5 the storage answers the older read last", async () => {
    const server = await startServer();
    const storage = manualStorage();
    const connection = connectTo(server, { storage });
    expect(storage.reads).toHaveLength(1);
    storage.set("changed");
    expect(storage.reads).toHaveLength(2);
    storage.reads[1]?.(await server.tokens.issue("grace"));
    await untilIn(connection, "connecting.opening");
    storage.reads[0]?.(await server.tokens.issue("ada"));
    await connection.whenConnected();
    await connection.socket.emitWithAck("hello");
    expect(events(server)).toEqual(["grace hello"]);
    expect(server.log.all("handshake")).toHaveLength(1);
    expect(server.log.all("disconnected")).toEqual([]);
  });

  test("F5 the token changes while a link is about to present it", async () => {
    const server = await startServer();
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const grace = await server.tokens.issue("grace");
    server.rules.engine = () => {
      server.rules = {};
      storage.write(grace);
    };
    const connection = connectTo(server, { storage });
    await connection.whenConnected();
    await connection.socket.emitWithAck("hello");
    expect(server.log.all("handshake").map(({ token }) => token)).toEqual([grace]);
    expect(server.log.all("disconnected")).toEqual([]);
  });

  test("F5 the server accepts the old token after the new one was put in force", async () => {
    const server = await startServer();
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const hold = gate();
    server.rules = holdHandshakes(hold);
    const connection = connectTo(server, { storage });
    await server.log.count("handshake", 1);
    storage.write(await server.tokens.issue("grace"));
    await server.log.count("handshake", 2);
    hold.open();
    await connection.whenConnected();
    await connection.socket.emitWithAck("hello");
    expect(events(server)).toEqual(["grace hello"]);
    expect(server.live()).toHaveLength(1);
  });
});

test.each(["grace", "ada"])(
  "F6 an acknowledgement that was kept from an old link reaches no other, of %s",
  async (next) => {
    const server = await startServer();
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const connection = connectTo(server, { storage });
    const kept: ((answer: string) => void)[] = [];
    connection.socket.on("question", (answer: (text: string) => void) => kept.push(answer));
    const answers: string[] = [];
    server.rules.connection = (socket) =>
      void socket.emit("question", (answer: string) => answers.push(answer));
    await connection.whenConnected();
    await connection.socket.emitWithAck("all read");
    // A server that starts again counts its questions from the beginning: both have the same number.
    await server.stop();
    await untilIn(connection, "connecting.waiting");
    storage.write(await server.tokens.issue(next));
    await server.start();
    await connection.whenConnected();
    await connection.socket.emitWithAck("all read");
    expect(kept).toHaveLength(2);
    kept[0]?.("late");
    await connection.socket.emitWithAck("all read");
    kept[1]?.("in time");
    await connection.socket.emitWithAck("all read");
    expect(answers).toEqual(["in time"]);
    expect(server.live()).toHaveLength(1);
    expect(users(server)).toEqual(["ada", next]);
  },
);
