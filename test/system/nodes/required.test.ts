import { createConnection, memoryStorage } from "socket-rotor";
import { requireReauthentication } from "socket-rotor/server";
import { describe, expect, onTestFinished, test } from "vitest";
import type { AdapterName } from "./fixture/node.js";
import { startRedis } from "./fixture/redis.js";
import { connectBy, issue, startTokenNode } from "./fixture/token-node.js";
import { join } from "./fixture/user.js";

const CLOSED = { error: "invalid_token", error_description: "A newer token is required." };
const WITHIN = 5_000;
/** So far away that no time of a snapshot looks like a part of a token. */
const DAY = 86_400_000;
const old = (user: string): string => issue(user, Date.now() - DAY);
const fresh = (user: string): string => issue(user, Date.now() + DAY);

describe.each<AdapterName>(["classic", "streams"])("with the %s adapter", (adapter) => {
  test("a newer token that is required on one node is brought on the other, or the connection ends there", async () => {
    const redis = await startRedis();
    const client = await connectBy("redis", redis.url);
    const start = () => startTokenNode({ redis: redis.url, adapter }, client);
    const [one, other] = await Promise.all([start(), start()]);
    const [older, stranger] = [
      join(other.url, { token: old("alice") }),
      join(other.url, { token: old("bob") }),
    ];
    const connection = createConnection({
      url: other.url,
      storage: memoryStorage(old("alice")),
      refresh: async () => fresh("alice"),
      identify: (token) => token.split("~")[0],
      logger: {},
    });
    onTestFinished(() => connection.dispose());
    await Promise.all([older.ready, stranger.ready, connection.whenConnected()]);
    const { id } = connection.socket;
    expect(await requireReauthentication(one.io, { subject: "alice" }, { within: WITHIN })).toBe(true);
    expect(await older.ended).toEqual([CLOSED, "io server disconnect"]);
    expect([connection.socket.id, connection.status]).toEqual([id, "connected"]);
    expect(stranger.socket.connected).toBe(true);
    expect(other.io.of("/").sockets.size).toBe(2);
  });
});

test("F62 a node that starts later knows that a newer token is required, and by when", async () => {
  const redis = await startRedis();
  const start = async () => startTokenNode({ redis: redis.url }, await connectBy("redis", redis.url));
  const one = await start();
  const [before, token] = [old("alice"), old("alice")];
  expect(await requireReauthentication(one.io, { subject: "alice" }, { within: WITHIN })).toBe(true);
  const later = await start();
  const joined = join(later.url, { token });
  await joined.ready;
  expect(await joined.ended).toEqual([CLOSED, "io server disconnect"]);
  expect(await join(later.url, { token: before }).ended).toEqual([CLOSED]);
  await join(later.url, { token: fresh("alice") }).ready;
});
