import { Server } from "socket.io";
import { requireReauthentication, shareSession } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { connected, deferred, refused, serverSockets, signIn } from "../../../support/real-server.js";
import { rejection } from "../../../support/rejection.js";
import { untyped } from "../../../support/untyped.js";
import { issue, verify } from "./dated-tokens.js";
import { CLOSED, join, joinStock, start, WITHIN } from "./requirement-fixture.js";

const MINUTE = 60_000;
const earlier = (): number => Date.now() - 1_000;
const later = (): number => Date.now() + 1_000;
const lifetimeIn = (message: unknown): number => Number(Reflect.get(Object(message), "expiresIn"));

describe("F68 requireReauthentication", () => {
  test("asks for a newer token, which takes effect on the same connection", async () => {
    const server = await start({ before: (io) => io.of("/chat") });
    const client = server.client();
    const { control, sockets } = await signIn(client, issue("alice", earlier()), ["/", "/chat"]);
    const asked = new Promise((resolve) => control.once("reauthenticate_required", resolve));
    const bob = await join(server.client(), issue("bob", earlier()));
    expect(await requireReauthentication(server.io, { subject: "alice" }, { within: MINUTE })).toBe(true);
    const { within } = untyped<{ within: number }>(await asked);
    expect(within).toBeGreaterThan(MINUTE - 5_000);
    expect(within).toBeLessThanOrEqual(MINUTE);
    const ids = sockets.map(({ id }) => id);
    const token = issue("alice", later());
    expect(await control.emitWithAck("reauthenticate", { auth: { token } })).toEqual({ ok: true });
    expect(sockets.map(({ id }) => id)).toEqual(ids);
    expect(serverSockets(server.io).filter(({ data }) => data.token === token)).toHaveLength(2);
    await bob.control.emitWithAck("sync");
    expect(bob.control.listeners("reauthenticate_required")).toHaveLength(1);
  });

  test("closes with invalid_token the connections of all who bring none in time, and no other", async () => {
    const server = await start();
    const ends: Record<string, Promise<unknown>> = {};
    const stays: Record<string, { connected: boolean }> = {};
    const ask = (subject: string) => requireReauthentication(server.io, { subject }, { within: WITHIN });

    const stock = await joinStock(server.client(), issue("stock", earlier()));
    await ask("stock");
    ends["a stock client"] = stock.end;

    const older = await join(server.client(), issue("older", earlier()));
    await ask("older");
    ends["an older client"] = older.end;

    /** Somebody who brings a second token on the same connection, and what is answered. */
    const bring = async (user: string, first: string, second: string) => {
      const visitor = await join(server.client(), first);
      await ask(user);
      return { ...visitor, answer: await visitor.bring(second) };
    };
    const same = issue("same", earlier());
    const changed = issue("changed", "now");
    for (const [name, user, first, second] of [
      ["the same text", "same", same, same],
      ["the same text, which is said to be issued now", "changed", changed, changed],
      ["a token from before", "past", issue("past", earlier()), issue("past", earlier())],
      ["a token of which nothing is said", "opaque", issue("opaque", ""), issue("opaque", "")],
      ["a token of the same id", "id", issue("id", "", "one"), issue("id", "", "one")],
      ["an id that the first has not", "half", issue("half", ""), issue("half", "", "two")],
      ["another id from before", "both", issue("both", earlier(), "1"), issue("both", earlier(), "2")],
    ] as const) {
      const { answer, end } = await bring(user, first, second);
      // It is good until then, which brings the next one.
      expect([name, answer]).toEqual([name, { ok: true, expiresIn: expect.any(Number) }]);
      expect(lifetimeIn(answer)).toBeLessThanOrEqual(WITHIN);
      ends[name] = end;
    }
    const other = await bring("mine", issue("mine", earlier()), issue("yours", later()));
    expect(other.answer).toMatchObject({ ok: false, error: "identity_mismatch" });
    ends["another user's token"] = other.end;

    for (const [name, user, first, second] of [
      ["a newer token", "new", issue("new", earlier()), issue("new", later())],
      ["a newer token of the same id", "newer", issue("newer", earlier(), "x"), issue("newer", later(), "x")],
      ["another id", "ids", issue("ids", "", "one"), issue("ids", "", "two")],
    ] as const) {
      const { answer, control } = await bring(user, first, second);
      expect([name, answer]).toEqual([name, { ok: true }]);
      stays[name] = control;
    }
    const ahead = await join(server.client(), issue("ahead", Date.now() + MINUTE));
    await ask("ahead");
    stays["a token that is newer already"] = ahead.control;
    stays["somebody else"] = (await join(server.client(), issue("else", earlier()))).control;

    const stockEnd = "io server disconnect";
    for (const [name, end] of Object.entries(ends)) {
      const expected = name === "a stock client" ? stockEnd : [CLOSED, stockEnd, stockEnd];
      expect([name, await end]).toEqual([name, expected]);
    }
    // All of them have had their time by now.
    for (const [name, socket] of Object.entries(stays))
      expect([name, socket.connected]).toEqual([name, true]);
    expect(server.links.size).toBe(Object.keys(stays).length);
  });

  test("leaves the end of a token as it is, where that comes first", async () => {
    let lifetime = 500;
    const server = await start({
      verify: async (token) => ({ ...(await verify(token)), expiresAt: Date.now() + lifetime }),
    });
    const { end, required } = await join(server.client(), issue("alice", earlier()));
    await requireReauthentication(server.io, { subject: "alice" }, { within: MINUTE });
    // A client goes by what it was told last.
    expect(untyped<{ within: number }>(await required).within).toBeLessThanOrEqual(500);
    expect(await end).toMatchObject([{ error_description: "The token has expired." }, {}, {}]);
    lifetime = 2 * MINUTE;
    const again = await join(server.client(), issue("alice", earlier()));
    expect(lifetimeIn(again.ready)).toBeLessThanOrEqual(MINUTE);
    expect(lifetimeIn(await again.bring(issue("alice", later())))).toBeGreaterThan(MINUTE);
  });

  test("by tokenId asks for the one token alone, whenever it was issued", async () => {
    const server = await start();
    const one = await join(server.client(), issue("alice", earlier(), "one"));
    const two = await join(server.client(), issue("alice", earlier(), "two"));
    let isAsked = false;
    void two.required.then(() => {
      isAsked = true;
    });
    await requireReauthentication(server.io, { tokenId: "one" }, { within: MINUTE });
    await one.required;
    await two.control.emitWithAck("sync");
    expect(isAsked).toBe(false);
    await requireReauthentication(server.io, { subject: "alice", tokenId: "two" }, { within: MINUTE });
    await two.required;
    // Another id alone is not enough where it is known when a token was issued.
    expect(lifetimeIn(await one.bring(issue("alice", earlier(), "three")))).toBeLessThanOrEqual(MINUTE);
    expect(await one.bring(issue("alice", later(), "one"))).toEqual({ ok: true });
  });
});

describe("F68 a connection that is made meanwhile or later", () => {
  test("with a token from before gets what is left of the time, and is refused after it", async () => {
    const server = await start();
    const [old, byId] = [issue("alice", earlier()), issue("bob", "", "one")];
    await requireReauthentication(server.io, { subject: "alice" }, { within: WITHIN });
    await requireReauthentication(server.io, { tokenId: "one" }, { within: WITHIN });
    const joined = await Promise.all([old, byId].map((token) => join(server.client(), token)));
    for (const { ready } of joined) expect(lifetimeIn(ready)).toBeLessThanOrEqual(WITHIN);
    for (const { end } of joined) expect((await end)[0]).toEqual(CLOSED);
    for (const token of [old, byId]) {
      expect(await refused(server.client().join("/", { token }))).toEqual(CLOSED);
    }
    const { ready } = await join(server.client(), issue("alice", later()));
    expect(ready).not.toHaveProperty("expiresIn");
    // Another requirement does not give back the time that was over.
    await requireReauthentication(server.io, { subject: "alice" }, { within: MINUTE });
    expect(await refused(server.client().join("/", { token: old }))).toEqual(CLOSED);
  });

  test("while its token is being verified, is asked as well", async () => {
    const gate = deferred<void>();
    const server = await start({
      verify: async (token) => {
        await gate.promise;
        return verify(token);
      },
    });
    const joining = join(server.client(), issue("alice", earlier()));
    await expect.poll(() => server.verified.length).toBe(1);
    await requireReauthentication(server.io, { subject: "alice" }, { within: MINUTE });
    gate.resolve();
    const { ready, required } = await joining;
    expect(lifetimeIn(ready)).toBeLessThanOrEqual(MINUTE);
    expect(await required).toEqual({ within: lifetimeIn(ready) });
  });

  test("is let in where verify does not say when its token was issued, and that is said once", async () => {
    const server = await start();
    await requireReauthentication(server.io, { subject: "alice" }, { within: MINUTE });
    for (const id of ["one", "two"]) {
      const { ready } = await join(server.client(), issue("alice", "", id));
      expect(ready).not.toHaveProperty("expiresIn");
    }
    expect(server.lines.filter((line) => line.includes('answer "issuedAt"'))).toHaveLength(1);
  });
});

describe("F68 a second call for the same user", () => {
  test("wants a token that is newer than itself, by the time that is over first", async () => {
    const server = await start();
    const { required, bring, control } = await join(server.client(), issue("alice", earlier()));
    const asked: unknown[] = [];
    control.on("reauthenticate_required", (message) => asked.push(message));
    await requireReauthentication(server.io, { subject: "alice" }, { within: MINUTE });
    await required;
    const between = issue("alice", Date.now());
    await expect.poll(() => Date.now()).toBeGreaterThan(Number(between.split("~")[1]));
    await requireReauthentication(server.io, { subject: "alice" }, { within: 2 * MINUTE });
    expect(lifetimeIn(await bring(between))).toBeLessThanOrEqual(MINUTE);
    // The client is about to bring one as it is.
    expect(asked).toHaveLength(1);
    await requireReauthentication(server.io, { subject: "alice" }, { within: MINUTE / 2 });
    expect(lifetimeIn(await bring(between))).toBeLessThanOrEqual(MINUTE / 2);
    expect(asked).toHaveLength(2);
    expect(await bring(issue("alice", later()))).toEqual({ ok: true });
  });

  test("puts off the end of no connection", async () => {
    const server = await start();
    const { control } = await join(server.client(), issue("alice", earlier()));
    await requireReauthentication(server.io, { subject: "alice" }, { within: WITHIN });
    await requireReauthentication(server.io, { subject: "alice" }, { within: MINUTE });
    await expect.poll(() => control.connected, { timeout: 3 * WITHIN }).toBe(false);
  });
});

describe("a requirement that is a mistake", () => {
  const within = MINUTE;
  test.each([
    [{}, { within }, "{ subject } or { tokenId }"],
    [{ subject: "" }, { within }, "{ subject } or { tokenId }"],
    [{ tokenId: 7 }, { within }, "{ subject } or { tokenId }"],
    [{ userId: "x" }, { within }, '"userId"'],
    [undefined, { within }, "undefined"],
    [{ subject: "alice" }, undefined, "undefined"],
    [{ subject: "alice" }, {}, '"within"'],
    [{ subject: "alice" }, { within: "60s" }, '"within"'],
    [{ subject: "alice" }, { within: 1_999 }, "2000"],
    [{ subject: "alice" }, { within: 86_400_001 }, "86400000"],
    [{ subject: "alice" }, { within: Number.NaN }, '"within"'],
    [{ subject: "alice" }, { within, error: "x" }, '"error"'],
  ])("%j with %j is an error, and asks nobody", async (who, options, words) => {
    const server = await start();
    const { control } = await join(server.client(), issue("alice", earlier()));
    const asked: unknown[] = [];
    control.on("reauthenticate_required", (message) => asked.push(message));
    const { message } = await rejection(
      requireReauthentication(server.io, untyped(who), untyped(options)),
      "ERR_INVALID_OPTION",
    );
    expect(message).toContain(words);
    await control.emitWithAck("sync");
    expect(asked).toEqual([]);
  });

  test.each([
    ["without anything", () => {}],
    [
      "with sessions alone",
      (io: Server) => void shareSession(io, { find: async () => null }, { logger: {} }),
    ],
  ])("on a server %s says what is missing", async (_, prepare) => {
    const io = new Server();
    prepare(io);
    const failing = requireReauthentication(io, { subject: "alice" }, { within });
    expect((await rejection(failing, "ERR_SERVER_SETUP")).message).toMatch(/authenticateToken|takes none/);
  });

  test("is told where tokens have no id by which they could be asked for", async () => {
    const server = await start();
    await connected(server.client().join("/", { token: issue("alice", earlier()) }));
    await requireReauthentication(server.io, { tokenId: "one" }, { within });
    expect(server.lines.filter((line) => line.includes("jti"))).toHaveLength(1);
  });
});
