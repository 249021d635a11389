import { type Client, openClient } from "./harness/client.js";
import { cpuOf, heapInUse, range, settle } from "./harness/measure.js";
import { compared, figures, inTurn, PLAIN, startSides } from "./harness/sides.js";
import { spreadOf } from "./harness/spread.js";
import type { Subject } from "./harness/subject.js";
import { tokenOf } from "./harness/tokens.js";
import { number, type Tasks, text } from "./harness/worker.js";

const PING_INTERVAL = 1_000;
const AT_A_TIME = 50;

const clients: Client[] = [];

async function open(count: number, of: (index: number) => Client): Promise<void> {
  for (let index = 0; index < count; index += AT_A_TIME) {
    const some = range(Math.min(AT_A_TIME, count - index)).map((each) => of(index + each));
    clients.push(...some);
    await Promise.all(some.map((client) => client.untilConnected()));
  }
  await settle(100);
}

export const tasks: Tasks = {
  /** Opens so many, and keeps them. The heap of each, in bytes. */
  async open(given, edition) {
    const count = number(given, "count");
    const before = await heapInUse();
    await open(count, (index) =>
      openClient(edition, { url: text(given, "url"), token: tokenOf(`user-${index}`) }),
    );
    return { heap: ((await heapInUse()) - before) / count };
  },
  /** Milliseconds of CPU a second while nothing happens but pings. */
  async idle(given) {
    const time = number(given, "time");
    return { cpu: (await cpuOf(() => settle(time))) / (time / 1_000) };
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
    "Heap of the client process after a forced collection, divided by the number of connections, each over a websocket of its own with a token of its own; and CPU of the process while all of them are idle and the server pings each of them once a second.",
  async run(bench) {
    const sides = await startSides(bench, import.meta.url, { pingInterval: PING_INTERVAL });
    const measure = (count: number, rounds: number, idleTime: number) =>
      inTurn(sides, rounds, async ({ client, url }) => {
        const { heap = Number.NaN } = await client.ask("open", { url, count });
        const { cpu = Number.NaN } = idleTime > 0 ? await client.ask("idle", { time: idleTime }) : {};
        const { freed = Number.NaN } = await client.ask("close");
        return { heap, cpu, freed };
      });
    const few = await measure(bench.amount(200, 20), bench.amount(5, 1), 0);
    const many = await measure(bench.amount(1_000, 40), bench.amount(3, 1), bench.amount(4_000, 200));
    const manyShown = bench.amount(1_000, 40).toLocaleString("en-US");
    const more = (edition: string): number[] =>
      few.of(edition, "heap").map((heap, round) => (heap - (few.of(PLAIN, "heap")[round] ?? 0)) / 1_000);
    return {
      table: compared(bench, [
        { what: `heap of one of ${bench.amount(200, 20)}`, unit: "kB", rounds: few, figure: "heap", scale: 0.001 },
        { what: `heap of one of ${manyShown}`, unit: "kB", rounds: many, figure: "heap", scale: 0.001 },
        { what: "of that, freed when it is closed", unit: "kB", rounds: many, figure: "freed", scale: 0.001 },
        { what: `CPU of ${manyShown} that are idle, a second`, unit: "ms", rounds: many, figure: "cpu" },
      ]),
      budget: [
        {
          what: "heap of a connection, more than plain Socket.IO's",
          unit: "kB",
          limit: "60",
          figures: figures(bench, (edition) => spreadOf(more(edition))),
        },
      ],
    };
  },
};
