import { type ConnectionOptions, memoryStorage, sessionCookie } from "socket-rotor";
import { accept, fakeIo, refuse, unreachable } from "socket-rotor/testing";
import { describe, expect, test } from "vitest";
import { rig } from "../support/connections.js";
import { breakableStorage } from "../support/fake-storages.js";
import { promisesSettled } from "../support/manual-clock.js";
import { recordingLogger } from "../support/recording-logger.js";
import { jwt } from "../support/tokens.js";

const opaque = "s3cr3t-0f-alice-7c9e6679f8b1";

/** A connection with the default levels of the log, and what it has said. */
function watched(options: Partial<ConnectionOptions>) {
  const logger = recordingLogger();
  const made = rig(opaque, { io: fakeIo(), ...options, logger });
  const said = (level: string): string[] =>
    logger.lines
      .filter((line) => line.startsWith(level))
      .map((line) => line.replace(/^\w+ \[socket-rotor\] /, ""));
  return {
    ...made,
    said,
    /** Lives through so many delays. */
    async pass(delays = 0) {
      await promisesSettled();
      for (let n = 0; n < delays; n += 1) {
        await made.clock.advance(made.clock.pending()[0] ?? 0);
        await promisesSettled();
      }
    },
  };
}

describe("a warning says what has failed and what to do", () => {
  test("when the server refuses the token, with its word, and names the option that is missing", async () => {
    const { said, pass } = watched({ io: fakeIo(refuse("refresh", undefined, "invalid_token")) });
    await pass();
    expect(said("warn")).toEqual([
      expect.stringMatching(/refuses the token \(ERR_REFUSED, invalid_token\).*sign in anew.*"refresh"/),
    ]);
  });

  test("when it refuses it for good, each time anew", async () => {
    const { said, pass, connection } = watched({ io: fakeIo(refuse("logout")) });
    await pass();
    connection.connect();
    await pass();
    const line = expect.stringMatching(/refuses the token \(ERR_REFUSED\)/);
    expect(said("warn")).toEqual([line, line]);
    expect(said("warn").join()).not.toContain('"refresh"');
  });

  test("when it refuses a session", async () => {
    const storage = sessionCookie();
    const io = fakeIo(refuse("logout", undefined, "access_denied"));
    const { said, pass } = watched({ storage, io });
    await pass();
    expect(said("warn")).toContainEqual(
      expect.stringContaining("refuses the session (ERR_REFUSED, access_denied)"),
    );
  });

  test("when no attempt is left", async () => {
    const { said, pass } = watched({ io: fakeIo(unreachable()), reconnectionAttempts: 0 });
    await pass();
    expect(said("warn")).toEqual([
      expect.stringMatching(/No attempt is left \(ERR_TRANSPORT\).*connect\(\)/),
    ]);
  });

  test("when a function of the application throws, the first time, and shows nothing of what it threw but its name", async () => {
    const auth = (token: string): never => {
      throw new TypeError(`no ${token}`);
    };
    const { said, pass } = watched({ auth });
    await pass(4);
    expect(said("warn")).toEqual([
      'The "auth" function threw, so that there is nothing to connect with. (ERR_CREDENTIAL, TypeError)',
    ]);
  });

  test.each([
    [
      "throws",
      () => Promise.reject(new Error("HTTP 500")),
      /refresh function failed.*\(ERR_REFRESH_FAILED, Error\)$/,
    ],
    ["answers with what is no token", async () => "", /empty string.*ERR_INVALID_TOKEN/],
  ])("when refresh %s, the first time", async (_what, refresh, words) => {
    const { said, pass } = watched({ io: fakeIo(refuse("refresh")), refresh });
    await pass(4);
    expect(said("warn")).toEqual([expect.stringMatching(words)]);
  });

  test("when the storage throws, the first time", async () => {
    const storage = breakableStorage(opaque);
    storage.onRead = () => {
      throw new Error(`cannot decrypt`);
    };
    const { said, pass } = watched({ storage });
    await pass(4);
    expect(said("warn")).toEqual([
      expect.stringMatching(/could not read the token.*\(ERR_STORAGE_READ, Error\)$/),
    ]);
  });
});

test("a network that is down, and what comes and goes, is told to nobody", async () => {
  const { said, pass, connection } = watched({ io: fakeIo(unreachable(), unreachable(), accept()) });
  await pass(3);
  expect(connection.status).toBe("connected");
  expect([...said("warn"), ...said("info")]).toEqual([]);
});

describe("who is signed out is told so, whatever the storage holds", () => {
  test.each([
    ["could not be removed from", { write: () => Promise.reject(new Error("quota")) }],
    ["cannot be removed from", {}],
  ])("where the token %s it", async (_how, means) => {
    const storage = { read: () => opaque, subscribe: () => () => {}, ...means };
    const { said, connection } = watched({ storage });
    await connection.logout().catch(() => {});
    expect(said("info")).toEqual([
      expect.stringMatching(/^Nobody is signed in: .* or its token was signed out/),
    ]);
  });
});

describe("a line of debugging", () => {
  test("has the code of an event that has one", async () => {
    const { said, pass } = watched({ io: fakeIo(unreachable()) });
    await pass();
    expect(said("debug")).toContain("io.ended (ERR_TRANSPORT): connecting.opening → connecting.waiting");
  });

  test("leads from the state before an event to the one in which it came to rest", async () => {
    const io = fakeIo(accept({ reauthenticate: true }));
    const storage = memoryStorage(jwt({ sub: "alice", jti: 1 }));
    const { said, pass } = watched({ io, storage });
    await pass();
    storage.write(jwt({ sub: "alice", jti: 2 }));
    await pass();
    expect(said("debug").slice(-2)).toEqual([
      "token.changed: connected.steady → rotating.reauthenticating.asking",
      "io.reauthenticated: rotating.reauthenticating.asking → connected.steady",
    ]);
    expect(said("debug").join()).not.toContain("choosing");
  });
});
