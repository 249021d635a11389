import { redisRevocations, revoke } from "socket-rotor/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { collectUncaught } from "../../support/uncaught.js";
import { type HalfDead, openGate } from "./fixture/gate.js";
import { startRedis } from "./fixture/redis.js";
import { type ClientName, connectBy, issue, startTokenNode } from "./fixture/token-node.js";
import { join } from "./fixture/user.js";

const REVOKED = { error: "invalid_token", error_description: "The token was revoked." };
const OUTAGE = { error: "temporarily_unavailable" };

describe.each<ClientName>(["redis", "ioredis"])("F62 with a client of %s", (name) => {
  test("a node that starts later knows what was revoked before", async () => {
    const redis = await startRedis();
    const start = async () => startTokenNode({ redis: redis.url }, await connectBy(name, redis.url));
    const one = await start();
    const [old, device] = [issue("alice", Date.now() - 1_000), issue("bob", 1e13, "device")];
    expect(await revoke(one.io, { subject: "alice" })).toBe(true);
    expect(await revoke(one.io, { tokenId: "device" })).toBe(true);
    const later = await start();
    for (const token of [old, device]) expect(await join(later.url, { token }).ended).toEqual([REVOKED]);
    await join(later.url, { token: issue("alice", Date.now() + 60_000) }).ready;
  });

  test("the ids are read again only when there are others, and those whose time is over go", async () => {
    const redis = await startRedis();
    const client = await connectBy(name, redis.url);
    const [writer, reader] = [redisRevocations(client, "here"), redisRevocations(client, "here")];
    expect(await reader.list()).toEqual([]);
    await writer.add("over", Date.now() - 1);
    await writer.add("for ever", Number.POSITIVE_INFINITY);
    await writer.add("for now", Date.now() + 60_000);
    const first = await reader.list();
    expect([...first].sort()).toEqual(["for ever", "for now"]);
    expect(await reader.list()).toBe(first);
    await writer.add("for now", Date.now() + 90_000);
    expect([...(await reader.list())].sort()).toEqual(["for ever", "for now"]);
    expect(await redisRevocations(client, "there").list()).toEqual([]);
  });

  test("a Redis that was started again, empty, has what is added then", async () => {
    const redis = await startRedis();
    const client = await connectBy(name, redis.url);
    const store = redisRevocations(client);
    await store.add("before", 9e15);
    expect(await store.list()).toEqual(["before"]);
    await redis.kill();
    await redis.restart();
    await expect.poll(() => store.list()).toEqual([]);
    await store.add("after", 9e15);
    expect(await store.list()).toEqual(["after"]);
  });
});

test("F62 while Redis hangs nobody gets in and nobody is signed out, and what was revoked holds when it is back", async () => {
  const redis = await startRedis();
  const start = async () =>
    startTokenNode({ redis: redis.url }, await connectBy("redis", redis.url), { revocationsTimeout: 500 });
  const [one, other] = [await start(), await start()];
  const [alice, bob] = [join(other.url, { token: issue("alice") }), join(other.url, { token: issue("bob") })];
  await Promise.all([alice.ready, bob.ready]);
  onTestFinished(() => redis.resume());
  redis.hang();
  expect(await join(other.url, { token: issue("bob") }).ended).toMatchObject([OUTAGE]);
  const stolen = issue("alice", Date.now() - 1);
  expect(await revoke(one.io, { subject: "alice" })).toBe(false);
  expect([alice.socket.connected, bob.socket.connected]).toEqual([true, true]);
  // Here it is known without Redis.
  redis.resume();
  await expect.poll(() => join(one.url, { token: stolen }).ended).toEqual([REVOKED]);
  expect(await revoke(one.io, { subject: "alice" })).toBe(true);
  expect((await alice.ended)[0]).toEqual(REVOKED);
  expect(bob.socket.connected).toBe(true);
}, 90_000);

describe("two nodes with one Redis, behind a way that is half dead", () => {
  test.each<[HalfDead]>([["questions"], ["answers"], ["half answers"]])(
    "which swallows %s: the store lets nobody in, signs nobody out, and forgets nothing",
    async (how) => {
      const redis = await startRedis();
      const gate = await openGate(redis.url);
      const one = await startTokenNode({ redis: redis.url }, await connectBy("redis", redis.url));
      const other = await startTokenNode({ redis: redis.url }, await connectBy("redis", gate.url), {
        revocationsTimeout: 500,
      });
      const bob = join(other.url, { token: issue("bob") });
      await bob.ready;
      gate.choke(how);
      const uncaught = await collectUncaught(async () => {
        const refused = await join(other.url, { token: issue("bob") }).ended;
        expect(refused).toMatchObject([OUTAGE]);
        // By the adapter, whose way is good.
        expect(await revoke(one.io, { subject: "alice" })).toBe(true);
        expect(bob.socket.connected).toBe(true);
        gate.mend();
        const old = issue("alice", Date.now() - 60_000);
        await expect.poll(() => join(other.url, { token: old }).ended).toEqual([REVOKED]);
        await join(other.url, { token: issue("bob") }).ready;
      });
      expect(uncaught).toEqual([]);
    },
    90_000,
  );

  test.each<[HalfDead]>([["questions"], ["answers"]])(
    "for the adapter, which swallows %s: revoke answers false, and the other node knows at its next handshake",
    async (how) => {
      const redis = await startRedis();
      const gate = await openGate(redis.url);
      const start = async (bus: string) =>
        startTokenNode({ redis: redis.url, bus }, await connectBy("redis", redis.url));
      const [one, other] = [await start(gate.url), await start(redis.url)];
      const alice = join(other.url, { token: issue("alice") });
      await alice.ready;
      gate.choke(how);
      const uncaught = await collectUncaught(async () => {
        expect(await revoke(one.io, { subject: "alice" })).toBe(false);
        await join(other.url, { token: issue("bob") }).ready;
        expect((await alice.ended)[0]).toEqual(REVOKED);
      });
      expect(uncaught).toEqual([]);
      gate.mend();
    },
    90_000,
  );
});
