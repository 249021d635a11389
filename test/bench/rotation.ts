/**
 * What a rotation costs in each way, as one table in Markdown: `npm run bench:rotation`, a few minutes; with
 * `-- --quick` 10 rotations each instead of 50. Client, network and server share one process on this machine.
 */
import { parseArgs } from "node:util";
import { type Outcome, openPlace } from "../system/rotation/fixture/traffic";
import { WAYS, type Way } from "./ways";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const ROTATIONS = values.quick ? 10 : 50;
const ROUND_TRIPS = [0, 40, 100];
const TRANSPORTS = [
  { name: "websocket", transports: ["websocket"] },
  { name: "polling first", transports: ["polling", "websocket"] },
];
const COLUMNS = [
  "transport",
  "round trip",
  "way",
  "gap, median",
  "gap, p95",
  "beside replace",
  "ticks lost",
  "ticks twice",
  "messages lost",
  "acks failed",
];

async function measure(way: Way, transports: string[], roundTrip: number): Promise<Outcome> {
  const cleanUps: (() => Promise<void>)[] = [];
  const onEnd = (cleanUp: () => Promise<void>): void => void cleanUps.unshift(cleanUp);
  try {
    const { network, run } = await openPlace({
      roundTrip,
      hasHalf: way.hasHalf,
      transport: "websocket",
      onEnd,
    });
    return await run(way.open(network.url, { transports }, onEnd), ROTATIONS);
  } finally {
    for (const cleanUp of cleanUps) await cleanUp();
  }
}

/** The value below which such a share of the numbers is. */
function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

const row = (cells: readonly (string | number)[]): void => console.log(`| ${cells.join(" | ")} |`);

console.error(`${ROTATIONS} rotations each, a tick and a message every 10 ms; times in milliseconds`);
row(COLUMNS);
row(COLUMNS.map(() => "---"));
for (const { name, transports } of TRANSPORTS) {
  for (const roundTrip of ROUND_TRIPS) {
    const outcomes = new Map<string, Outcome>();
    for (const way of WAYS) outcomes.set(way.name, await measure(way, transports, roundTrip));
    const yardstick = quantile(outcomes.get("replace")?.gaps ?? [], 0.5);
    for (const [way, { gaps, ticks, messages, failures }] of outcomes) {
      const median = quantile(gaps, 0.5);
      row([
        name,
        roundTrip,
        way,
        median.toFixed(0),
        quantile(gaps, 0.95).toFixed(0),
        (median / yardstick).toFixed(2),
        (ticks.lost / ROTATIONS).toFixed(1),
        (ticks.doubled / ROTATIONS).toFixed(1),
        (messages.lost / ROTATIONS).toFixed(1),
        (failures.length / ROTATIONS).toFixed(1),
      ]);
    }
  }
}
