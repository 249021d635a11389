import {
  ConnectionError,
  createConnection,
  fromSubscription,
  memoryStorage,
  type StorageAdapter,
} from "socket-rotor";
import { fakeIo } from "socket-rotor/testing";
import { describe, expect, test } from "vitest";
import { connectedRig, rig } from "../../support/connections.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { recordingLogger } from "../../support/recording-logger.js";
import { rejection } from "../../support/rejection.js";
import { jwt } from "../../support/tokens.js";
import { untyped } from "../../support/untyped.js";
import { sourceHarness } from "./source-harness.js";

const REFRESH_TOKEN = "the-refresh-token-1234567890";
const token = jwt({ sub: "alice", jti: 1 });
const session = { access_token: token, refresh_token: REFRESH_TOKEN, user: { name: "Alice" } };

/** What the stores of frameworks and auth clients put where a token is looked for. */
const JSON_TEXTS: Record<string, string> = {
  "JSON.stringify(token)": JSON.stringify(token),
  "zustand persist": JSON.stringify({ state: { token }, version: 0 }),
  "redux-persist": JSON.stringify({ auth: JSON.stringify(session), _persist: "{}" }),
  "pinia-plugin-persistedstate": JSON.stringify({ token, user: null }),
  "supabase-js, its session": JSON.stringify(session),
  "supabase-js 1, an array of tokens": JSON.stringify([token, REFRESH_TOKEN]),
  "@supabase/ssr, a cookie in base64url": `base64-${Buffer.from(JSON.stringify(session)).toString("base64url")}`,
  "an array in base64url": `base64-${Buffer.from(JSON.stringify([token])).toString("base64url")}`,
  "oidc-client-ts, its user": JSON.stringify({ ...session, scope: "openid" }, null, 2),
  "after white space": ` \n\t ${JSON.stringify(session)}`,
  "after a byte order mark": `\uFEFF${JSON.stringify(session)}`,
  "an object in percent signs": encodeURIComponent(JSON.stringify(session)),
  "the same in small letters": encodeURIComponent(JSON.stringify(session)).toLowerCase(),
  "an array in percent signs": encodeURIComponent(JSON.stringify([token])),
  "a quoted string in percent signs": encodeURIComponent(JSON.stringify(token)),
  "Express, a JSON cookie": `j:${JSON.stringify(session)}`,
  "Express, a JSON cookie as it is on the wire": encodeURIComponent(`j:${JSON.stringify(session)}`),
  "Express, a signed JSON cookie": `s:j:${JSON.stringify(session)}.c2lnbmF0dXJl`,
  "an object that was stored as it is": String({ token }),
  "cut off": '{"access_token":"ey',
};

/** What a server of somebody's may have made for a token. */
const TOKENS = [
  token,
  "1|laravelsanctumtokenlaravelsanctumtoken",
  "eyJpdiI6Ik1UST0iLCJ2YWx1ZSI6IiJ9",
  "s:abcdefghijklmnop.c2lnbmF0dXJl",
  "j:abcdefgh",
  "base64-abcdefgh",
  "base64-eyes",
  "user:pass%7Bword",
  "%41bcdefgh",
  "(abcdefgh)",
  "'abcdefgh'",
  "Bearer abcdefgh",
  "v4.public.abcdefgh",
  "~abc.def-ghi_jkl+mno/pqr==",
  "a{b}c[d]e",
  "undefined",
];

const cases = Object.entries(JSON_TEXTS);

/** What an error may show: what it looks like and what to do, and nothing of the value. */
function expectWords({ message }: Error): void {
  expect(message).toMatch(/JSON/);
  expect(message).toMatch(/an object|an array|a quoted string/);
  expect(message).toContain("docs/storage-adapters.md#a-token-inside-json");
  for (const secret of [token.slice(0, 12), REFRESH_TOKEN.slice(0, 12), "Alice"])
    expect(message).not.toContain(secret);
}

describe.each(cases)("F48 %s", (_, text) => {
  const adapters: Record<string, () => StorageAdapter> = {
    "a synchronous storage": () => ({ read: () => text, subscribe: () => () => {} }),
    "an asynchronous storage": () => ({ read: async () => text, subscribe: () => () => {} }),
    fromSubscription: () => fromSubscription({ read: async () => text, subscribe: () => () => {} }),
  };

  test.each(Object.entries(adapters))("from %s is never sent, and said once", async (_name, adapter) => {
    const logger = recordingLogger();
    const { connection, io, clock } = rig(null, { storage: adapter(), logger });
    await promisesSettled();
    for (let tries = 0; tries < 3; tries += 1) {
      await clock.advance(60_000);
      await promisesSettled();
    }
    expect(io.links).toEqual([]);
    const { status, error } = connection.getSnapshot();
    expect(status).toBe("connecting");
    expect(error).toMatchObject({ code: "ERR_INVALID_TOKEN" });
    expectWords(error ?? new Error());
    const warnings = logger.lines.filter((line) => line.startsWith("warn"));
    expect(warnings).toHaveLength(1);
    expectWords(new Error(warnings[0]));
  });

  test("login() rejects, and stores nothing", async () => {
    const { connection, storage, io } = await connectedRig(jwt({ sub: "alice", jti: 0 }));
    expectWords(await rejection(connection.login(text), "ERR_INVALID_TOKEN"));
    expect(storage.read()).toBe(jwt({ sub: "alice", jti: 0 }));
    expect(io.links).toHaveLength(1);
    expect(connection.status).toBe("connected");
  });

  test("from refresh() is neither stored nor sent, and signs nobody out", async () => {
    const { connection, storage, io } = await connectedRig("opaque", { refresh: async () => text });
    expectWords(await rejection(connection.refresh(), "ERR_INVALID_TOKEN"));
    expect(storage.read()).toBe("opaque");
    expect(io.links).toHaveLength(1);
    expect(connection.status).toBe("connected");
  });

  test("memoryStorage() throws", () => {
    const thrown = (call: () => unknown): unknown => {
      try {
        return call();
      } catch (error) {
        return error;
      }
    };
    for (const error of [thrown(() => memoryStorage(text)), thrown(() => memoryStorage().write(text))]) {
      expect(error).toBeInstanceOf(ConnectionError);
      expect(error).toMatchObject({ code: "ERR_INVALID_TOKEN" });
      if (error instanceof Error) expectWords(error);
    }
  });

  test("in place of a token that is in use: nothing leaves, the queue stays, and the token comes back", async () => {
    let held = token;
    const storage = { read: () => held, subscribe: () => () => {} };
    const { connection, io, clock } = await connectedRig(token, { storage });
    held = text;
    connection.socket.emit("note", 1);
    await promisesSettled();
    expect(io.link.sockets.get("/")?.written).toEqual([]);
    expect(connection.status).not.toBe("loggedOut");
    held = token;
    await clock.advance(60_000);
    await promisesSettled();
    if (connection.status !== "connected") io.link.accept();
    await promisesSettled();
    expect(connection.status).toBe("connected");
    expect(io.link.sockets.get("/")?.written.map(({ event }) => event)).toEqual(["note"]);
    expect(io.links.map(({ credential }) => credential)).toEqual(io.links.map(() => ({ token })));
  });
});

test("F48 refresh() writes nothing over the JSON of somebody's store", async () => {
  const store = JSON.stringify(session);
  let held = token;
  const written: unknown[] = [];
  const storage: StorageAdapter = {
    read: () => held,
    subscribe: () => () => {},
    write: (next) => void written.push(next),
  };
  const { connection } = await connectedRig(token, { storage, refresh: async () => "fresh" });
  held = store;
  await connection.refresh().catch(() => {});
  expect(written).toEqual([]);
});

test.each(TOKENS)("F48 %j may be a token, and is sent", async (opaque) => {
  const { io, connection } = rig(null);
  await connection.login(opaque);
  await promisesSettled();
  expect(io.link.credential).toEqual({ token: opaque });
});

test("F48 the marker of an adapter for cookies is no token, and may be anything", async () => {
  const marker = '{"signIn":1}';
  const at = sourceHarness({ credential: "cookie", read: () => marker, subscribe: () => () => {} });
  at.source.read();
  expect(at.events).toMatchObject([{ type: "token.changed" }]);
});

test("F48 the testing kit refuses it as well", async () => {
  const io = fakeIo();
  const connection = createConnection({
    url: "https://api.example.com",
    storage: { read: () => JSON.stringify(session), subscribe: () => () => {} },
    io,
    logger: {},
  });
  await promisesSettled();
  expect(connection.getSnapshot().error).toMatchObject({ code: "ERR_INVALID_TOKEN" });
  expect(io.log).toEqual([]);
  connection.dispose();
});

test("what is no string keeps its own words", async () => {
  const error = await rejection(rig().connection.login(untyped({ token })), "ERR_INVALID_TOKEN");
  expect(error.message).toMatch(/got an object/);
});
