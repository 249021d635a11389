import { type ConnectionOptions, createConnection, memoryStorage } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { resolveOptions } from "../../src/options.js";
import { handMadeIo } from "../support/hand-made-io.js";
import { manualClock } from "../support/manual-clock.js";
import { rejection, thrown } from "../support/rejection.js";
import { untyped } from "../support/untyped.js";

const url = "https://api.example.com";

describe("a token that is no string is refused without being shown", () => {
  test("memoryStorage", () => {
    expect(
      thrown(() => Reflect.apply(memoryStorage, undefined, [42]), "ERR_INVALID_TOKEN").message,
    ).toContain("got a number");
    const storage = memoryStorage();
    expect(thrown(() => Reflect.apply(storage.write, storage, [{}]), "ERR_INVALID_TOKEN").message).toContain(
      "got an object",
    );
    expect(storage.read()).toBeNull();
  });

  test("login", async () => {
    const storage = memoryStorage();
    const connection = createConnection({ url, storage, io: handMadeIo(), clock: manualClock(), logger: {} });
    for (const [value, kind] of [
      [42, "a number"],
      ["", "an empty string"],
      [null, "null"],
      [["x"], "an array"],
    ]) {
      const { message } = await rejection(
        Reflect.apply(connection.login, connection, [value]),
        "ERR_INVALID_TOKEN",
      );
      expect(message).toContain(`login(token) takes a token that is a string, but got ${kind}`);
    }
    expect(storage.read()).toBeNull();
    expect(connection.getSnapshot()).toMatchObject({ status: "loggedOut", detail: "signedOut" });
    connection.dispose();
  });
});

describe("defaults", () => {
  const storage = memoryStorage();

  test("are those of the design", () => {
    expect(resolveOptions({ url, storage })).toMatchObject({
      origin: "https://api.example.com",
      namespace: "/",
      autoConnect: true,
      timeout: 20_000,
      reconnectionDelay: 1_000,
      reconnectionDelayMax: 30_000,
      reconnectionAttempts: Number.POSITIVE_INFINITY,
      ackTimeout: 30_000,
      refreshTimeout: 10_000,
      readTimeout: 5_000,
      reauthenticateTimeout: 5_000,
      rotation: "auto",
      stableAfter: 5_000,
      drainTimeout: 5_000,
      bufferLimit: 1_000,
      socketOptions: {},
    });
    expect(resolveOptions({ url, storage }).auth("t")).toEqual({ token: "t" });
    // Without one, it depends on the lifetime of each token.
    expect(resolveOptions({ url, storage }).refreshLeeway).toBeUndefined();
  });

  test("hold for what is given as undefined", () => {
    const given = untyped<ConnectionOptions>({
      url,
      storage,
      auth: undefined,
      timeout: undefined,
      clock: undefined,
      autoConnect: undefined,
      rotation: undefined,
      refreshLeeway: undefined,
      reauthenticateTimeout: undefined,
      socketOptions: undefined,
    });
    const { auth, clock, ...rest } = resolveOptions(given);
    const { timeout, autoConnect, rotation, refreshLeeway, reauthenticateTimeout, socketOptions } = rest;
    expect({
      auth: auth("t"),
      timeout,
      autoConnect,
      rotation,
      refreshLeeway,
      reauthenticateTimeout,
      socketOptions,
    }).toEqual({
      auth: { token: "t" },
      timeout: 20_000,
      autoConnect: true,
      rotation: "auto",
      refreshLeeway: undefined,
      reauthenticateTimeout: 5_000,
      socketOptions: {},
    });
    expect(clock.now()).toBeGreaterThan(0);
  });

  test("give way to what is given, Infinity and 0 among it", () => {
    const given = {
      ackTimeout: Number.POSITIVE_INFINITY,
      reconnectionAttempts: 0,
      bufferLimit: 0,
      stableAfter: 0,
      refreshLeeway: 0,
      reauthenticateTimeout: 0,
      rotation: "overlap" as const,
    };
    expect(resolveOptions({ url, storage, ...given })).toMatchObject(given);
  });

  test.each([
    ["/größe", "/größe"],
    ["/gr%C3%B6%C3%9Fe", "/größe"],
    ["/a b", "/a b"],
    ["/100%", "/100%"],
    ["/rotor-news", "/rotor-news"],
  ])("the url's path %s names the namespace %s, as the server does", (path, namespace) => {
    expect(resolveOptions({ url: `https://host${path}`, storage })).toMatchObject({ namespace });
  });

  test("the url's path is the primary namespace", () => {
    expect(resolveOptions({ url: "https://host:8443/chat", storage })).toMatchObject({
      origin: "https://host:8443",
      namespace: "/chat",
    });
    expect(resolveOptions({ url: new URL("ws://localhost:3000"), storage })).toMatchObject({
      origin: "ws://localhost:3000",
      namespace: "/",
    });
  });
});
