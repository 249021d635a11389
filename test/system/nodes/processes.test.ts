import type { Connection } from "socket-rotor";
import { expect, test } from "vitest";
import { next } from "../../support/real-server.js";
import { untilIn } from "../fixture/client.js";
import { startChild } from "../leaks/child.js";
import { startBalancer } from "./fixture/balancer.js";
import { connect } from "./fixture/node.js";
import { type Redis, startRedis } from "./fixture/redis.js";
import { signIn } from "./fixture/user.js";

async function startProcess({ url: redis }: Redis, name: string) {
  const child = startChild("../nodes/node.child.ts", [redis, name]);
  return { name, url: await child.line(), child };
}

async function startProcesses() {
  const redis = await startRedis();
  const [one, other] = await Promise.all([startProcess(redis, "one"), startProcess(redis, "other")]);
  return { redis, one, other };
}

function save(connection: Connection, message: string): Promise<unknown> {
  return connection.of("/").emitWithAck("save", message);
}

/** Processes take their time to start on a busy machine. */
const TIMEOUT = 180_000;

test(
  "F32 Redis killed and started again empty: no process ends, and the sessions that are gone end their sockets",
  async () => {
    const { redis, one, other } = await startProcesses();
    const alice = await signIn(one, "alice");
    const joined = [one, other].map((node) => alice.join(node));
    const connections = [one, other].map((node) => alice.connection(node));
    await Promise.all([
      ...joined.map(({ ready }) => ready),
      ...connections.map((connection) => connection.whenConnected()),
    ]);

    redis.hang();
    for (const { socket } of [...joined, ...joined]) await next(socket, "tick");
    await redis.kill();
    // Asked while it is away, over HTTP: an answer in time, and no hang.
    const status = (await alice.post(one, "/logout")).status;
    expect([500, 503]).toContain(status);
    expect(connections.map((connection) => connection.getSnapshot().status)).toEqual([
      "connected",
      "connected",
    ]);
    await redis.restart();

    for (const { ended } of joined) {
      expect(await ended).toMatchObject([{ error: "session_ended" }, "io server disconnect"]);
    }
    for (const connection of connections) {
      await untilIn(connection, "loggedOut.signedOut");
    }
    // Both are there for the next one, and their adapters reach each other again.
    const bob = await signIn(other, "bob");
    const again = bob.join(one);
    await again.ready;
    await bob.post(other, "/logout");
    expect(await again.ended).toMatchObject([{ error: "session_ended" }, "io server disconnect"]);
    expect([one, other].map(({ child }) => child.process.exitCode)).toEqual([null, null]);
  },
  TIMEOUT,
);

test(
  "a node that is drained and stopped under load loses nothing that it has acknowledged",
  async () => {
    const { redis, one, other } = await startProcesses();
    const store = await connect(redis.url);
    const balancer = await startBalancer(one.url, other.url);
    const alice = await signIn(one, "alice");
    const connections = Array.from({ length: 20 }, () => alice.connection(balancer));
    await Promise.all(connections.map((connection) => connection.whenConnected()));

    const acknowledged: string[] = [];
    const places = new Map<Connection, string>();
    let isOver = false;
    const load = connections.map(async (connection, client) => {
      for (let count = 0; !isOver; count += 1) {
        const message = `${client}:${count}`;
        // What is lost with the link is rejected, and is not counted.
        const place = await save(connection, message).catch(() => undefined);
        if (place === undefined) continue;
        acknowledged.push(message);
        places.set(connection, String(place));
      }
    });
    const spread = () => new Set(places.values());
    await expect.poll(() => [places.size, spread().size], { timeout: 60_000 }).toEqual([20, 2]);

    balancer.targets.splice(0, 1);
    one.child.process.stdin?.write("end\n");
    expect(await one.child.ended).toEqual({ code: 0, signal: null, complaints: "" });
    await expect.poll(() => [...spread()], { timeout: 60_000 }).toEqual(["other"]);
    isOver = true;
    await Promise.all(load);

    const saved = new Set(await store.lRange("saved", 0, -1));
    expect(acknowledged.length).toBeGreaterThan(40);
    expect(acknowledged.filter((message) => !saved.has(message))).toEqual([]);
    expect(connections.map((connection) => connection.getSnapshot().status)).toEqual(
      connections.map(() => "connected"),
    );
    await store.close();
  },
  TIMEOUT,
);
