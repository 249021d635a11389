/**
 * What sessions cost over several nodes, as tables in Markdown: `npm run bench:sessions`, about a minute; with
 * `-- --quick` a tenth of it. Nodes and
 * clients share one process on this machine, and Redis is another one, so that only the ratios say anything.
 */
import { parseArgs } from "node:util";
import type { RequestHandler } from "express";
import type { Server } from "socket.io";
import { Manager } from "socket.io-client";
import { shareSession } from "socket-rotor/server";
import { type Node, shared, startProtected } from "../system/nodes/fixture/node.js";
import { startRedis } from "../system/nodes/fixture/redis.js";
import { quantile } from "../system/nodes/fixture/report.js";
import { signIn, type User } from "../system/nodes/fixture/user.js";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const HANDSHAKES = values.quick ? 200 : 1_000;
const AT_ONCE = 20;
const ROUNDS = values.quick ? 2 : 5;
const SIGN_OUTS = values.quick ? 20 : 100;
const SESSIONS = 200;
const RECHECK_INTERVAL = 1_000;

interface Way {
  readonly name: string;
  readonly protect: (io: Server, session: RequestHandler) => unknown;
}

const ROTOR: Way = {
  name: "shareSession",
  protect: (io, session) => shareSession(io, session, { ...shared, recheckInterval: RECHECK_INTERVAL }),
};
const WAYS: readonly Way[] = [
  { name: "no sessions", protect: () => {} },
  { name: "io.engine.use(session)", protect: (io, session) => io.engine.use(session) },
  ROTOR,
];

const cleanUps: (() => Promise<void>)[] = [];
const onEnd = (cleanUp: () => Promise<void>): void => void cleanUps.unshift(cleanUp);
const row = (...cells: readonly (string | number)[]): void => console.log(`| ${cells.join(" | ")} |`);
const header = (...cells: readonly string[]): void => {
  console.log("");
  row(...cells);
  row(...cells.map(() => "---"));
};
const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

/** Joins the root namespace and leaves. */
async function visit({ url }: Node<unknown>, { cookie }: User): Promise<void> {
  const manager = new Manager(url, {
    reconnection: false,
    transports: ["websocket"],
    extraHeaders: { cookie },
  });
  const socket = manager.socket("/");
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", () => resolve());
      socket.once("connect_error", reject);
    });
  } finally {
    manager._close();
  }
}

/** Joins and leaves over and over, so many at once. Answers with the seconds and the CPU milliseconds of each. */
async function shakeHands(node: Node<unknown>, user: User): Promise<{ seconds: number; cpu: number }> {
  const begun = performance.now();
  const cpuBefore = process.cpuUsage();
  let left = HANDSHAKES;
  const hand = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await visit(node, user);
    }
  };
  await Promise.all(range(AT_ONCE).map(hand));
  const { user: own, system } = process.cpuUsage(cpuBefore);
  return { seconds: (performance.now() - begun) / 1_000, cpu: (own + system) / 1_000 / HANDSHAKES };
}

async function compareHandshakes(redis: string): Promise<void> {
  const places = await Promise.all(
    WAYS.map(async ({ name, protect }) => {
      const node = await startProtected({ redis }, protect, onEnd);
      const rates: number[] = [];
      const costs: number[] = [];
      return { name, node, user: await signIn(node, "alice", onEnd), rates, costs };
    }),
  );
  // In turn, so that a machine that is busy for a while is so for all of them.
  for (const round of range(ROUNDS + 1)) {
    for (const { node, user, rates, costs } of places) {
      const { seconds, cpu } = await shakeHands(node, user);
      if (round === 0) continue;
      rates.push(HANDSHAKES / seconds);
      costs.push(cpu);
    }
  }
  const yardstick = places[0];
  header("handshakes", "a second", "CPU of each, client and server, ms", "CPU beside no sessions");
  for (const { name, rates, costs } of places) {
    const cost = quantile(costs, 0.5);
    row(
      name,
      quantile(rates, 0.5).toFixed(0),
      cost.toFixed(2),
      (cost / quantile(yardstick?.costs ?? [], 0.5)).toFixed(2),
    );
  }
}

async function compareSignOuts(redis: string): Promise<void> {
  const start = ({ protect }: Way) => startProtected({ redis }, protect, onEnd);
  const [one, other] = await Promise.all([start(ROTOR), start(ROTOR)]);
  other.io.on("connection", (socket) => socket.join(`user:${socket.data.identity}`));
  const times = { disconnectSockets: [] as number[], "a session that is destroyed": [] as number[] };
  for (const count of range(SIGN_OUTS)) {
    for (const way of ["disconnectSockets", "a session that is destroyed"] as const) {
      const user = await signIn(one, `user-${count}`, onEnd);
      const { ready, ended } = user.join(other);
      await ready;
      const begun = performance.now();
      if (way === "disconnectSockets") one.io.in(`user:user-${count}`).disconnectSockets(true);
      else await one.store.destroy(user.sessionId);
      await ended;
      times[way].push(performance.now() - begun);
    }
  }
  const yardstick = quantile(times.disconnectSockets, 0.5);
  header(
    "until a client of another node is disconnected",
    "median, ms",
    "p95, ms",
    "beside disconnectSockets",
  );
  for (const [way, each] of Object.entries(times)) {
    const median = quantile(each, 0.5);
    row(way, median.toFixed(1), quantile(each, 0.95).toFixed(1), (median / yardstick).toFixed(2));
  }
}

async function countReads(redis: string): Promise<void> {
  const node = await startProtected({ redis }, ROTOR.protect, onEnd);
  const users = await Promise.all(range(SESSIONS).map((index) => signIn(node, `user-${index}`, onEnd)));
  // Two connections each: a session is read once.
  const joined = users.flatMap((user) => [user.join(node), user.join(node)]);
  await Promise.all(joined.map(({ ready }) => ready));
  const reads = async (): Promise<number> =>
    Number(/cmdstat_get:calls=(\d+)/.exec(await node.redis.info("commandstats"))?.[1]);
  const [before, begun] = [await reads(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, 10 * RECHECK_INTERVAL));
  const rate = (await reads()) - before;
  const perSecond = rate / ((performance.now() - begun) / 1_000);
  const expected = SESSIONS / (RECHECK_INTERVAL / 1_000);
  header("sessions", "connections", "re-check, ms", "reads a second", "beside sessions / interval");
  row(SESSIONS, joined.length, RECHECK_INTERVAL, perSecond.toFixed(0), (perSecond / expected).toFixed(2));
}

const redis = await startRedis(onEnd);
try {
  await compareHandshakes(redis.url);
  await compareSignOuts(redis.url);
  await countReads(redis.url);
} finally {
  for (const cleanUp of cleanUps) await cleanUp();
}
