import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { jwt } from "../../support/tokens.js";
import { findSecrets } from "./secrets.js";
import { type CanaryServer, canaryServer } from "./server.js";
import { connected, unreadable, until, watched } from "./watch.js";

/** Six tokens of two users, in both shapes. */
const shapes = {
  JWT: (user: string, n: number) =>
    jwt(
      { iss: "https://issuer.example", sub: user, jti: `${user}-${n}` },
      `signature_of_${user}_number_${n}`,
    ),
  opaque: (user: string, n: number) =>
    `${user}${n}_${[...user].map((c) => (c.charCodeAt(0) * 7919 * (n + 11)).toString(36)).join("")}`,
};

let server: CanaryServer;
beforeEach(async () => {
  server = await canaryServer();
});
afterEach(() => server.close());

describe.each(["JWT", "opaque"] as const)("no part of a %s token leaves the library", (shape) => {
  const [a1, a2, b1, b2, b3, b4] = [
    ["alice", 1],
    ["alice", 2],
    ["bob", 1],
    ["bob", 2],
    ["bob", 3],
    ["bob", 4],
  ].map(([user, n]) => shapes[shape](String(user), Number(n)));
  const tokens = [a1, a2, b1, b2, b3, b4].map(String);
  const [alice1 = "", alice2 = "", bob1 = "", bob2 = "", bob3 = "", bob4 = ""] = tokens;

  test("in a whole life: connect, rotate, switch, every failure there is, sign-out, kick, dispose", async () => {
    let isAuthBroken = false;
    const answers: Array<() => Promise<string | null>> = [];
    const { connection, storage, left, all, failed } = watched(server, alice1, {
      auth(token: string) {
        if (isAuthBroken) {
          const cause = Object.assign(new Error(`no key for ${token}`, { cause: token }), { key: token });
          throw Object.assign(new TypeError(`cannot sign ${token}`, { cause }), { [token]: token });
        }
        return { token };
      },
      refresh: async () => answers.shift()?.() ?? null,
      ...(shape === "opaque" && { identify: (token: string) => token.slice(0, 3) }),
    });
    const { socket } = connection;
    const clean = (): void => expect(findSecrets(all(), tokens)).toEqual([]);

    await connected(connection);
    expect(await socket.emitWithAck("save", "draft")).toBe("saved");
    await connection.login(alice2);
    await connected(connection);
    const dropped = failed(socket.emitWithAck("never answered"));
    await connection.login(bob1);
    socket.emit("queued while switching");
    await connected(connection);
    await dropped;
    clean();

    // Refused by an error that is full of the token, then a refresh that throws it, then one that works.
    server.refused.set(bob2, (token) =>
      Object.assign(new Error(`invalid ${token}`), {
        data: { error: "invalid_token", error_description: token, deep: [{ token }] },
      }),
    );
    answers.push(
      () => Promise.reject(new Error(`refused to refresh ${bob2}`, { cause: new Error(bob2) })),
      () => Promise.reject(bob2),
      () => Promise.resolve(bob3),
    );
    await connection.login(bob2);
    await until(connection, ({ code }) => code === "ERR_REFRESH_FAILED");
    await connected(connection);
    expect(storage.value).toBe(bob3);
    clean();

    // Refused by a word that is the token; then for good, by a message of the HTTP level.
    const shown: Array<(token: string) => unknown> = [
      (token) => ({ error: token }),
      (token) => ({ code: `${token}!` }),
      (token) => token,
    ];
    for (const data of shown) {
      server.refused.set(bob3, (token) => Object.assign(new Error(token), { data: data(token) }));
      server.kick();
      await until(connection, ({ code }) => code === "ERR_REFUSED");
      clean();
      server.refused.clear();
      await connected(connection);
    }
    server.httpRefusal = `no ${bob3}`;
    server.kick();
    await until(connection, ({ code }) => code === "ERR_TRANSPORT");
    server.httpRefusal = undefined;
    await connected(connection);
    clean();

    await unreadable(connection, storage, `cannot decrypt ${bob3}`);
    isAuthBroken = true;
    await connection.login(bob4);
    await until(connection, ({ code }) => code === "ERR_CREDENTIAL");
    clean();
    isAuthBroken = false;
    await connected(connection);

    storage.onWrite = (token) => {
      throw new Error(`cannot replace ${storage.value} by ${token}`);
    };
    await failed(connection.login(bob1));
    await failed(connection.logout());
    socket.emit("signed out");
    await failed(socket.emitWithAck("signed out"));
    storage.onWrite = () => Promise.reject(new Error(`cannot remove ${bob4}`));
    await failed(connection.logout());
    clean();

    storage.onWrite = undefined;
    await failed(Reflect.apply(connection.login, connection, [{ token: bob4 }]));
    await connection.login(bob4);
    await connected(connection);
    connection.dispose();
    await failed(connection.login(bob1));
    clean();

    // The search would prove nothing if there had been nothing to search, or the tokens had not been used.
    expect(new Set(server.tokens)).toEqual(new Set(tokens));
    expect(left["inspection"]?.length).toBeGreaterThan(200);
    expect(left["explained"]?.length).toBeGreaterThan(30);
    expect(left["inspected"]?.length).toBeGreaterThan(200);
    expect(left["errors"]?.length).toBe(7);
    expect(left["fired"]?.length).toBeGreaterThan(10);
    expect(left["console"]).toEqual([]);
    expect(server.requests.length).toBeGreaterThan(20);
  });

  test("in a header that was not chosen, while a chosen one carries it", async () => {
    const { connection, all } = watched(server, alice1, { extraHeaders: (token) => ({ "x-token": token }) });
    await connected(connection);
    const kept = server.requests.map(({ headers }) => headers);
    expect(findSecrets(kept, tokens).length).toBeGreaterThan(0);
    for (const headers of kept)
      if (typeof headers === "object" && headers !== null) Reflect.deleteProperty(headers, "x-token");
    expect(findSecrets(all(), tokens)).toEqual([]);
  });

  test("in the console, which is where the log goes by default", async () => {
    const { connection, left, all } = watched(server, alice1, {}, false);
    await connected(connection);
    await connection.logout();
    await connection.login(bob1);
    await connected(connection);
    expect(left["console"]?.length).toBeGreaterThan(0);
    expect(findSecrets(all(), tokens)).toEqual([]);
  });
});
