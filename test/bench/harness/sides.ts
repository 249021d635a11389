import { SERVER } from "./server.js";
import { ratios, type Spread, shown, spreadOf } from "./spread.js";
import type { Bench, Table } from "./subject.js";
import { startWorker, type Values, type Worker } from "./worker.js";

/** What an edition is compared with. */
export const PLAIN = "plain Socket.IO";

/** A way of keeping a connection: a client and its server, in processes of their own. */
export interface Side {
  readonly name: string;
  readonly client: Worker;
  readonly server: Worker;
  readonly url: string;
}

/**
 * Starts plain Socket.IO and each edition, all for the same tasks of the clients. An edition has its own server half,
 * plain Socket.IO a middleware.
 */
export async function startSides(
  bench: Bench,
  clientTasks: string,
  listen: { pingInterval?: number } = {},
): Promise<Side[]> {
  const named: { name: string; folder?: string }[] = [{ name: PLAIN }, ...bench.editions];
  return Promise.all(
    named.map(async ({ name, folder }) => {
      const server = startWorker(SERVER, folder);
      bench.onEnd(server.stop);
      const client = startWorker(clientTasks, folder);
      bench.onEnd(client.stop);
      const { port } = await server.ask("listen", listen);
      return { name, client, server, url: `http://127.0.0.1:${port}` };
    }),
  );
}

/** What each side measured in each round. */
export class Rounds {
  readonly #values = new Map<string, Values[]>();

  add(side: string, values: Values): void {
    const all = this.#values.get(side) ?? [];
    all.push(values);
    this.#values.set(side, all);
  }

  /** The sides, in the order in which they were first measured. */
  get sides(): string[] {
    return [...this.#values.keys()];
  }

  of(side: string, figure: string): number[] {
    return (this.#values.get(side) ?? []).map((values) => values[figure] ?? Number.NaN);
  }

  /** A figure divided by that of another side in the same round. */
  ratio(side: string, figure: string, by = PLAIN): Spread {
    return spreadOf(ratios(this.of(side, figure), this.of(by, figure)));
  }
}

/**
 * Measures the sides in turn, so that a machine that is busy for a while is so for all of them, and the first of one
 * round is the last of the next. What the first round measures is thrown away, as nothing is compiled yet, unless
 * the sides are warm.
 */
export async function inTurn<Each extends { name: string }>(
  sides: readonly Each[],
  rounds: number,
  measure: (side: Each, round: number) => Promise<Values>,
  isWarm = false,
): Promise<Rounds> {
  const result = new Rounds();
  for (let round = isWarm ? 1 : 0; round <= rounds; round += 1) {
    const values = new Map<string, Values>();
    for (const side of round % 2 === 0 ? sides : [...sides].reverse()) {
      values.set(side.name, await measure(side, round));
    }
    if (round === 0) continue;
    for (const { name } of sides) result.add(name, values.get(name) ?? {});
  }
  return result;
}

/** A line of a table that compares editions with something plain. */
export interface Line {
  readonly what: string;
  readonly unit: string;
  readonly rounds: Rounds;
  readonly figure: string;
  /** What a figure is multiplied by to be in the unit. */
  readonly scale?: number;
  /** What plain means in this line, where it is not one thing for the whole table. */
  readonly plain?: string;
}

/** Such a table: what plain Socket.IO takes, and how many times that each edition takes. */
export function compared(bench: Bench, lines: readonly Line[], plain = PLAIN): Table {
  const names = bench.editions.map(({ name }) => name);
  return {
    columns: ["what", plain, ...names.map((name) => `${name}, times that`)],
    rows: lines.map(({ what, unit, rounds, figure, scale = 1, plain: own }) => [
      what,
      `${own === undefined ? "" : `${own}: `}${shown(spreadOf(rounds.of(PLAIN, figure).map((value) => value * scale)), unit)}`,
      ...names.map((name) => shown(rounds.ratio(name, figure))),
    ]),
  };
}

/** A figure of each edition, for the budget. */
export function figures(bench: Bench, of: (edition: string) => Spread): Map<string, Spread> {
  return new Map(bench.editions.map(({ name }) => [name, of(name)]));
}
