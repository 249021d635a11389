import { createServer } from "node:http";
import express from "express";
import session, { MemoryStore, type SessionData } from "express-session";
import { Server } from "socket.io";
import {
  type SessionHandle,
  type SessionMiddleware,
  type SessionOptions,
  sessionDeadline,
  shareSession,
} from "socket-rotor/server";
import { describe, expect, expectTypeOf, test } from "vitest";
import { installedOn } from "../../../../src/server/installed.js";
import { probeSession } from "../../../../src/server/sessions/session-setup.js";
import { createGoneSessions } from "../../../../src/server/sessions/watched-store.js";
import { createQueue } from "../../../../src/server/timing.js";
import { deferred } from "../../../support/real-server.js";
import { thrown } from "../../../support/rejection.js";
import { untyped } from "../../../support/untyped.js";
import { CountingStore } from "./fixture.js";

const plain = { secret: "keyboard cat", resave: false, saveUninitialized: false };
const attached = (): Server => new Server(createServer());

describe("shareSession", () => {
  test("takes what express-session answers, with its types and without a cast", () => {
    const middleware = session(plain);
    const handle = shareSession(attached(), middleware, {
      logger: {},
      identify: ({ user }: SessionData) => user,
    });
    expectTypeOf(handle).toEqualTypeOf<SessionHandle<SessionData>>();
    expectTypeOf(handle.load).returns.resolves.toEqualTypeOf<SessionData>();
    express().use(middleware).use(sessionDeadline(middleware, 1_000));
    expectTypeOf(
      shareSession(attached(), session(plain), { logger: {} }).load,
    ).returns.resolves.toEqualTypeOf<{
      readonly [name: string]: unknown;
    }>();
  });

  test.each<[what: string, middleware: unknown, message: string]>([
    ["nothing", undefined, "session"],
    ["the options of express-session", plain, "session"],
  ])("given %s is an error", (_, middleware, message) => {
    const share = () => shareSession(attached(), untyped<SessionMiddleware>(middleware));
    expect(thrown(share, "ERR_INVALID_OPTION").message).toContain(message);
  });

  test.each<[what: string, middleware: SessionMiddleware, message: string]>([
    ["another middleware", (_request, _response, next) => next(), "no middleware of express-session"],
    ["a middleware that never answers", () => {}, "no middleware of express-session"],
    ["express-session itself", untyped<SessionMiddleware>(session), "no middleware of express-session"],
    [
      "a cookie of another path",
      session({ ...plain, cookie: { path: "/app" } }),
      "does not cover /socket.io/",
    ],
    ["no secret", session({ ...plain, secret: untyped<string>(undefined) }), "secret"],
  ])("given %s is an error, and leaves the server as it was", (_, middleware, message) => {
    const io = attached();
    expect(thrown(() => shareSession(io, middleware), "ERR_SERVER_SETUP").message).toContain(message);
    expect([...io._nsps.keys()]).toEqual(["/"]);
    expect(installedOn(io)).toBeUndefined();
  });

  test("a second time, or before the server is attached, is an error", () => {
    const io = attached();
    shareSession(io, session(plain), { logger: {} });
    expect(thrown(() => shareSession(io, session(plain)), "ERR_SERVER_SETUP").message).toContain("before");
    const early = () => shareSession(new Server(), session(plain));
    expect(thrown(early, "ERR_SERVER_SETUP").message).toContain("listens");
  });

  test.each<[option: string, options: unknown]>([
    ["required", { required: 1 }],
    ["isSignedIn", { isSignedIn: true }],
    ["identify", { identify: "user" }],
    ["lock", { lock: {} }],
    ["storeTimeout", { storeTimeout: 0 }],
    ["recheckInterval", { recheckInterval: 2 ** 31 }],
    ["touchInterval", { touchInterval: "1m" }],
    ["identityKey", { identityKey: "short" }],
    ["logger", { logger: true }],
    ["secret", { secret: "x" }],
    ["options", null],
  ])("given a wrong %s is an error that names it", (option, options) => {
    const share = () => shareSession(attached(), session(plain), untyped<SessionOptions>(options));
    expect(thrown(share, "ERR_INVALID_OPTION").message).toContain(option);
  });

  test.each([0, 2 ** 31, untyped<number>(undefined)])("sessionDeadline of %s is an error", (ms) => {
    thrown(() => sessionDeadline(session(plain), ms), "ERR_INVALID_OPTION");
  });

  test("handle.end takes an id and a TokenError", async () => {
    const handle = shareSession(attached(), session(plain), { logger: {} });
    await expect(handle.end("")).rejects.toMatchObject({ code: "ERR_INVALID_OPTION" });
    await expect(handle.end("id", untyped(new Error()))).rejects.toMatchObject({
      code: "ERR_INVALID_OPTION",
    });
  });
});

describe("trying a session middleware out", () => {
  test.each([
    [{}, { savesUninitialized: false, resaves: false, cookieName: "connect.sid" }],
    [{ saveUninitialized: true }, { savesUninitialized: true }],
    [{ resave: true }, { resaves: true }],
    [{ name: "id" }, { cookieName: "id" }],
    [
      { cookie: { secure: true } },
      { cookieName: "connect.sid", cookie: { secure: true, httpOnly: true, sameSite: false } },
    ],
    [
      { cookie: { sameSite: "lax" as const, httpOnly: false } },
      { cookie: { secure: false, httpOnly: false, sameSite: true } },
    ],
    [{ cookie: () => ({ maxAge: 1_000 }), rolling: true }, { resaves: false }],
  ])("with %j tells %j, and asks the store nothing", (options, told) => {
    const store = new CountingStore();
    const methods = ["get", "set", "touch", "destroy"] as const;
    const before = methods.map((name) => store[name]);
    const probed = probeSession(session({ ...plain, ...options, store }), "/socket.io/");
    expect(probed).toMatchObject(told);
    expect(probed.store).toBe(store);
    expect([store.reads, store.writes, store.touches, store.size]).toEqual([0, 0, 0, 0]);
    expect(methods.map((name) => store[name])).toEqual(before);
    expect(Object.keys(store)).not.toContain("get");
  });

  test("goes on where ids or cookies cannot be made without a real request", () => {
    const store = new MemoryStore();
    const genid = (): string => {
      throw new Error("no user");
    };
    expect(probeSession(session({ ...plain, store, genid }), "/socket.io/")).toEqual({ store });
  });
});

describe("a watched store", () => {
  test("answers by promise where it is given no callback, as stores do, and a failure that nobody waits for is silent", async () => {
    const store = new CountingStore();
    shareSession(attached(), session({ ...plain, store }), { logger: {} });
    const answer: unknown = Reflect.apply(store.set, store, ["id", { cookie: {} }]);
    await answer;
    expect(store.stored("id")).toBeDefined();
    store.state = "failing";
    await expect(Reflect.apply(store.destroy, store, ["id"])).rejects.toThrow("down");
    store.destroy("id");
    await new Promise((resolve) => setImmediate(resolve));
  });

  test("is watched once, however many servers share it", () => {
    const store = new CountingStore();
    const middleware = session({ ...plain, store });
    shareSession(attached(), middleware, { logger: {} });
    const { destroy } = store;
    shareSession(attached(), middleware, { logger: {} });
    expect(store.destroy).toBe(destroy);
  });

  test("takes a generate of the application's own, which calls the one before it", () => {
    const store = new CountingStore();
    const middleware = session({ ...plain, store });
    shareSession(attached(), middleware, { logger: {} });
    const before: unknown = Reflect.get(store, "generate");
    if (typeof before !== "function") expect.fail("express-session makes one");
    let calls = 0;
    Reflect.set(store, "generate", (request: object) => {
      calls += 1;
      return Reflect.apply(before, store, [request]);
    });
    const request = { headers: {} };
    const generate: unknown = Reflect.get(store, "generate");
    if (typeof generate === "function") Reflect.apply(generate, store, [request]);
    expect([calls, "session" in request]).toEqual([1, true]);
  });

  test("takes an id of the application's own that is in use again for a new session", async () => {
    const store = new CountingStore();
    const middleware = session({ ...plain, store, genid: () => "the-only-one" });
    shareSession(attached(), middleware, { logger: {} });
    await new Promise<void>((resolve) => store.destroy("the-only-one", () => resolve()));
    const generate: unknown = Reflect.get(store, "generate");
    if (typeof generate !== "function") expect.fail("express-session makes one");
    Reflect.apply(generate, store, [{ headers: {} }]);
    await new Promise<void>((resolve) => store.set("the-only-one", untyped({ cookie: {} }), () => resolve()));
    expect(store.stored("the-only-one")).toBeDefined();
  });
});

test("what was destroyed is remembered for ten minutes", () => {
  let time = 0;
  const gone = createGoneSessions(() => time);
  gone.add("a");
  expect([gone.isDestroyed("a"), gone.isDestroyed("b")]).toEqual([true, false]);
  time = 600_000;
  expect(gone.isDestroyed("a")).toBe(false);
});

describe("the queue", () => {
  test("runs the first at once, the next after it, and others beside it", async () => {
    const inTurn = createQueue(1_000);
    const gate = deferred<void>();
    const order: string[] = [];
    const note = (name: string) => async (): Promise<void> => {
      order.push(name);
      if (name === "a1") await gate.promise;
    };
    const all = [inTurn("a", note("a1")), inTurn("a", note("a2")), inTurn("b", note("b1"))];
    expect(order).toEqual(["a1", "b1"]);
    gate.resolve();
    await Promise.all(all);
    expect(order).toEqual(["a1", "b1", "a2"]);
  });

  test("goes on after a failure, and past what takes too long", async () => {
    const inTurn = createQueue(30);
    await expect(inTurn("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    void inTurn("a", () => new Promise(() => {}));
    expect(await inTurn("a", async () => "next")).toBe("next");
  });
});
