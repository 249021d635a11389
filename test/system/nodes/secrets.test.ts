import { authenticateToken } from "socket-rotor/server";
import { expect, test } from "vitest";
import { connect, startNode, startProtected } from "./fixture/node.js";
import { startRedis } from "./fixture/redis.js";
import { join, signIn } from "./fixture/user.js";

/** Everything that nodes say to each other from now on. */
async function listenIn(url: string): Promise<{ said: string[]; stop: () => Promise<void> }> {
  const client = await connect(url);
  const said: string[] = [];
  await client.pSubscribe("*", (message, channel) => said.push(channel, message));
  return { said, stop: () => client.close() };
}

test("fetchSockets shows other nodes no cookie, and a sign-out names no session id", async () => {
  const redis = await startRedis();
  const [one, other] = await Promise.all([startNode({ redis: redis.url }), startNode({ redis: redis.url })]);
  const alice = await signIn(one, "alice");
  const { said, stop } = await listenIn(redis.url);
  const { ready, ended } = alice.join(other);
  await ready;
  const [found] = await one.io.fetchSockets();
  expect(found?.data).toEqual({ identity: "alice" });
  const secrets = [alice.cookie.split("=")[1] ?? "", alice.sessionId];
  await alice.post(one, "/logout");
  await ended;
  await expect.poll(() => said.filter((text) => text.includes("session_ended")).length).toBe(2);
  const everything = JSON.stringify([found?.handshake, found?.data, [...(found?.rooms ?? [])], said]);
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(20);
    expect(everything).not.toContain(secret);
  }
  await stop();
});

test("fetchSockets shows other nodes no token", async () => {
  const redis = await startRedis();
  const start = () =>
    startProtected({ redis: redis.url }, (io) =>
      authenticateToken(io, {
        verify: async (token) => ({ subject: token.split(".")[0] ?? "" }),
        identityKey: "the same on every node",
        logger: {},
      }),
    );
  const [one, other] = await Promise.all([start(), start()]);
  const { said, stop } = await listenIn(redis.url);
  const token = "alice.a-secret-that-nobody-sees";
  const { ready } = join(other.url, { token });
  await ready;
  const [found] = await one.io.fetchSockets();
  expect(found?.data).toEqual({ identity: "alice" });
  expect(JSON.stringify([found?.handshake, said])).not.toContain(token);
  await stop();
});
