// Two nodes with one Redis, and how long a sign-out on the one takes to end a client of the other.
import type { RequestHandler } from "express";
import type { Server } from "socket.io";
import { type Node, shared, startProtected } from "../../system/nodes/fixture/node.js";
import { startRedis } from "../../system/nodes/fixture/redis.js";
import { signIn } from "../../system/nodes/fixture/user.js";
import { loadEdition } from "../harness/edition.js";
import { timeOf } from "../harness/measure.js";
import { inTurn, PLAIN, type Rounds } from "../harness/sides.js";
import type { Bench } from "../harness/subject.js";

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
    other.io.on("connection", (socket) => socket.join(`user:${socket.data.identity ?? userOf(socket.request)}`));
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

function userOf(request: object): string {
  const session: unknown = Reflect.get(request, "session");
  return typeof session === "object" && session !== null ? String(Reflect.get(session, "user")) : "";
}
