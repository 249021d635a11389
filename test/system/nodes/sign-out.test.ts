import { describe, expect, onTestFinished, test } from "vitest";
import { deferred } from "../../support/real-server.js";
import { untilIn } from "../fixture/client.js";
import { openGate } from "./fixture/gate.js";
import { type AdapterName, type Node, startNode } from "./fixture/node.js";
import { startRedis } from "./fixture/redis.js";
import { report } from "./fixture/report.js";
import { signIn } from "./fixture/user.js";

const ENDED = { error: "session_ended", error_description: "The session has ended." };
const CHANGED = expect.objectContaining({ error: "session_changed" });
const DISCONNECTED = "io server disconnect";
/** So long that nothing but the adapter can have been the cause. */
const NEVER = 600_000;

async function startNodes(settings: Omit<Parameters<typeof startNode>[0], "redis"> = {}) {
  const redis = await startRedis();
  const start = () => startNode({ redis: redis.url, ...settings });
  const [one, other] = await Promise.all([start(), start()]);
  return { redis, one, other };
}

test("a sign-in on one node is good for a socket on the other", async () => {
  const { one, other } = await startNodes();
  const alice = await signIn(one, "alice");
  const connection = alice.connection(other);
  await connection.whenConnected();
  const [socket] = [...other.io.sockets.sockets.values()];
  expect(socket?.data).toEqual({ identity: "alice" });
  expect(socket && (await other.protection.load(socket))).toMatchObject({ user: "alice" });
});

describe.each<AdapterName>(["classic", "streams"])("with the %s adapter", (adapter) => {
  test("F29 a sign-out on one node ends 200 of 200 sockets on the other, told why before", async () => {
    const { one, other } = await startNodes({ adapter, share: { recheckInterval: NEVER } });
    const [alice, bob] = [await signIn(one, "alice"), await signIn(one, "bob")];
    const joined = Array.from({ length: 200 }, () => alice.join(other));
    const stranger = bob.join(other);
    const connection = alice.connection(other);
    await Promise.all([connection.whenConnected(), stranger.ready, ...joined.map(({ ready }) => ready)]);

    const begun = performance.now();
    const ends = Promise.all(
      joined.map(async ({ ended }) => ({ heard: await ended, after: performance.now() - begun })),
    );
    await alice.post(one, "/logout");
    const all = await ends;
    expect(all.map(({ heard }) => heard)).toEqual(all.map(() => [ENDED, DISCONNECTED]));
    await untilIn(connection, "loggedOut.signedOut");
    expect(stranger.socket.connected).toBe(true);
    expect([...other.io.sockets.sockets.values()].map(({ data }) => data.identity)).toEqual(["bob"]);
    report(
      `200 sockets after a sign-out on another node, ${adapter} adapter`,
      all.map(({ after }) => after),
    );
  });

  test("F29 another user in the same session, saved on one node, ends the sockets on the other", async () => {
    const { one, other } = await startNodes({ adapter, share: { recheckInterval: NEVER } });
    const alice = await signIn(one, "alice");
    const joined = Array.from({ length: 20 }, () => alice.join(other));
    await Promise.all(joined.map(({ ready }) => ready));
    const begun = performance.now();
    await alice.post(one, "/switch?user=bob");
    const all = await Promise.all(joined.map(({ ended }) => ended));
    expect(all).toEqual(all.map(() => [CHANGED, DISCONNECTED]));
    report(`20 sockets after a save on another node, ${adapter} adapter`, [performance.now() - begun]);
  });

  test("F29 endUser on one node ends a user's sockets of every session on the other, and leaves the sessions", async () => {
    const { one, other } = await startNodes({ adapter, share: { recheckInterval: NEVER } });
    const phone = await signIn(one, "alice");
    const laptop = await signIn(other, "alice");
    const bob = await signIn(one, "bob");
    const joined = [phone, laptop].flatMap((session) => [session.join(one), session.join(other)]);
    const stranger = bob.join(other);
    await Promise.all([stranger, ...joined].map(({ ready }) => ready));
    expect(await one.protection.endUser("alice")).toBe(true);
    const all = await Promise.all(joined.map(({ ended }) => ended));
    expect(all).toEqual(all.map(() => [ENDED, DISCONNECTED]));
    expect(stranger.socket.connected).toBe(true);
    expect([one, other].map(({ io }) => io.sockets.sockets.size)).toEqual([0, 1]);
    // A browser that still has the cookie may come back.
    await phone.join(other).ready;
    expect(await one.protection.endUser("nobody")).toBe(true);
  });

  test("F29 a node that the adapter does not reach ends its sockets at the next re-check", async () => {
    const redis = await startRedis();
    const gate = await openGate(redis.url);
    const recheckInterval = 500;
    const one = await startNode({ redis: redis.url, adapter });
    const other = await startNode({ redis: redis.url, bus: gate.url, adapter, share: { recheckInterval } });
    const alice = await signIn(one, "alice");
    const { ready, ended } = alice.join(other);
    const connection = alice.connection(other);
    await Promise.all([ready, connection.whenConnected()]);
    onTestFinished(() => gate.mend());
    gate.cut();
    const begun = performance.now();
    await alice.post(one, "/logout");
    expect(await ended).toEqual([ENDED, DISCONNECTED]);
    await untilIn(connection, "loggedOut.signedOut");
    report(`a re-check each ${recheckInterval} ms, ${adapter} adapter`, [performance.now() - begun]);
  });
});

test("F32 a session that expires in Redis ends its sockets within a second, and a touch on another node puts that off", async () => {
  const maxAge = 4_000;
  const { one, other } = await startNodes({ share: { recheckInterval: NEVER }, cookie: { maxAge } });
  const alice = await signIn(one, "alice");
  const expires = Date.now() + maxAge;
  const { ready, ended } = alice.join(other);
  await ready;
  const bob = await signIn(one, "bob");
  const begun = Date.now();
  const stays = bob.join(other);
  await stays.ready;
  await new Promise((resolve) => setTimeout(resolve, maxAge / 2));
  // Over HTTP, on the node that his socket is not on, which Redis remembers and what it stores does not say.
  await bob.post(one, "/me");
  expect(await ended).toEqual([ENDED, DISCONNECTED]);
  report("after the expiry of a session in Redis", [Date.now() - expires]);
  expect(Date.now() - expires).toBeLessThan(1_500);
  await expect.poll(() => Date.now() - begun, { timeout: maxAge }).toBeGreaterThan(maxAge + 200);
  expect(stays.socket.connected).toBe(true);
});

describe("F29 a sign-out on one node during a handshake on the other leaves no socket", () => {
  const COUNT = 25;

  test.each([
    ["for the handshake", 1],
    ["once the connection is on the record", 2],
  ])("while the session is read %s, 25 times", async (_, turn) => {
    const { one, other } = await startNodes({ share: { recheckInterval: NEVER } });
    const users = await Promise.all(
      Array.from({ length: COUNT }, (_, index) => signIn(one, `user-${index}`)),
    );
    const hold = holdReads(other, turn);
    await Promise.all(
      users.map(async (user) => {
        const { read, release } = hold(user.sessionId);
        const { ended } = user.join(other);
        await read;
        await user.post(one, "/logout");
        // What comes after it is confirmed, so the other node has heard of the sign-out.
        await one.protection.end("nobody's");
        release();
        await ended;
      }),
    );
    expect(other.io.sockets.sockets.size).toBe(0);
  });

  test("while the application still decides, 25 times", async () => {
    const { one, other } = await startNodes({ share: { recheckInterval: NEVER } });
    const gates = new Map<string, { asked: () => void; decided: Promise<void> }>();
    other.io.use((socket, next) => {
      const gate = gates.get(String(socket.data.identity));
      gate?.asked();
      void gate?.decided.then(() => next());
    });
    const users = await Promise.all(
      Array.from({ length: COUNT }, (_, index) => signIn(one, `user-${index}`)),
    );
    await Promise.all(
      users.map(async (user, index) => {
        let decide = (): void => {};
        const decided = new Promise<void>((resolve) => {
          decide = resolve;
        });
        const asked = new Promise<void>((resolve) => gates.set(`user-${index}`, { asked: resolve, decided }));
        const { ended } = user.join(other);
        await asked;
        await user.post(one, "/logout");
        decide();
        await ended;
      }),
    );
    expect(other.io.sockets.sockets.size).toBe(0);
  });
});

/** Keeps back what the n-th read of a session has found, as a slow way from the store would. */
function holdReads({ store }: Node, turn: number) {
  const holds = new Map<string, { reads: number; read: () => void; released: Promise<void> }>();
  const get = store.get.bind(store);
  store.get = async (id, answer) => {
    const found: unknown = await get(id);
    const hold = holds.get(id);
    if (hold !== undefined) {
      hold.reads += 1;
      if (hold.reads === turn) {
        hold.read();
        await hold.released;
      }
    }
    return answer?.(null, found);
  };
  return (id: string) => {
    const [read, release] = [deferred<void>(), deferred<void>()];
    holds.set(id, { reads: 0, read: read.resolve, released: release.promise });
    return { read: read.promise, release: release.resolve };
  };
}
