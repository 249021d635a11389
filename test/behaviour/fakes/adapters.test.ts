import {
  ConnectionError,
  type ConnectionErrorCode,
  type ConnectionOptions,
  cookieStorage,
  createConnection,
  type IoAdapter,
  isConnectionError,
  type LinkEvent,
  memoryStorage,
  type StorageAdapter,
  sessionCookie,
  webStorage,
} from "socket-rotor";
import { explainTo, redact } from "socket-rotor/inspect";
import { accept, fakeIo, refuse } from "socket-rotor/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { connectedRig, rig } from "../../support/connections.js";
import { rejection, thrown } from "../../support/rejection.js";
import { untyped } from "../../support/untyped.js";
import { connect, connected, settled, tokenOf, untilConnected } from "./harness.js";

const SECRET = "opaque-7f3a9c-of-ada";
const reported = (error: Error) => ({ error: untyped<ConnectionError>(error) });

describe("IO adapters of anybody's", () => {
  test("may report within open()", async () => {
    const { open } = fakeIo(accept());
    const io: IoAdapter = {
      open(request, report) {
        request.credential();
        const events: LinkEvent[] = [{ type: "connected" }, { type: "ready", reauthenticate: false }];
        for (const event of events) report(event);
        return open(request, () => {});
      },
    };
    const { connection } = rig("first", { io });
    await settled();
    expect(connection.status).toBe("connected");
  });

  test("report errors that are cleared of tokens, whoever made them", async () => {
    const { connection, io } = await connectedRig(SECRET);
    const cause = new Error(`the token ${SECRET} was refused`);
    io.link.report({ type: "failed", ...reported(new Error(`no way with ${SECRET}`, { cause })) });
    const { error } = connection.getSnapshot();
    expect(isConnectionError(error)).toBe(true);
    expect(`${error?.message} ${String(error?.cause)} ${JSON.stringify(error)}`).not.toContain(SECRET);
  });

  test.each([["5s"], [Number.NaN], [-1], [400 * 86_400_000]])(
    "that ask to stay away for %s are met with the usual delay, and not with none",
    async (retryAfter) => {
      const { connection, io, clock } = await connectedRig("first", { reconnectionDelay: 1_000 });
      vi.spyOn(Math, "random").mockReturnValue(0.5);
      onTestFinished(() => void vi.restoreAllMocks());
      const error = new ConnectionError("ERR_REFUSED", "Later.");
      io.link.report({ type: "refused", verdict: "retry", error, retryAfter: untyped(retryAfter) });
      const { retryAt = 0 } = connection.getSnapshot();
      expect(retryAt - clock.now()).toBeGreaterThan(0);
      expect(retryAt - clock.now()).toBeLessThanOrEqual(1_000);
    },
  );

  test("whose verdict is unknown are tried again", async () => {
    const { connection, io } = await connectedRig();
    const error = new ConnectionError("ERR_REFUSED", "Perhaps.");
    io.link.report({ type: "refused", verdict: untyped("perhaps"), error });
    expect(connection.getSnapshot()).toMatchObject({ status: "connecting", detail: "waiting" });
  });

  test("whose lifetime is no time leave it unknown", async () => {
    const { connection, io } = await connectedRig();
    io.link.report({ type: "ready", reauthenticate: false, expiresIn: untyped("soon") });
    expect([connection.status, connection.getSnapshot().expiresAt]).toEqual(["connected", undefined]);
  });
});

describe("storage adapters of anybody's", () => {
  test("a subscribe that throws is a warning, and is tried again", async () => {
    const warnings: string[] = [];
    let tries = 0;
    let signal = (): void => {};
    let token = tokenOf("ada");
    const storage: StorageAdapter = {
      read: () => token,
      subscribe(onMaybeChanged) {
        tries += 1;
        if (tries === 1) throw new Error("no events yet");
        signal = onMaybeChanged;
        return () => {};
      },
    };
    const made = await connected({ storage, logger: { warn: (line) => warnings.push(line) } });
    made.signal("page.resumed");
    await settled();
    expect([made.connection.status, tries, warnings.length]).toEqual(["connected", 2, 1]);
    token = tokenOf("ada", 2);
    signal();
    await settled();
    expect(made.presented().at(-1)).toBe(token);
  });

  test("get the logger as the second argument of subscribe", async () => {
    const warn = vi.fn();
    await connected({
      logger: { warn },
      storage: {
        read: () => tokenOf("ada"),
        subscribe(_, logger) {
          logger?.warn?.("by the adapter");
          return () => {};
        },
      },
    });
    expect(warn).toHaveBeenCalledWith(expect.stringContaining("by the adapter"));
  });

  test("one that is not there is said once as a warning, signs nobody out, and nothing is polled without a page", async () => {
    const warnings: string[] = [];
    const made = connect({
      storage: webStorage("accessToken"),
      logger: { warn: (line) => warnings.push(line) },
    });
    await settled();
    await made.clock.advance(120_000);
    await settled();
    expect(made.connection.getSnapshot()).toMatchObject({
      status: "connecting",
      error: { code: "ERR_STORAGE_UNAVAILABLE" },
    });
    expect(warnings).toHaveLength(1);
  });

  test("one of three methods is enough: read, subscribe and, if it can, write", async () => {
    const { read, subscribe } = memoryStorage(tokenOf("ada"));
    const { connection, state } = await connected({ storage: { read, subscribe } });
    await rejection(connection.login(tokenOf("grace")), "ERR_STORAGE_READ_ONLY");
    await connection.logout();
    expect(state()).toBe("loggedOut.signedOut");
  });
});

test("an environment that fails is a warning, and nothing else", async () => {
  const warnings: string[] = [];
  const subscribe = (): never => {
    throw new Error("no page");
  };
  const { connection } = await connected({
    environment: { subscribe },
    logger: { warn: (line) => warnings.push(line) },
  });
  expect([connection.status, warnings.length]).toEqual(["connected", 1]);
});

describe("refresh", () => {
  test.each<[unknown, ConnectionErrorCode]>([
    ["", "ERR_INVALID_TOKEN"],
    [undefined, "ERR_INVALID_TOKEN"],
    [42, "ERR_INVALID_TOKEN"],
    [tokenOf("ada"), "ERR_REFRESH_FAILED"],
  ])("signs out by null alone: %j is %s", async (answer, code) => {
    const { connection, storage } = await connected({ refresh: async () => untyped(answer) });
    await rejection(connection.refresh(), code);
    expect([connection.status, storage.value]).toEqual(["connected", tokenOf("ada")]);
  });

  test("works in listeners", async () => {
    const { connection, storage } = connect({ refresh: async () => tokenOf("ada", 2) });
    let refreshed: Promise<unknown> | undefined;
    connection.socket.once("connect", () => {
      refreshed = connection.refresh();
    });
    await connection.whenConnected();
    await refreshed;
    expect(storage.value).toBe(tokenOf("ada", 2));
  });
});

describe("ERR_INVALID_OPTION says at once", () => {
  const made = (options: object): (() => unknown) => {
    return () =>
      createConnection(
        untyped<ConnectionOptions>({ url: "https://host", storage: memoryStorage(), ...options }),
      );
  };
  test.each<[string, () => unknown]>([
    ["an option that there is not", made({ tokn: "x" })],
    ["a url whose path is the library's own namespace", made({ url: "https://host/rotor" })],
    ["a transport that there is not", made({ socketOptions: { transports: ["carrier pigeon"] } })],
    ["an option of webStorage that there is not", () => webStorage("key", untyped({ are: "local" }))],
    ["an option of cookieStorage that there is not", () => cookieStorage("key", untyped({ pth: "/" }))],
    ["an option of sessionCookie that there is not", () => sessionCookie(untyped({ nme: "x" }))],
  ])("%s", (_, make) => {
    thrown(make, "ERR_INVALID_OPTION");
  });

  test("undefined is the default", () => {
    const connection = made({
      refresh: undefined,
      timeout: undefined,
      identify: undefined,
      autoConnect: false,
    })();
    untyped<{ dispose(): void }>(connection).dispose();
  });
});

test('of("/rotor") is refused', async () => {
  const { connection } = await connected();
  thrown(() => connection.of("/rotor"), "ERR_INVALID_NAMESPACE");
});

describe("errors", () => {
  test("isConnectionError narrows to a code, also in errors of another copy of the package", () => {
    const error: unknown = new ConnectionError("ERR_REFUSED", "no");
    expect(isConnectionError(error, "ERR_REFUSED") && error.code).toBe("ERR_REFUSED");
    expect([
      isConnectionError(error),
      isConnectionError(error, "ERR_TRANSPORT"),
      isConnectionError(new Error()),
    ]).toEqual([true, false, false]);
  });

  test("a cause keeps where it came about, its codes and the errors behind it, without tokens", async () => {
    const { connection } = await connected({
      token: SECRET,
      async refresh() {
        const cause = new Error(`behind ${SECRET}`);
        throw Object.assign(new TypeError(`failed with ${SECRET}`, { cause }), {
          code: "ECONNRESET",
          status: 503,
        });
      },
    });
    const { cause } = await rejection(connection.refresh(), "ERR_REFRESH_FAILED");
    const error = untyped<Error & { code: string; status: number; cause: Error }>(cause);
    expect([error.name, error.code, error.status]).toEqual(["TypeError", "ECONNRESET", 503]);
    expect(error.stack).toContain("adapters.test.ts");
    expect(error.cause.message).toContain("behind");
    expect(`${error.stack} ${error.message} ${error.cause.stack}`).not.toContain(SECRET);
  });
});

test("inspect: explainTo says why in words, redact what may leave, and neither shows a token", async () => {
  const lines: string[] = [];
  const redacted: string[] = [];
  const explain = explainTo((line) => lines.push(line));
  const made = connect({
    io: fakeIo(refuse("refresh"), accept()),
    token: SECRET,
    identify: () => "ada",
    refresh: async () => `${SECRET}-fresh`,
    inspect(event) {
      explain(event);
      redacted.push(JSON.stringify(redact(event)));
    },
  });
  await untilConnected(made);
  expect([made.connection.status, lines.length > 0, redacted.length > 0]).toEqual(["connected", true, true]);
  expect([...lines, ...redacted].filter((each) => each.includes(SECRET))).toEqual([]);
});
