import { generateKeyPairSync } from "node:crypto";
import { compared, figures, inTurn, PLAIN, Rounds } from "./harness/sides.js";
import { spreadOf } from "./harness/spread.js";
import type { Bench, BudgetRow, Subject } from "./harness/subject.js";
import { type Given, startWorker, type Worker } from "./harness/worker.js";
import { CHECKED } from "./server/checked.js";
import { measureReads, measureSignOut } from "./server/nodes.js";
import { VISITORS } from "./server/visitors.js";

/** A server process. */
interface Door {
  readonly name: string;
  readonly server: Worker;
  /** What the visitors have to know of it. */
  readonly visit: Given;
}

/** How many clients stay at once. */
const crowdOf = (bench: Bench): number => bench.amount(10_000, 60);

/** A server by hand and one of each edition. Without a public key, sessions are checked. */
function openDoors(bench: Bench, publicKey?: string): Promise<Door[]> {
  const named: { name: string; folder?: string }[] = [{ name: PLAIN }, ...bench.editions];
  return Promise.all(
    named.map(async ({ name, folder }) => {
      const server = startWorker(CHECKED, folder);
      bench.onEnd(server.stop);
      const { port } = await server.ask(
        "listen",
        publicKey === undefined ? { sessions: crowdOf(bench) } : { publicKey },
      );
      const url = `http://127.0.0.1:${port}`;
      return {
        name,
        server,
        visit: { url, joinsControl: name !== PLAIN, isSession: publicKey === undefined },
      };
    }),
  );
}

/** As many as a server compiles in: some 3,000 handshakes later one takes half of what it took. */
const WARM_UP = 5_000;

/** CPU of the server for one handshake, of a client that joins what is joined by hand, or of the library's. */
async function measureHandshakes(
  bench: Bench,
  doors: readonly Door[],
  visitors: Worker,
  joins: "the root" | "all",
): Promise<Rounds> {
  // So many that each round has its share of the collections of garbage.
  const count = bench.amount(1_000, 20);
  const control = joins === "the root" ? { joinsControl: false } : {};
  for (const { visit } of doors) {
    await visitors.ask("visit", { ...visit, ...control, count: bench.amount(WARM_UP, 20) });
  }
  const isWarm = true;
  return inTurn(
    doors,
    bench.amount(15, 1),
    async ({ server, visit }) => {
      const { cpu: before = Number.NaN } = await server.ask("cpu");
      await visitors.ask("visit", { ...visit, ...control, count });
      const { cpu: after = Number.NaN } = await server.ask("cpu");
      return { cpu: (after - before) / count };
    },
    isWarm,
  );
}

interface Crowd {
  /** One figure each, as there is one crowd of a server. */
  readonly crowd: Rounds;
  readonly revocations: Rounds;
}

/** Many sockets that stay, one server after the other. */
async function measureCrowds(bench: Bench, doors: readonly Door[], visitors: Worker): Promise<Crowd> {
  const [crowd, revocations] = [new Rounds(), new Rounds()];
  const count = crowdOf(bench);
  for (const { name, server, visit } of doors) {
    const { heap: before = Number.NaN } = await server.ask("heap");
    await visitors.ask("stay", { ...visit, count });
    const { heap: after = Number.NaN } = await server.ask("heap");
    const { idle = Number.NaN } = await server.ask("idle", { time: bench.amount(5_000, 200) });
    crowd.add(name, { heap: (after - before) / count, idle });
    for (let index = 0; index < bench.amount(20, 2); index += 1) {
      const values = await server.ask("revoke", { subject: `user-${index}` });
      // The first one is not compiled yet.
      if (index > 0) revocations.add(name, values);
    }
    await visitors.ask("leave");
  }
  return { crowd, revocations };
}

/** CPU a second of as many sockets that do nothing, each with a session of its own; one figure each. */
async function measureIdleSessions(bench: Bench, doors: readonly Door[], visitors: Worker): Promise<Rounds> {
  const rounds = new Rounds();
  for (const { name, server, visit } of doors) {
    await visitors.ask("stay", { ...visit, count: crowdOf(bench) });
    // As long as the default of recheckInterval: each session is read once.
    rounds.add(name, await server.ask("idle", { time: bench.amount(30_000, 200) }));
    await visitors.ask("leave");
  }
  return rounds;
}

export const server: Subject = {
  name: "server",
  title: "The server half",
  about:
    "CPU and heap of the server process, with stock clients in another process. Unless a line says otherwise, they join the same namespaces as the library's clients: with the server half, `/rotor` too. A client of the root alone joins the same as by hand, and shows what the checks cost. A handshake is measured after 5,000 others, when the server has compiled its code. Tokens are JWTs with ES256; by hand they are verified with `jose` in `io.use`, and each user has a room. Sessions are express-session's; by hand is `io.engine.use(session)`. By hand, a user's connections are ended by `disconnectSockets(true)` on the room, and the user can come back; a sign-out is the same. In the last two lines, nodes share one Redis, in one process with their clients. The re-check reads each session again at an interval: here one second, and 30 seconds for idle sessions. It is compared with one read for each session and interval.",
  async run(bench) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const visitors = startWorker(VISITORS);
    bench.onEnd(visitors.stop);
    await visitors.ask("prepare", {
      privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    });
    const byToken = await openDoors(bench, publicKey.export({ type: "spki", format: "pem" }).toString());
    const bySession = await openDoors(bench);
    const tokenRoots = await measureHandshakes(bench, byToken, visitors, "the root");
    const tokenHandshakes = await measureHandshakes(bench, byToken, visitors, "all");
    const sessionRoots = await measureHandshakes(bench, bySession, visitors, "the root");
    const sessionHandshakes = await measureHandshakes(bench, bySession, visitors, "all");
    const { crowd, revocations } = await measureCrowds(bench, byToken, visitors);
    const idleSessions = await measureIdleSessions(bench, bySession, visitors);
    const signOuts = await measureSignOut(bench);
    const reads = await measureReads(bench);
    const many = crowdOf(bench).toLocaleString("en-US");
    const unit = "ms";
    const [cpu, found, time] = ["cpu", "found", "time"] as const;
    const token = "CPU of a handshake with a token";
    const session = "CPU of a handshake with a session";
    const times = "times by hand";
    const budget: BudgetRow[] = [
      [`${token}, of a client of the root alone`, 1.15, tokenRoots, cpu] as const,
      [`${session}, of a client of the root alone`, 1.15, sessionRoots, cpu] as const,
      [`CPU of ${many} idle sessions`, 2, idleSessions, "idle"] as const,
    ].map(([what, limit, rounds, figure]) => ({
      what,
      unit: times,
      limit,
      figures: figures(bench, (name) => rounds.ratio(name, figure)),
    }));
    const [plainHeap = Number.NaN] = crowd.of(PLAIN, "heap");
    budget.push(
      {
        what: `heap of one of ${many} sockets, beyond that by hand`,
        unit: "kB",
        limit: 4,
        figures: figures(bench, (name) =>
          spreadOf(crowd.of(name, "heap").map((heap) => (heap - plainHeap) / 1_000)),
        ),
      },
      {
        what: `to find and tell a user's connection among ${many}`,
        unit,
        limit: 1,
        figures: figures(bench, (name) => spreadOf(revocations.of(name, found))),
      },
    );
    return {
      budget,
      table: compared(
        bench,
        [
          { what: `${token}, of a client of the root alone`, unit, rounds: tokenRoots, figure: cpu },
          { what: token, unit, rounds: tokenHandshakes, figure: cpu },
          { what: `${session}, of a client of the root alone`, unit, rounds: sessionRoots, figure: cpu },
          { what: session, unit, rounds: sessionHandshakes, figure: cpu },
          { what: `heap of one of ${many} sockets`, unit: "kB", rounds: crowd, figure: "heap", scale: 0.001 },
          { what: `CPU of ${many} idle sockets, a second`, unit, rounds: crowd, figure: "idle" },
          {
            what: `CPU of ${many} idle sockets with a session each, a second`,
            unit,
            rounds: idleSessions,
            figure: "idle",
          },
          { what: `CPU to end a user's connection among ${many}`, unit, rounds: revocations, figure: cpu },
          {
            what: `time to find and tell a user's connection among ${many}`,
            unit,
            rounds: revocations,
            figure: found,
          },
          {
            what: `time to end a user's connection among ${many}`,
            unit,
            rounds: revocations,
            figure: time,
          },
          {
            what: "time until a sign-out ends a client of another node",
            unit,
            rounds: signOuts,
            figure: time,
          },
          { what: "reads of the store by the re-check, a second", unit: "", rounds: reads, figure: "reads" },
        ],
        "by hand",
      ),
    };
  },
};
