// Nodes with one Redis: how long a sign-out on one takes to end a client of another, and what the re-check reads.
import type { RequestHandler } from "express";
import type { Server } from "socket.io";
import { type Node, shared, startProtected } from "../../system/nodes/fixture/node.js";
import { startRedis } from "../../system/nodes/fixture/redis.js";
import { signIn } from "../../system/nodes/fixture/user.js";
import { loadEdition } from "../harness/edition.js";
import { range, settle, timeOf } from "../harness/measure.js";
import { inTurn, PLAIN, Rounds } from "../harness/sides.js";
import type { Bench } from "../harness/subject.js";

const RECHECK_INTERVAL = 1_000;

type Protect = (io: Server, session: RequestHandler) => unknown;

interface Place {
  readonly name: string;
  readonly one: Node<unknown>;
  readonly other: Node<unknown>;
}

/** Plain is `disconnectSockets` by room, which gives no reason and lets the client come back. */
export async function measureSignOut(bench: Bench): Promise<Rounds> {
  const redis = await startRedis(bench.onEnd);
  const start = (protect: Protect): Promise<Node<unknown>> =>
    startProtected({ redis: redis.url }, protect, bench.onEnd);
  const place = async (name: string, protect: Protect): Promise<Place> => {
    const [one, other] = await Promise.all([start(protect), start(protect)]);
    other.io.on("connection", (socket) =>
      socket.join(`user:${socket.data.identity ?? userOf(socket.request)}`),
    );
    return { name, one, other };
  };
  const places = [await place(PLAIN, (io, session) => io.engine.use(session))];
  for (const { name, folder } of bench.editions) {
    const edition = await loadEdition(folder);
    const { shareSession } = await edition.server();
    places.push(await place(name, (io, session) => shareSession(io, session, shared)));
  }
  return inTurn(places, bench.amount(30, 2), async ({ name, one, other }, round) => {
    const user = await signIn(one, `user-${round}`, bench.onEnd);
    const { socket, ready, ended } = user.join(other);
    await (name === PLAIN ? new Promise<void>((resolve) => socket.once("connect", () => resolve())) : ready);
    const time = await timeOf(async () => {
      if (name === PLAIN) one.io.in(`user:user-${round}`).disconnectSockets(true);
      else await one.store.destroy(user.sessionId);
      await ended;
    });
    return { time };
  });
}

/** Reads of the store a second; plain is one for each session and interval. Two connections share a session. */
export async function measureReads(bench: Bench): Promise<Rounds> {
  const redis = await startRedis(bench.onEnd);
  const rounds = new Rounds();
  const sessions = bench.amount(100, 5);
  const time = bench.amount(10, 2) * RECHECK_INTERVAL;
  rounds.add(PLAIN, { reads: sessions / (RECHECK_INTERVAL / 1_000) });
  for (const { name, folder } of bench.editions) {
    const edition = await loadEdition(folder);
    const { shareSession } = await edition.server();
    const protect: Protect = (io, session) =>
      shareSession(io, session, { ...shared, recheckInterval: RECHECK_INTERVAL });
    const node = await startProtected({ redis: redis.url }, protect, bench.onEnd);
    const users = await Promise.all(
      range(sessions).map((index) => signIn(node, `user-${index}`, bench.onEnd)),
    );
    const joined = users.flatMap((user) => [user.join(node), user.join(node)]);
    await Promise.all(joined.map(({ ready }) => ready));
    const readsSoFar = async (): Promise<number> =>
      Number(/cmdstat_get:calls=(\d+)/.exec(await node.redis.info("commandstats"))?.[1]);
    const before = await readsSoFar();
    const passed = await timeOf(() => settle(time));
    rounds.add(name, { reads: ((await readsSoFar()) - before) / (passed / 1_000) });
    for (const { socket } of joined) socket.io._close();
  }
  return rounds;
}

function userOf(request: object): string {
  const session: unknown = Reflect.get(request, "session");
  return typeof session === "object" && session !== null ? String(Reflect.get(session, "user")) : "";
}
