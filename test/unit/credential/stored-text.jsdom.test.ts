import { cookieStorage, createConnection, type WebStorageOptions, webStorage } from "socket-rotor";
import { fakeIo, simulatedClock } from "socket-rotor/testing";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { promisesSettled } from "../../support/manual-clock.js";
import { recordingLogger } from "../../support/recording-logger.js";
import { rejection } from "../../support/rejection.js";
import { jwt } from "../../support/tokens.js";

const REFRESH_TOKEN = "the-refresh-token-1234567890";
const [first, second] = [jwt({ sub: "alice", jti: 1 }), jwt({ sub: "alice", jti: 2 })];
const pollInterval = Number.POSITIVE_INFINITY;

afterEach(() => {
  localStorage.clear();
  for (const name of ["auth", "auth.0", "auth.1", "auth.2"])
    Reflect.set(document, "cookie", `${name}=; Path=/; Max-Age=0`);
});

type Shape = Required<Pick<WebStorageOptions, "decode" | "encode">>;
const zustand: Shape = {
  decode: (text) => JSON.parse(text).state.token,
  encode(token, text) {
    const { state, ...rest } = JSON.parse(text ?? "{}");
    return JSON.stringify({ ...rest, state: { ...state, token } });
  },
};
const reduxPersist: Shape = {
  decode: (text) => JSON.parse(JSON.parse(text).token),
  encode: (token, text) => JSON.stringify({ ...JSON.parse(text ?? "{}"), token: JSON.stringify(token) }),
};
/** A session that ends as a whole, as Supabase's and oidc-client-ts's does. */
const session: Shape = {
  decode: (text) => JSON.parse(text).access_token,
  encode: (token, text) =>
    token === null ? null : JSON.stringify({ ...JSON.parse(text ?? "{}"), access_token: token }),
};

function connect(storage: ReturnType<typeof webStorage>) {
  const clock = simulatedClock();
  const io = fakeIo();
  const logger = recordingLogger();
  const connection = createConnection({ url: "http://localhost", storage, io, clock, logger });
  onTestFinished(() => connection.dispose());
  const pass = async (): Promise<void> => {
    // In steps, or the time limit of an attempt is over before its answer has come.
    for (let at = 0; at < 40; at += 1) {
      clock.advance(1_000);
      await promisesSettled();
    }
  };
  return { connection, io, pass, lines: logger.lines };
}

describe.each<[string, Shape, before: object, after: object | null]>([
  [
    "zustand persist",
    zustand,
    { state: { token: first, theme: "dark" }, version: 3 },
    { state: { token: null, theme: "dark" }, version: 3 },
  ],
  [
    "redux-persist",
    reduxPersist,
    { token: JSON.stringify(first), theme: '"dark"', _persist: "{}" },
    { token: "null", theme: '"dark"', _persist: "{}" },
  ],
  ["a session", session, { access_token: first, refresh_token: REFRESH_TOKEN }, null],
])("F48 the token inside the JSON of %s", (_name, shape, before, after) => {
  test("is read and written, with all other fields as they are", async () => {
    localStorage.setItem("auth", JSON.stringify(before));
    const storage = webStorage("auth", { ...shape, pollInterval });
    expect(storage.read()).toBe(first);
    await storage.write?.(second);
    expect(storage.read()).toBe(second);
    const expected = JSON.stringify(before).replaceAll(first, second);
    expect(JSON.parse(localStorage.getItem("auth") ?? "")).toEqual(JSON.parse(expected));
    await storage.write?.(null);
    expect(storage.read()).toBeNull();
    expect(JSON.parse(localStorage.getItem("auth") ?? "null")).toEqual(after);
  });

  test("is read and written in a cookie", async () => {
    Reflect.set(document, "cookie", `auth=${encodeURIComponent(JSON.stringify(before))}; Path=/`);
    const storage = cookieStorage("auth", { ...shape, pollInterval });
    expect(storage.read()).toBe(first);
    await storage.write?.(second);
    expect(storage.read()).toBe(second);
    await storage.write?.(null);
    expect(storage.read()).toBeNull();
    expect(document.cookie === "").toBe(after === null);
  });
});

test("F48 a change of another field is no change of the token, and it is not lost by a write", async () => {
  localStorage.setItem("auth", JSON.stringify({ state: { token: first, theme: "light" } }));
  const { connection, io } = connect(webStorage("auth", { ...zustand, pollInterval }));
  await expect.poll(() => connection.status).toBe("connected");
  localStorage.setItem("auth", JSON.stringify({ state: { token: first, theme: "dark" } }));
  window.dispatchEvent(new StorageEvent("storage", { key: "auth" }));
  await Promise.resolve();
  expect(connection.status).toBe("connected");
  expect(io.links).toHaveLength(1);
  // Nobody has told of this one.
  localStorage.setItem("auth", JSON.stringify({ state: { token: first, theme: "blue" } }));
  await connection.login(second);
  expect(JSON.parse(localStorage.getItem("auth") ?? "")).toEqual({ state: { token: second, theme: "blue" } });
});

test("F48 what decode throws is said once, tried again, signs nobody out, and shows nothing of the text", async () => {
  const text = `{"access_token":"${first}","refresh_token":"${REFRESH_TOKEN}" oops`;
  localStorage.setItem("auth", text);
  const { connection, pass, lines } = connect(webStorage("auth", { ...session, pollInterval }));
  for (let at = 0; at < 5; at += 1) await pass();
  const { status, error } = connection.getSnapshot();
  expect(status).toBe("connecting");
  expect(error).toMatchObject({ code: "ERR_STORAGE_READ", message: expect.stringContaining('"decode"') });
  expect(error?.message).toContain("SyntaxError");
  const shown = [JSON.stringify(lines), String(error?.stack), String(error?.cause)].join();
  for (const secret of [REFRESH_TOKEN, "oops", first]) expect(shown).not.toContain(secret);
  expect(lines.filter((line) => line.startsWith("warn"))).toEqual([
    expect.stringContaining("ERR_STORAGE_READ"),
  ]);
  localStorage.setItem("auth", JSON.stringify({ access_token: first }));
  await pass();
  expect(connection.status).toBe("connected");
});

describe("F48 what encode answers with", () => {
  const cases: Record<string, Shape["encode"]> = {
    "that throws": (_token, text) => JSON.parse(`${text} ${REFRESH_TOKEN}`),
    "without the token in it": (_token, text) => text,
  };
  test.each(Object.entries(cases))(
    "%s is ERR_STORAGE_WRITE, and nothing is stored",
    async (_name, encode) => {
      const text = JSON.stringify({ access_token: first });
      localStorage.setItem("auth", text);
      const { connection } = connect(webStorage("auth", { ...session, encode, pollInterval }));
      await expect.poll(() => connection.status).toBe("connected");
      for (const command of [() => connection.login(second), () => connection.logout()]) {
        const error = await rejection(command(), "ERR_STORAGE_WRITE");
        expect(`${error} ${error.cause} ${error.stack}`).not.toContain(REFRESH_TOKEN);
        expect(localStorage.getItem("auth")).toBe(text);
      }
    },
  );
});

test("F48 without encode the storage is only read", async () => {
  const text = JSON.stringify({ access_token: first, refresh_token: REFRESH_TOKEN });
  localStorage.setItem("auth", text);
  const { connection } = connect(webStorage("auth", { decode: session.decode, pollInterval }));
  await expect.poll(() => connection.status).toBe("connected");
  await rejection(connection.login(second), "ERR_STORAGE_READ_ONLY");
  await connection.logout();
  expect(connection.status).toBe("loggedOut");
  expect(localStorage.getItem("auth")).toBe(text);
});

describe("F48 a value in pieces", () => {
  const text = encodeURIComponent(JSON.stringify({ access_token: first }));
  const cut = text.indexOf("%3A") + 1;
  const put = (name: string, value: string) => Reflect.set(document, "cookie", `${name}=${value}; Path=/`);

  test("is read as one, also where it is cut inside a percent sign's digits, up to a gap", () => {
    put("auth.1", text.slice(cut));
    expect(cookieStorage("auth", session).read()).toBeNull();
    put("auth.0", text.slice(0, cut));
    put("auth.3", "left-over");
    expect(cookieStorage("auth", session).read()).toBe(first);
    Reflect.set(document, "cookie", "auth.3=; Path=/; Max-Age=0");
  });

  test("is one cookie after a write, and no cookie after a removal", async () => {
    const storage = cookieStorage("auth", session);
    for (const token of [second, null]) {
      put("auth.0", text.slice(0, cut));
      put("auth.1", text.slice(cut));
      await storage.write?.(token);
      expect(storage.read()).toBe(token);
      expect(document.cookie).not.toContain("auth.");
    }
    expect(document.cookie).toBe("");
  });

  test("stays where the whole does not fit into one cookie", async () => {
    put("auth.0", text.slice(0, cut));
    put("auth.1", text.slice(cut));
    // What a browser does with more than 4,096 bytes.
    Object.defineProperty(document, "cookie", {
      configurable: true,
      get: () => Reflect.get(Document.prototype, "cookie", document),
      set: (cookie: string) =>
        cookie.length <= 4_096 && Reflect.set(Document.prototype, "cookie", cookie, document),
    });
    onTestFinished(() => void Reflect.deleteProperty(document, "cookie"));
    const encode: Shape["encode"] = (token) =>
      JSON.stringify({ access_token: token, more: "x".repeat(5_000) });
    const storage = cookieStorage("auth", { ...session, encode });
    const write = async (): Promise<void> => storage.write?.(second);
    await rejection(write(), "ERR_STORAGE_WRITE");
    expect(storage.read()).toBe(first);
  });
});

test("F48 in development a wrong decode or encode is refused", () => {
  for (const make of [webStorage, cookieStorage]) {
    expect(() => make("auth", { encode: session.encode })).toThrow(/encode only beside decode/);
    expect(() => make("auth", Object({ decode: "access_token" }))).toThrow(/takes a function as its decode/);
  }
});

test("F48 a text that looks like JSON is not sent, and the error names decode", async () => {
  localStorage.setItem("auth", JSON.stringify({ access_token: first }));
  const { connection } = connect(webStorage("auth", { pollInterval }));
  await expect.poll(() => connection.getSnapshot().error?.code).toBe("ERR_INVALID_TOKEN");
  expect(connection.getSnapshot().error?.message).toContain('"decode"');
});
