import type { IncomingMessage } from "node:http";
import { Server } from "socket.io";
import { memoryStorage } from "socket-rotor";
import {
  allowOrigins,
  checkSetup,
  drain,
  joseVerifier,
  limitHandshakes,
  revoke,
  TokenError,
} from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { thrown } from "../../support/rejection";
import { untyped } from "../../support/untyped";
import { connectTo, outcome, until, untilIn } from "../../system/fixture/client";
import { startServer } from "../../system/fixture/server";
import { signedIn } from "../../system/rotation/fixture/signed-in";

describe("a client and authenticateToken()", () => {
  test("the token is verified in every namespace, once a connection", async () => {
    const server = await startServer({ half: {}, namespaces: ["/", "/chat", "/news"] });
    const verified: string[] = [];
    server.rules.verify = (token) => void verified.push(token);
    const token = await server.tokens.issue("ada");
    const connection = connectTo(server, { storage: memoryStorage(token) });
    for (const name of ["/", "/chat", "/news"]) await connection.of(name).emitWithAck("hello");
    expect(verified).toEqual([token]);
    expect(server.log.all("connected").map(({ user }) => user)).toEqual(["ada", "ada", "ada"]);
  });

  test("a newer token is taken without a new connection: same id, same rooms, no event lost", async () => {
    const { server, storage, connection, issue, asked } = await signedIn();
    const { id } = connection.socket;
    const heard: number[] = [];
    connection.socket.on("news", (number: number) => heard.push(number));
    const next = await issue();
    server.rules.asked = () => void server.io.emit("news", 1);
    server.rules.answered = () => void server.io.emit("news", 2);
    storage.write(next);
    await server.log.count("answered", 1);
    await connection.whenConnected();
    server.io.emit("news", 3);
    await connection.socket.emitWithAck("hello");
    expect([connection.socket.id, heard, asked()]).toEqual([id, [1, 2, 3], [next]]);
    expect(server.carried()).toEqual([next]);
  });

  test("F27 the connection ends with a goodbye when the token expires, and the client refreshes", async () => {
    const server = await startServer({ half: {} });
    const [first, fresh] = [await server.tokens.issue("ada"), await server.tokens.issue("ada")];
    server.rules.expiresAt = (token) => (token === first ? Date.now() + 300 : undefined);
    let calls = 0;
    const connection = connectTo(server, {
      storage: memoryStorage(first),
      // Not ahead of expiry: its first answers fail.
      refresh: async () => {
        calls += 1;
        if (server.live().length > 0) throw new Error("not yet");
        return fresh;
      },
    });
    await server.log.count("connected", 2);
    await connection.whenConnected();
    expect(calls).toBeGreaterThan(0);
    expect(server.carried()).toEqual([fresh]);
  });

  test("revoke() ends the user's connections; a client that cannot refresh is logged out, and says why", async () => {
    const { server, connection } = await signedIn();
    expect(await revoke(server.io, { subject: "ada" }, new TokenError("access_denied", "Closed."))).toBe(
      true,
    );
    const { error } = await untilIn(connection, "loggedOut.rejected");
    expect(error).toMatchObject({ code: "ERR_REFUSED", reason: "access_denied" });
    expect(server.live()).toEqual([]);
  });

  test("drain() before a deploy: the client stays away for the time that it is told, and keeps what waits", async () => {
    const { server, connection } = await signedIn();
    await drain(server.io, { within: 50 });
    const { detail } = await until(connection, ({ status }) => status === "connecting");
    expect(["waiting", "opening"]).toContain(detail);
    const kept = outcome(connection.socket.emitWithAck("kept"));
    await server.stop();
    await server.start();
    expect(await kept).toBe("resolved");
  });

  test("F21 a token that lives for 30 days is known to do so", async () => {
    const server = await startServer({ half: {} });
    const end = Date.now() + 30 * 86_400_000;
    server.rules.expiresAt = () => end;
    const connection = connectTo(server, { storage: memoryStorage(await server.tokens.issue("ada")) });
    const { expiresAt = 0 } = await until(connection, (snapshot) => (snapshot.expiresAt ?? 0) > end - 60_000);
    expect(Math.abs(expiresAt - end)).toBeLessThan(60_000);
  });
});

describe("what is before the token", () => {
  test.each(["polling", "websocket"] as const)(
    "allowOrigins() refuses a foreign origin over %s",
    async (transport) => {
      const server = await startServer({ half: {} });
      allowOrigins(server.io, ["https://app.example.com"], { logger: {} });
      const storage = memoryStorage(await server.tokens.issue("ada"));
      const from = (origin: string) =>
        connectTo(server, {
          storage,
          transport,
          extraHeaders: () => ({ origin }),
          reconnectionAttempts: 0,
        });
      await from("https://app.example.com").whenConnected();
      await until(
        from("https://evil.example.com"),
        ({ status }) => status === "idle" || status === "loggedOut",
      );
      expect(server.log.all("handshake").filter(({ namespace }) => namespace === "/")).toHaveLength(1);
    },
  );

  test("limitHandshakes() refuses what is beyond the limit with 429, and the client waits", async () => {
    const server = await startServer({ half: {} });
    let isOpen = false;
    limitHandshakes(
      server.io,
      {
        consume: () => (isOpen ? Promise.resolve() : Promise.reject({ msBeforeNext: 20 })),
      },
      { logger: {} },
    );
    const storage = memoryStorage(await server.tokens.issue("ada"));
    const connection = connectTo(server, { storage, transport: "polling" });
    const { error } = await untilIn(connection, "connecting.waiting");
    expect(error?.status).toBe(429);
    isOpen = true;
    await connection.whenConnected();
  });
});

describe("mistakes are errors at once", () => {
  test("something other than a Socket.IO server", () => {
    for (const call of [
      () => checkSetup(untyped({})),
      () => allowOrigins(untyped({}), ["https://a.example"]),
    ])
      thrown(call, "ERR_INVALID_OPTION");
  });

  test("a TokenError with a word that there is not, and an algorithm that is not verified", () => {
    thrown(() => new TokenError(untyped("invalid_tokn")), "ERR_INVALID_OPTION");
    const jwksUri = "http://keys.example.com/jwks";
    const key = new TextEncoder().encode("a secret that is long enough for the algorithm");
    thrown(() => joseVerifier({ key, algorithms: ["HS257"] }), "ERR_INVALID_OPTION");
    thrown(
      () => joseVerifier({ jwksUri, issuer: "https://a.example", audience: "a", algorithms: ["ES256"] }),
      "ERR_INVALID_OPTION",
    );
  });

  test("checkSetup() knows the usual ones", () => {
    const io = new Server({ cors: { origin: "*", credentials: true } });
    expect(checkSetup(io).length).toBeGreaterThan(0);
  });
});

test("with extraHeaders and polling, requests after a rotation on the same link carry the new token's headers", async () => {
  const server = await startServer({ half: {} });
  const [older, newer] = [await server.tokens.issue("ada"), await server.tokens.issue("ada")];
  const seen = new Set<string>();
  server.io.engine.use(({ headers }: IncomingMessage, _: unknown, next: () => void) => {
    seen.add(`${headers.authorization} ${headers["x-only-old"]}`);
    next();
  });
  const storage = memoryStorage(older);
  const connection = connectTo(server, {
    storage,
    transport: "polling",
    extraHeaders: (token) => ({ authorization: token, ...(token === older && { "x-only-old": "yes" }) }),
  });
  await connection.whenConnected();
  await server.log.count("ready", 1);
  await connection.socket.emitWithAck("hello");
  storage.write(newer);
  await server.log.count("answered", 1);
  await connection.whenConnected();
  // A request that was waiting for something to fetch was made before.
  await connection.socket.emitWithAck("hello");
  seen.clear();
  for (let round = 0; round < 3; round += 1) await connection.socket.emitWithAck("hello");
  expect([...seen]).toEqual([`${newer} undefined`]);
  expect(server.log.all("connected")).toHaveLength(1);
});

test("a path of the url beyond ASCII names the same namespace as with io()", async () => {
  const server = await startServer({ namespaces: ["/gr%C3%BC%C3%9Fe", "/gr\u00fc\u00dfe"] });
  const storage = memoryStorage(await server.tokens.issue("ada"));
  const connection = connectTo(server, { storage, url: `${server.url}/gr\u00fc\u00dfe` });
  await connection.whenConnected();
  const { io } = await import("socket.io-client");
  const raw = io(`${server.url}/gr\u00fc\u00dfe`, { auth: { token: storage.read() }, forceNew: true });
  await new Promise<void>((resolve) => raw.once("connect", resolve));
  raw.close();
  const [ours, theirs] = server.log.all("connected").map(({ namespace }) => namespace);
  expect(ours).toBe(theirs);
});
