import { createServer } from "node:http";
import session from "express-session";
import { Server } from "socket.io";
import { authenticateToken, checkSetup, shareSession } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { signIn, startServer, tokenOf } from "../../support/real-server.js";
import { jwt } from "../../support/tokens.js";
import { startSessions } from "./sessions/fixture.js";

const identityKey = "a key that outlives a restart";
const readable = (sub: string): string => jwt({ sub, jti: tokenOf("jti") });
const warningsOf = (lines: readonly string[]): string[] => lines.filter((line) => /identityKey/.test(line));
const codesOf = (io: Server): string[] => checkSetup(io).map(({ code }) => code);
const express = () => session({ secret: "keyboard cat", resave: false, saveUninitialized: false });

describe("F54 without an identityKey", () => {
  test("a server with sessions is warned at the first connection, once, with the line to change", async () => {
    const server = await startSessions({ share: { identityKey: undefined } });
    expect(warningsOf(server.lines)).toEqual([]);
    const browser = server.browser();
    await browser.post("/login?user=alice");
    await browser.connect();
    await browser.connect();
    expect(warningsOf(server.lines)).toEqual([
      expect.stringMatching(/restart.*ERR_IDENTITY_CHANGED.*Change: identityKey: process\.env\.IDENTITY_KEY/),
    ]);
    expect(codesOf(server.io)).toContain("identity_key_random");
  });

  test.each(["first", "last"])("one with sessions beside tokens goes by the tokens, called %s", (order) => {
    const io = new Server(createServer());
    const share = () => void shareSession(io, express(), { logger: {} });
    if (order === "last") share();
    authenticateToken(io, { verify: async () => ({ subject: "alice" }), logger: {} });
    if (order === "first") share();
    expect(codesOf(io)).not.toContain("identity_key_random");
  });

  test.each([
    ["no JWT", () => tokenOf("alice")],
    ["a JWT without a subject", () => jwt({ iss: "https://auth.example.com", jti: tokenOf("jti") })],
    ["a JWT with an empty subject", () => jwt({ sub: "", jti: tokenOf("jti") })],
  ])("a server whose tokens nobody can read is warned at the first: %s", async (_, make) => {
    const server = await startServer({ identityKey: undefined, verify: async () => ({ subject: "alice" }) });
    await signIn(server.client(), readable("alice"));
    expect(warningsOf(server.lines)).toEqual([]);
    for (let times = 0; times < 2; times += 1) await signIn(server.client(), make());
    expect(warningsOf(server.lines)).toHaveLength(1);
    expect(codesOf(server.io)).toEqual(["identity_key_random"]);
  });

  test("one whose tokens say who they stand for is not, nor by one that is refused", async () => {
    const server = await startServer({
      identityKey: undefined,
      async verify(token) {
        if (token.startsWith("forged"))
          throw Object.assign(new Error(), { data: { error: "invalid_token" } });
        return { subject: "alice" };
      },
    });
    await signIn(server.client(), readable("alice"));
    const { control } = await signIn(server.client(), readable("alice"));
    await control.emitWithAck("reauthenticate", { auth: { token: tokenOf("forged") } });
    expect(warningsOf(server.lines)).toEqual([]);
    expect(codesOf(server.io)).toEqual([]);
  });
});

test.each(["sessions", "tokens"])("F54 with an identityKey a server with %s is not warned", async (kind) => {
  const server =
    kind === "tokens" ? await startServer({ identityKey }) : await startSessions({ share: { identityKey } });
  if ("browser" in server) {
    const browser = server.browser();
    await browser.post("/login?user=alice");
    await browser.connect();
  } else {
    await signIn(server.client(), tokenOf("alice"));
  }
  expect(warningsOf(server.lines)).toEqual([]);
  expect(codesOf(server.io)).not.toContain("identity_key_random");
});

describe("F54 after a restart", () => {
  /** What a client is told of alice by one process, and by the next. */
  async function readyTwice(key: string | undefined) {
    const told: unknown[] = [];
    for (let process = 0; process < 2; process += 1) {
      const server = await startSessions({ share: { identityKey: key } });
      const browser = server.browser();
      await browser.post("/login?user=alice");
      const { ready } = await browser.connect();
      told.push(Reflect.get(Object(ready), "identity"));
    }
    return told;
  }

  test("the same user is the same one with an identityKey, and another one without", async () => {
    const [before, after] = await readyTwice(identityKey);
    expect(after).toBe(before);
    const [first, second] = await readyTwice(undefined);
    expect(second).not.toBe(first);
  });
});
