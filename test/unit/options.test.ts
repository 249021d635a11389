import { type ConnectionOptions, connectionInput, createConnection } from "socket-rotor";
import { describe, expect, test, vi } from "vitest";
import { handMadeIo } from "../support/hand-made-io.js";
import { manualClock } from "../support/manual-clock.js";
import { thrown } from "../support/rejection.js";
import { untyped } from "../support/untyped.js";

const url = "https://api.example.com";

/** Options that would show if anything had started. */
function watched() {
  const clock = manualClock();
  const subscribe = vi.fn(() => () => {});
  const read = vi.fn(() => null);
  const io = handMadeIo();
  const options = { url, storage: { read, subscribe }, clock, io, environment: { subscribe }, logger: {} };
  const isUntouched = (): boolean =>
    subscribe.mock.calls.length === 0 &&
    read.mock.calls.length === 0 &&
    io.links.length === 0 &&
    clock.pending().length === 0;
  return { options, isUntouched };
}

/** What createConnection says to this, after which nothing may have started. */
function refusal(change: Record<string, unknown>): string {
  const { options, isUntouched } = watched();
  const given = untyped<ConnectionOptions>({ ...options, ...change });
  const { message } = thrown(() => createConnection(given), "ERR_INVALID_OPTION");
  const refused = thrown(() => connectionInput(given), "ERR_INVALID_OPTION");
  expect(refused.message.replace("connectionInput", "createConnection")).toBe(message);
  expect(isUntouched()).toBe(true);
  return message;
}

describe("a bad option is refused at once, by name, and nothing has started", () => {
  test("an unknown option is named, and the known ones are listed", () => {
    const message = refusal({ tokn: "x" });
    expect(message).toContain('no option "tokn"');
    for (const known of ["url", "storage", "refresh", "inspect", "ackTimeout"])
      expect(message).toContain(known);
  });

  test("options that are no object", () => {
    for (const [value, kind] of [
      [undefined, "undefined"],
      [null, "null"],
      ["x", "a string"],
      [4, "a number"],
    ]) {
      const { message } = thrown(
        () => Reflect.apply(createConnection, undefined, [value]),
        "ERR_INVALID_OPTION",
      );
      expect(message).toContain(`object of options, but got ${kind}`);
    }
  });

  test("a missing url or storage is named, with an example", () => {
    expect(refusal({ url: undefined })).toMatch(/"url" is missing.*https:\/\//);
    expect(refusal({ storage: undefined })).toMatch(/"storage" is missing.*webStorage/);
  });

  test.each(["/rotor", "/%72otor", "/rotor-barrier-1"])(
    "a path of the url that is a namespace of the library's own: %s",
    (path) => {
      expect(refusal({ url: `https://example.com${path}` })).toMatch(/"url" has the path \/rotor.*own/);
    },
  );

  test.each(["/a%2Cb", "/a%3Fb"])(
    "a comma or a question mark in it is found where it is encoded: %s",
    (path) => {
      expect(refusal({ url: `https://example.com${path}` })).toMatch(/"url" takes no comma/);
    },
  );

  test("a comma in the path of the url, which names a namespace", () => {
    expect(refusal({ url: "https://example.com/a,b" })).toMatch(/"url" takes no comma/);
  });

  test.each([
    "",
    "not an address",
    "localhost:3000",
    "//",
    "/relative",
    "ftp://host",
    "javascript:alert(1)",
    42,
    null,
    {},
  ])("an invalid url: %j", (value) => {
    expect(refusal({ url: value })).toMatch(/option "url" takes/);
  });

  test.each([
    "https://host/?token=very-secret-token",
    "https://host/#very-secret-token",
    "https://user:very-secret-token@host/",
    new URL("https://very-secret-token@host/"),
  ])("query, fragment and user in the url are refused without being repeated: %s", (value) => {
    const message = refusal({ url: value });
    expect(message).toMatch(/"url" takes no query, no fragment and no user.*"auth"/);
    expect(message).not.toContain("very-secret");
  });

  test.each([
    ["auth", '"auth" option'],
    ["extraHeaders", '"extraHeaders" option'],
    ["query", '"auth" option'],
    ["reconnection", "reconnectionAttempts: 0"],
    ["reconnectionAttempts", '"reconnectionAttempts" option'],
    ["reconnectionDelay", '"reconnectionDelay" option'],
    ["reconnectionDelayMax", '"reconnectionDelayMax" option'],
    ["randomizationFactor", "random"],
    ["timeout", '"timeout" option'],
    ["forceNew", "Manager of its own"],
    ["multiplex", "connection.of(namespace)"],
    ["retries", "emitWithAck"],
    ["ackTimeout", '"ackTimeout" option'],
    ["autoConnect", '"autoConnect" option'],
  ])("socketOptions.%s names ours", (key, ours) => {
    const message = refusal({ socketOptions: { path: "/api", [key]: 1 } });
    expect(message).toContain(`socketOptions.${key}`);
    expect(message).toContain(ours);
  });

  test.each([
    ["storage", "an object", ["x", 1, null, () => {}]],
    ["refresh", "a function", ["x", 1, null, {}]],
    ["auth", "a function", ["x", null, { token: "x" }]],
    ["extraHeaders", "a function", [null, { authorization: "x" }]],
    ["identify", "a function", ["sub", null]],
    ["classify", "a function", [null, {}]],
    ["socketOptions", "an object", ["x", null, 1]],
    ["autoConnect", "a boolean", ["yes", 0, null]],
    ["rotation", "a string", [1, true, null, {}]],
    ["io", "an object", [() => {}, null]],
    ["environment", "an object", ["browser", null]],
    ["clock", "an object", [Date.now, null]],
    ["logger", "an object", [() => {}, null]],
  ])("%s takes %s", (name, takes, values) => {
    for (const value of values)
      expect(refusal({ [name]: value })).toMatch(`The option "${name}" takes ${takes}, but got`);
  });

  test("rotation takes one of three words, and names them", () => {
    for (const value of ["", "AUTO", "reauthenticate", "toString"])
      expect(refusal({ rotation: value })).toMatch(/"rotation" takes "auto", "overlap" or "replace"/);
  });

  test.each([
    ["websocket", "a string"],
    [["websockets"], '"websockets"'],
    [["polling", 3], "a number"],
    [[], "none"],
  ])("socketOptions.transports of %j names the transports that there are", (transports, what) => {
    const message = refusal({ socketOptions: { transports } });
    expect(message).toMatch(/"socketOptions.transports" takes an array of "polling", "websocket"/);
    expect(message).toContain(what);
  });

  test("inspect takes a function or an observer", () => {
    for (const value of ["x", 1, null]) expect(refusal({ inspect: value })).toMatch(/"inspect" takes/);
  });

  test.each([
    "refreshTimeout",
    "refreshLeeway",
    "reauthenticateTimeout",
    "readTimeout",
    "timeout",
    "reconnectionDelay",
    "reconnectionDelayMax",
    "reconnectionAttempts",
    "stableAfter",
    "drainTimeout",
    "ackTimeout",
    "bufferLimit",
  ])("%s takes a number that is not negative", (name) => {
    for (const value of [Number.NaN, -1, Number.NEGATIVE_INFINITY, "5", {}, 5n]) {
      expect(refusal({ [name]: value })).toMatch(
        new RegExp(`"${name}" takes a number of at least \\d, but got`),
      );
    }
  });

  test("null is no number, and does not stand for the default", () => {
    for (const name of ["timeout", "ackTimeout", "bufferLimit", "refreshLeeway"]) {
      expect(refusal({ [name]: null })).toContain(`"${name}" takes a number of at least`);
    }
  });

  test.each(["refreshTimeout", "readTimeout", "timeout", "ackTimeout"])(
    "%s of 0 would never give an answer a chance",
    (name) => {
      expect(refusal({ [name]: 0 })).toContain(`"${name}" takes a number of at least 1`);
    },
  );

  test.each([
    ["storage", ["read", "subscribe"]],
    ["io", ["open"]],
    ["environment", ["subscribe"]],
    ["clock", ["setTimeout", "clearTimeout", "now"]],
  ])("an adapter for %s that lacks a method", (name, methods) => {
    for (const missing of methods) {
      const adapter = Object.fromEntries(
        methods.filter((method) => method !== missing).map((method) => [method, () => {}]),
      );
      const message = refusal({ [name]: adapter });
      expect(message).toContain(`The option "${name}" takes an object with the methods`);
      expect(message).toContain(`"${missing}" is missing`);
      expect(refusal({ [name]: { ...adapter, [missing]: 3 } })).toContain(`"${missing}" is a number`);
    }
  });

  test("a storage whose write is no function", () => {
    expect(refusal({ storage: { read: () => null, subscribe: () => () => {}, write: 42 } })).toMatch(
      /"storage".*write/,
    );
  });
});
