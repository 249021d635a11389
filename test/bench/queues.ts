import { openClient } from "./harness/client.js";
import { cpuOf, range, settle } from "./harness/measure.js";
import { compared, figures, inTurn, type Line, type Rounds, startSides } from "./harness/sides.js";
import { ratios, spreadOf } from "./harness/spread.js";
import type { Subject } from "./harness/subject.js";
import { tokenOf } from "./harness/tokens.js";
import { number, type Tasks, text } from "./harness/worker.js";

const SIZES = [10, 100, 1_000, 2_000, 8_000, 10_000];
const QUICK_SIZES = [10, 20, 80];
/** The budget compares these two. */
const [SMALL, LARGE] = [2_000, 8_000];
/** Small queues are measured several times over, as a clock does not see one of them. */
const LEAST_MESSAGES = 1_000;

export const tasks: Tasks = {
  /** Emits so many while there is no connection, then connects. CPU of the emits, and of all until they are read. */
  async fill(given, edition) {
    const count = number(given, "count");
    const times = Math.max(1, Math.min(number(given, "most"), Math.round(LEAST_MESSAGES / count)));
    let [emitted, delivered] = [0, 0];
    for (const time of range(times)) {
      const options = { url: text(given, "url"), token: tokenOf(`user-${time}`), autoConnect: false };
      const client = openClient(edition, options);
      await settle(10);
      emitted += await cpuOf(() => {
        for (const index of range(count)) client.emit("note", index, "a message that waits");
      });
      delivered += await cpuOf(async () => {
        client.connect();
        await client.untilConnected();
        const read = await client.ask("count");
        if (read !== count) throw new Error(`The server has read ${read} of ${count} messages.`);
      });
      client.close();
    }
    return { emitted: (emitted * 1_000) / times, delivered: (delivered * 1_000) / times };
  },
};

export const queues: Subject = {
  name: "queues",
  title: "Messages that wait",
  about:
    "CPU of the client process for messages that are emitted without a connection: first for the emits themselves, then for connecting and delivering, until the server has read the last one.",
  async run(bench) {
    const sides = await startSides(bench, import.meta.url);
    const lines: Line[] = [];
    const emits = new Map<number, Rounds>();
    for (const count of bench.isQuick ? QUICK_SIZES : SIZES) {
      const rounds = await inTurn(sides, bench.amount(5, 1), ({ client, url }) =>
        client.ask("fill", { url, count, most: bench.amount(10, 1) }),
      );
      emits.set(count, rounds);
      const shownCount = count.toLocaleString("en-US");
      const inMilliseconds = { unit: "ms", scale: 0.001, rounds };
      lines.push({ what: `${shownCount} emits`, figure: "emitted", ...inMilliseconds });
      lines.push({ what: `connecting and delivering ${shownCount}`, figure: "delivered", ...inMilliseconds });
    }
    const [small, large] = [emits.get(SMALL), emits.get(LARGE)];
    return {
      table: compared(bench, lines),
      ...(small &&
        large && {
          budget: [
            {
              what: "CPU of 8,000 emits while there is no connection, beside 2,000",
              unit: "times",
              limit: 4.5,
              figures: figures(bench, (edition) =>
                spreadOf(ratios(large.of(edition, "emitted"), small.of(edition, "emitted"))),
              ),
            },
          ],
        }),
    };
  },
};
