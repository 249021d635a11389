import { type ConnectionOptions, createConnection, memoryStorage, type StorageAdapter } from "socket-rotor";
import { accept, type FakeBehaviour, fakeIo, refuse, simulatedClock } from "socket-rotor/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { resolveOptions } from "../../../src/options.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { rejection } from "../../support/rejection.js";

const url = "https://app.example.com";

/** A marker that is there already. */
const cookie = (): StorageAdapter => ({ ...memoryStorage("first"), credential: "cookie" });
const ready = (identity: string): FakeBehaviour => accept({ reauthenticate: false, identity });
const changed = { error: "session_changed" } as const;

function connect(behaviours: readonly FakeBehaviour[], options: Partial<ConnectionOptions> = {}) {
  const io = fakeIo(...behaviours);
  const clock = simulatedClock();
  const warnings: string[] = [];
  const informed: string[] = [];
  const logger = {
    warn: (line: string) => warnings.push(line),
    info: (line: string) => informed.push(line),
  };
  const connection = createConnection({ url, storage: cookie(), io, clock, logger, ...options });
  onTestFinished(() => connection.dispose());
  const handshakes = () => io.log.filter(({ type }) => type === "handshake");
  return { connection, io, clock, warnings, informed, handshakes };
}

describe("the options of a session in a cookie", () => {
  test.each([
    ["auth", () => ({})],
    ["extraHeaders", () => ({})],
    ["identify", () => "ada"],
    ["refresh", async () => null],
    ["refreshLeeway", 1_000],
    ["refreshTimeout", 1_000],
    ["rotation", "overlap"],
    ["reauthenticateTimeout", 1_000],
  ])("%s speaks of a token, and is refused", (name, value) => {
    expect(() => resolveOptions({ url, storage: cookie(), [name]: value })).toThrow(
      `The option "${name}" is about tokens`,
    );
  });

  test("F33 the cookie is sent by default, and a connection without it is refused", () => {
    expect(resolveOptions({ url, storage: cookie() }).socketOptions).toEqual({ withCredentials: true });
    const socketOptions = { withCredentials: false, path: "/io" };
    expect(() => resolveOptions({ url, storage: cookie(), socketOptions })).toThrow("withCredentials");
    expect(resolveOptions({ url, storage: memoryStorage(), socketOptions }).socketOptions).toEqual(
      socketOptions,
    );
  });
});

describe("login() and logout()", () => {
  test("a token is refused, and the message does not show it", async () => {
    const { connection } = connect([ready("ada")]);
    const { message } = await rejection(connection.login("secret"), "ERR_INVALID_TOKEN");
    expect(message).toContain("without one");
    expect(message).not.toContain("secret");
  });

  test("login() makes a new handshake, with nothing in it; logout() ends it", async () => {
    const { connection, handshakes } = connect([ready("ada")]);
    await connection.whenConnected();
    await connection.login();
    await connection.whenConnected();
    expect(handshakes()).toMatchObject([
      { auth: {}, headers: {} },
      { auth: {}, headers: {} },
    ]);
    await connection.logout();
    expect(connection.getSnapshot()).toMatchObject({ status: "loggedOut", detail: "signedOut" });
  });
});

describe("what is said of a cookie that does not come", () => {
  const required = refuse("logout", undefined, "session_required");

  test("F33 login() after which the server sees no session is one warning, which says where to look", async () => {
    const { connection, clock, warnings } = connect([required]);
    await promisesSettled();
    expect(warnings).toEqual([]);
    for (let times = 0; times < 2; times += 1) {
      await connection.login();
      await promisesSettled();
      expect([connection.getSnapshot().detail, warnings.length]).toEqual(["waiting", times]);
      while (connection.status === "connecting") {
        clock.advance(500);
        await promisesSettled();
      }
      expect(clock.now()).toBeGreaterThanOrEqual((times + 1) * 5_000);
    }
    expect(connection.getSnapshot().detail).toBe("signedOut");
    expect(warnings).toEqual([expect.stringMatching(/after login\(\).*Set-Cookie.*Secure.*SameSite=None/)]);
  });

  test("F31 after login() one is awaited for stableAfter, as it may not be stored yet", async () => {
    const { connection, io, clock } = connect([required]);
    await promisesSettled();
    await connection.login();
    await promisesSettled();
    expect(connection.getSnapshot()).toMatchObject({ status: "connecting", detail: "waiting" });
    io.behave(ready("ada"));
    clock.advance(1_000);
    await connection.whenConnected();
    // It has arrived: none is awaited any more.
    io.behave(required);
    io.last?.drop();
    connection.actor.send({ type: "environment.resumed" });
    await promisesSettled();
    expect(connection.getSnapshot().detail).toBe("signedOut");
  });

  test("F31 after login() none is awaited without an attempt for it", async () => {
    const { connection, warnings } = connect([required], { reconnectionAttempts: 0 });
    await promisesSettled();
    await connection.login();
    await promisesSettled();
    expect(connection.getSnapshot().detail).toBe("signedOut");
    expect(warnings).toEqual([expect.stringContaining("after login()")]);
  });

  test("F31 a sign-out elsewhere ends the wait, and leaves no error", async () => {
    const storage = cookie();
    const { connection } = connect([required], { storage });
    await promisesSettled();
    await connection.login();
    await promisesSettled();
    expect(connection.getSnapshot().error).toMatchObject({ reason: "session_required" });
    await storage.write?.(null);
    await promisesSettled();
    const { detail, error } = connection.getSnapshot();
    expect([detail, error]).toEqual(["signedOut", undefined]);
  });

  test("a session that is gone after the server has seen it is no such warning", async () => {
    const { connection, io, warnings } = connect([ready("ada")]);
    await connection.login();
    await connection.whenConnected();
    io.behave(required);
    io.last?.drop();
    connection.actor.send({ type: "environment.resumed" });
    await promisesSettled();
    expect(connection.getSnapshot().detail).toBe("signedOut");
    expect(warnings).toEqual([]);
  });

  test("that nobody is signed in is said of the session, and not of a token", async () => {
    const { informed } = connect([required]);
    await promisesSettled();
    expect(informed).toEqual([expect.stringContaining("Nobody is signed in in the session")]);
    expect(informed.join()).not.toContain("token");
  });
});

describe("what was queued when the link was lost", () => {
  test("F54 the error of what was dropped advises what a cookie's client can use, which takes no identify", async () => {
    // The same user, by another key after a restart of the server.
    const { connection, io, clock } = connect([ready("ada, by one key"), ready("ada, by another")]);
    await connection.whenConnected();
    io.last?.drop();
    const dropped = rejection(connection.socket.emitWithAck("message", "of ada"), "ERR_IDENTITY_CHANGED");
    clock.advance(1_000);
    const { message } = await dropped;
    expect(message).toMatch(/shareSession.*"identityKey"/);
    expect(message).not.toMatch(/\bidentify\b/);
  });

  test("is dropped where the server half is gone by then", async () => {
    const { connection, io, clock, warnings } = connect([ready("ada"), accept()]);
    await connection.whenConnected();
    io.last?.drop();
    const dropped = rejection(connection.socket.emitWithAck("message", "of ada"), "ERR_IDENTITY_CHANGED");
    clock.advance(1_000);
    await dropped;
    expect(warnings).toEqual([expect.stringContaining("shareSession")]);
  });
});

describe("session_changed", () => {
  const required = refuse("logout", undefined, "session_required");

  test("is a new version and a handshake at once, and not the same link", async () => {
    const { connection, io, handshakes } = connect([ready("ada")]);
    await connection.whenConnected();
    const { version } = connection.actor.getSnapshot().context;
    io.last?.drop("io server disconnect", "retry", 0, changed.error);
    await connection.whenConnected();
    expect(handshakes()).toHaveLength(2);
    expect(connection.actor.getSnapshot().context.version).toBe(version + 1);
  });

  test("again and again is paced", async () => {
    const { connection, io, handshakes } = connect([ready("ada"), refuse("retry", 0, changed.error)]);
    await connection.whenConnected();
    io.last?.drop("io server disconnect", "retry", 0, changed.error);
    await promisesSettled();
    expect(handshakes()).toHaveLength(2);
    expect(connection.getSnapshot()).toMatchObject({ detail: "waiting", attempt: 2 });
  });

  test("F31 session_required is tried again until stableAfter has passed, and then signs out", async () => {
    const { connection, io, clock, handshakes } = connect([ready("ada"), required]);
    await connection.whenConnected();
    io.last?.drop("io server disconnect", "retry", 0, changed.error);
    await promisesSettled();
    expect(connection.getSnapshot().detail).toBe("waiting");
    let tries = 0;
    while (connection.status === "connecting") {
      clock.advance(500);
      tries += 1;
      await promisesSettled();
    }
    expect(tries).toBeGreaterThanOrEqual(10);
    expect(handshakes().length).toBeGreaterThan(2);
    const { detail, error } = connection.getSnapshot();
    expect([detail, error]).toEqual(["signedOut", undefined]);
  });

  test("said to a token: a new version of the same user, whose messages stay; then the token may be refused for a while", async () => {
    const { connection, io } = connect([accept(), required, accept()], { storage: memoryStorage("opaque") });
    await connection.whenConnected();
    io.last?.drop("io server disconnect", "retry", 0, changed.error);
    const answer = connection.socket.emitWithAck("message", "queued");
    await promisesSettled();
    expect(connection.getSnapshot().detail).toBe("waiting");
    connection.actor.send({ type: "environment.resumed" });
    await answer;
    expect(connection.actor.getSnapshot().context.version).toBe(2);
  });
});
