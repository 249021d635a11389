import session, { MemoryStore, type SessionOptions } from "express-session";
import { describe, expect, test } from "vitest";
import { refused } from "../../../support/real-server.js";
import { CountingStore, type SessionServer, startSessions } from "./fixture.js";

const plain = { secret: "keyboard cat", resave: false, saveUninitialized: false };

/** What a user is told who has signed in by a session middleware that is not the one of the sockets. */
async function signInBy(options: Partial<SessionOptions>, store = new CountingStore()) {
  const server = await startSessions({ store, http: () => session({ ...plain, ...options }) });
  const browser = server.browser();
  await browser.post("/login?user=alice");
  expect(browser.cookie).toBeDefined();
  const connect = () => refused(browser.client().join("/", {}));
  expect(await connect()).toMatchObject({ error: "session_required" });
  return { server, browser, connect };
}

const warningsOf = ({ lines }: SessionServer): string[] =>
  lines.filter((line) => line.includes("a handshake brought"));

describe("F33 a session's cookie that is nothing here", () => {
  test("with the signature of another secret is told once, with what to do and without the cookie", async () => {
    const store = new CountingStore();
    const { server, browser, connect } = await signInBy({ store, secret: "another" }, store);
    await connect();
    expect(warningsOf(server)).toEqual([
      expect.stringMatching(/different secrets.*another secret.*every node the same secret/),
    ]);
    expect(server.lines.join("\n")).not.toContain(browser.id);
  });

  test("of another store is told, where no request over HTTP has come through the middleware", async () => {
    const { server, browser } = await signInBy({ store: new MemoryStore() });
    expect(warningsOf(server)).toEqual([expect.stringMatching(/app\.use\(session\) is missing.*store/)]);
    expect(server.lines.join("\n")).not.toContain(browser.id);
  });

  test.each(["another store", "the same store"])("of another name in %s is told", async (which) => {
    const store = new CountingStore();
    const other = which === "the same store" ? store : new MemoryStore();
    const { server } = await signInBy({ store: other, name: "sid" }, store);
    expect(warningsOf(server)).toEqual([expect.stringMatching(/of another name.*app\.use/)]);
  });

  test("of a session that has ended is none, where HTTP has the same middleware", async () => {
    const server = await startSessions();
    const browser = server.browser();
    await browser.post("/login?user=alice");
    const { cookie } = browser;
    await browser.post("/logout");
    for (const cookies of [`${cookie}; other=s%3Aa.b`, "other=s%3Aa.b"]) {
      browser.cookie = cookies;
      expect(await refused(browser.client().join("/", {}))).toMatchObject({ error: "session_required" });
    }
    expect(warningsOf(server)).toEqual([]);
  });

  test("of a session that has ended is none on a node of sockets alone that has known a session", async () => {
    const store = new CountingStore();
    const http = await startSessions({ store });
    const browser = http.browser();
    await browser.post("/login?user=alice");
    // Another process with the same store: nothing of HTTP goes through its middleware.
    const own = new CountingStore();
    Reflect.set(own, "sessions", store.sessions);
    const node = await startSessions({ store: own });
    const there = node.browser();
    there.cookie = browser.cookie;
    await there.connect();
    store.lose(browser.id);
    expect(await refused(there.client().join("/", {}))).toMatchObject({ error: "session_required" });
    expect(warningsOf(node)).toEqual([]);
  });

  test.each(["%", "s:", "s%3A.", "s%3Aa.b", "j%3A%7B%7D"])(
    "made up as %s is refused as any other",
    async (value) => {
      const server = await startSessions();
      const browser = server.browser();
      browser.cookie = `connect.sid=${value}`;
      expect(await refused(browser.client().join("/", {}))).toMatchObject({ error: "session_required" });
      expect(warningsOf(server)).toHaveLength(1);
    },
  );

  test("is tried out with the store left alone, and makes no session", async () => {
    const store = new CountingStore();
    const methods = () => [store.get, store.set, store.touch, store.destroy];
    const server = await startSessions({ store });
    const before = methods();
    const browser = server.browser();
    browser.cookie = "connect.sid=s%3Aa.b";
    await refused(browser.client().join("/", {}));
    // The read is that before anybody is let in.
    expect([store.reads, store.writes, store.size]).toEqual([1, 0, 0]);
    expect(methods()).toEqual(before);
  });
});
