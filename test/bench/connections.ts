import { type Client, openClient } from "./harness/client.js";
import { cpuOf, heapInUse, range, settle } from "./harness/measure.js";
import { compared, figures, inTurn, PLAIN, type Side, startSides } from "./harness/sides.js";
import { spreadOf } from "./harness/spread.js";
import type { Subject } from "./harness/subject.js";
import { tokenOf } from "./harness/tokens.js";
import { number, type Tasks, text, type Values } from "./harness/worker.js";

const PING_INTERVAL = 1_000;
/** More at once would only make the server's queue long. */
const AT_A_TIME = 200;

const clients: Client[] = [];

export const tasks: Tasks = {
  /** Opens so many, and keeps them. The heap of each, in bytes, and the CPU of each. */
  async open(given, edition) {
    const count = number(given, "count");
    const before = await heapInUse();
    const cpu = await cpuOf(async () => {
      for (let index = 0; index < count; index += AT_A_TIME) {
        const some = range(Math.min(AT_A_TIME, count - index)).map((each) =>
          openClient(edition, { url: text(given, "url"), token: tokenOf(`user-${index + each}`) }),
        );
        clients.push(...some);
        await Promise.all(some.map((client) => client.untilConnected()));
      }
      // What follows a connection, such as what the server says of itself, is part of it.
      await settle(100);
    });
    return { heap: ((await heapInUse()) - before) / count, cpu: cpu / count };
  },
  /** Milliseconds of CPU a second while nothing happens but pings. */
  async idle(given) {
    const time = number(given, "time");
    return { idle: (await cpuOf(() => settle(time))) / (time / 1_000) };
  },
  /** Closes them all. What is left of the heap of each, in bytes. */
  async close() {
    const count = clients.length;
    const before = await heapInUse();
    for (const client of clients.splice(0)) client.close();
    await settle(100);
    return { freed: (before - (await heapInUse())) / count };
  },
};

export const connections: Subject = {
  name: "connections",
  title: "A connection that is open",
  about:
    "Heap of the client process after a forced collection, divided by the number of connections. Each connection has its own websocket and its own token. CPU of the process is measured while it connects them, 200 at once, and while all of them are idle and the server pings each once a second.",
  async run(bench) {
    const sides = await startSides(bench, import.meta.url, { pingInterval: PING_INTERVAL });
    const [few, many] = [bench.amount(200, 20), bench.amount(1_000, 40)];
    const ofFew = await inTurn(sides, bench.amount(5, 1), async ({ client, url }) => {
      const opened = await client.ask("open", { url, count: few });
      await client.ask("close");
      return opened;
    });
    const measureMany = async ({ client, url }: Side): Promise<Values> => {
      const { heap = Number.NaN } = await client.ask("open", { url, count: many });
      const { idle = Number.NaN } = await client.ask("idle", { time: bench.amount(4_000, 200) });
      const { freed = Number.NaN } = await client.ask("close");
      return { heap, idle, freed };
    };
    const ofMany = await inTurn(sides, bench.amount(2, 1), measureMany, true);
    const more = (edition: string): number[] => {
      const plain = ofFew.of(PLAIN, "heap");
      return ofFew.of(edition, "heap").map((heap, round) => (heap - (plain[round] ?? Number.NaN)) / 1_000);
    };
    const inKilobytes = { unit: "kB", scale: 0.001 };
    const manyShown = many.toLocaleString("en-US");
    return {
      table: compared(bench, [
        { what: `heap of one of ${few}`, ...inKilobytes, rounds: ofFew, figure: "heap" },
        { what: `CPU to connect, ${few} at once`, unit: "ms", rounds: ofFew, figure: "cpu" },
        { what: `heap of one of ${manyShown}`, ...inKilobytes, rounds: ofMany, figure: "heap" },
        { what: "of that, freed when it is closed", ...inKilobytes, rounds: ofMany, figure: "freed" },
        { what: `CPU of ${manyShown} that are idle, a second`, unit: "ms", rounds: ofMany, figure: "idle" },
      ]),
      budget: [
        {
          what: "heap of a connection, more than plain Socket.IO's",
          unit: "kB",
          limit: 60,
          figures: figures(bench, (edition) => spreadOf(more(edition))),
        },
        {
          what: "CPU to connect, beside plain Socket.IO",
          unit: "times",
          limit: 3,
          figures: figures(bench, (edition) => ofFew.ratio(edition, "cpu")),
        },
      ],
    };
  },
};
