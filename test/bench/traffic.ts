import { type Client, openClient } from "./harness/client.js";
import { cpuOf, range } from "./harness/measure.js";
import { compared, figures, inTurn, type Line, startSides } from "./harness/sides.js";
import type { Subject } from "./harness/subject.js";
import { tokenOf } from "./harness/tokens.js";
import { number, type Tasks, text } from "./harness/worker.js";

const KINDS = ["small", "1 kB", "binary"] as const;
const WAYS = ["ask", "emit", "receive"] as const;
const WORDS = { ask: "acknowledged", emit: "emitted", receive: "received" };
const AT_ONCE = 64;
/** Socket.IO allows a message to come after the engine's buffer was full; so many at most are on their way. */
const BINARY_SIZE = 1_000;

let client: Client | undefined;

/** No two are the same, so that nothing can be folded away. */
function payload(kind: string, index: number): unknown {
  if (kind === "small") return index;
  if (kind === "binary") return Buffer.alloc(BINARY_SIZE, index % 256);
  return { index, text: `${index} `.padEnd(1_000, "a text of some length, ") };
}

/** Receives so many, in batches. */
function receive(from: Client, kind: string, count: number, atOnce: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let heard = 0;
    const next = (): void => {
      void from.ask("send", atOnce, payload(kind, heard)).catch(reject);
    };
    onNews = () => {
      heard += 1;
      if (heard >= count) resolve();
      else if (heard % atOnce === 0) next();
    };
    next();
  });
}

let onNews: (...args: unknown[]) => void = () => {};

/** Sends so many, so many of them at once; the server has read all of them in the end. */
async function send(to: Client, way: string, kind: string, count: number, atOnce: number): Promise<void> {
  for (let index = 0; index < count; index += atOnce) {
    if (way === "ask")
      await Promise.all(range(atOnce).map((each) => to.ask("ask", payload(kind, index + each))));
    else {
      for (const each of range(atOnce)) to.emit("note", payload(kind, index + each));
      // A batch a turn of the event loop, as in an application.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  if (way === "emit") await to.ask("count");
}

export const tasks: Tasks = {
  async open(given, edition) {
    client = openClient(edition, { url: text(given, "url"), token: tokenOf("ada") });
    client.on("news", (...args) => onNews(...args));
    await client.untilConnected();
    return {};
  },
  /** Microseconds of CPU of one message. */
  async run(given) {
    if (client === undefined) throw new Error("There is no client yet.");
    const [way, kind] = [text(given, "way"), text(given, "kind")];
    const [count, atOnce] = [number(given, "count"), number(given, "atOnce")];
    const open = client;
    const cpu = await cpuOf(() =>
      way === "receive" ? receive(open, kind, count, atOnce) : send(open, way, kind, count, atOnce),
    );
    return { cpu: (cpu * 1_000) / count };
  },
};

export const traffic: Subject = {
  name: "traffic",
  title: "Messages",
  about:
    "CPU of the client process for one message over a websocket. Acknowledged: the client asks and the server answers; emitted: until the server has read all of them; received: the server sends. There is one message at a time, or 64.",
  async run(bench) {
    const sides = await startSides(bench, import.meta.url);
    for (const { client: worker, url } of sides) await worker.ask("open", { url });
    const lines: Line[] = [];
    let together: Line["rounds"] | undefined;
    for (const way of WAYS) {
      for (const kind of KINDS) {
        for (const atOnce of [1, AT_ONCE]) {
          const isMain = way === "ask" && kind === "small" && atOnce === AT_ONCE;
          const count = AT_ONCE * bench.amount(isMain ? 200 : 30, 1);
          const rounds = await inTurn(sides, bench.amount(isMain ? 11 : 7, 1), ({ client: worker }) =>
            worker.ask("run", { way, kind, atOnce, count }),
          );
          if (isMain) together = rounds;
          const what = `${WORDS[way]}, ${kind}, ${atOnce === 1 ? "alone" : `${atOnce} at once`}`;
          lines.push({ what, unit: "µs", rounds, figure: "cpu" });
        }
      }
    }
    return {
      table: compared(bench, lines),
      budget: together && [
        {
          what: "CPU of 64 acknowledgements at once, beside plain Socket.IO",
          unit: "times",
          limit: 1.2,
          figures: figures(bench, (edition) => together.ratio(edition, "cpu")),
        },
      ],
    };
  },
};
