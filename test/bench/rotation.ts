import { type Outcome, openPlace, type Client as PlacedClient } from "../system/rotation/fixture/traffic.js";
import { type Client, DEFAULT_TRANSPORTS, WEBSOCKET } from "./harness/client.js";
import { type Edition, loadEdition } from "./harness/edition.js";
import { cpuOf, range, settle } from "./harness/measure.js";
import { figures, inTurn, PLAIN, Rounds, startSides } from "./harness/sides.js";
import { ratios, type Spread, short, shown, spreadOf } from "./harness/spread.js";
import type { Bench, Subject } from "./harness/subject.js";
import { tokenOf } from "./harness/tokens.js";
import { number, type Tasks, text } from "./harness/worker.js";
import { BY_HAND, EDITION_WAYS, type Way } from "./ways.js";

const ROUND_TRIP = 40;
const PATIENCE = 3_000;
/** As many as in the table of open connections. */
const AT_ONCE = 200;
/** Until a connection that begins with polling has moved to its websocket. */
const UPGRADE = 40;
const TRANSPORTS = [
  { transport: "websocket", transports: WEBSOCKET },
  { transport: "polling first", transports: DEFAULT_TRANSPORTS },
] as const;
const [SAME_LINK] = EDITION_WAYS;
const [RECONNECT] = BY_HAND;

export const tasks: Tasks = {
  /** So many clients rotate at once, so often. Milliseconds of CPU of one rotation. */
  async rotate(given, edition) {
    const [name, count] = [text(given, "way"), number(given, "count")];
    const way = [...BY_HAND, ...EDITION_WAYS].find((each) => each.name === name);
    if (way === undefined) throw new Error(`There is no way "${name}".`);
    const transports = given["isPolling"] ? DEFAULT_TRANSPORTS : WEBSOCKET;
    const clients = range(number(given, "clients")).map((index) =>
      way.open({ url: text(given, "url"), token: tokenOf(`user-${index}`), transports }, edition),
    );
    await Promise.all(clients.map((client) => client.untilConnected()));
    await settle();
    const cpu = await cpuOf(async () => {
      for (const _ of range(count)) {
        await Promise.all(clients.map((client, index) => client.rotate(tokenOf(`user-${index}`))));
        if (given["isPolling"]) await settle(UPGRADE);
      }
    });
    for (const client of clients) client.close();
    await settle();
    return { cpu: cpu / count / clients.length };
  },
};

/** As the traffic wants it: made with its first token. */
function placed(
  way: Way,
  edition: Edition | undefined,
  options: { url: string; transports: PlacedTransports },
) {
  let client: Client | undefined;
  let onTick: (tick: number) => void = () => {};
  const made: PlacedClient = {
    listen(_, listener) {
      onTick = listener;
    },
    rotate(token) {
      // A rotation that fails shows in what is lost.
      if (client) return void client.rotate(token).catch(() => {});
      client = way.open({ ...options, token, patience: PATIENCE }, edition);
      client.on("tick", (tick) => onTick(Number(tick)));
    },
    send: (_, id) => client?.ask("message", id) ?? Promise.reject(new Error("There is no client yet.")),
  };
  return { made, close: () => client?.close() };
}

type PlacedTransports = (typeof TRANSPORTS)[number]["transports"];

/** Rotates under traffic, through a slow network. */
async function rotateUnderTraffic(
  bench: Bench,
  way: Way,
  edition: Edition | undefined,
  transports: PlacedTransports,
): Promise<Outcome> {
  const cleanUps: (() => Promise<void>)[] = [];
  const onEnd = (cleanUp: () => Promise<void>): void => void cleanUps.unshift(cleanUp);
  try {
    const hasHalf = way.needsServerHalf ?? false;
    const { network, run } = await openPlace({
      roundTrip: ROUND_TRIP,
      hasHalf,
      transport: "websocket",
      onEnd,
    });
    const { made, close } = placed(way, edition, { url: network.url, transports });
    onEnd(async () => close());
    return await run(made, bench.amount(12, 2));
  } finally {
    for (const cleanUp of cleanUps) await cleanUp();
  }
}

/** The CPU of each way of each side, by the names of the side and of the way. */
async function measureCpu(bench: Bench, isPolling: boolean): Promise<Rounds> {
  const sides = await startSides(bench, import.meta.url);
  const plainUrl = sides.find(({ name }) => name === PLAIN)?.url ?? "";
  const ways = sides.flatMap(({ name, client, url }) =>
    (name === PLAIN ? BY_HAND : EDITION_WAYS).map((way) => ({
      name: `${name} ${way.name}`,
      client,
      // Where there is a server half, an edition takes no other way than the same link.
      url: way.needsServerHalf ? url : plainUrl,
      way,
    })),
  );
  const [clients, count] = isPolling
    ? [bench.amount(50, 2), bench.amount(3, 1)]
    : [bench.amount(AT_ONCE, 2), bench.amount(4, 1)];
  return inTurn(ways, bench.amount(isPolling ? 3 : 5, 1), ({ client, url, way }) =>
    client.ask("rotate", { url, way: way.name, clients, count, isPolling }),
  );
}

const besideReconnect = (rounds: Rounds, name: string): Spread =>
  spreadOf(ratios(rounds.of(name, "cpu"), rounds.of(`${PLAIN} ${RECONNECT?.name}`, "cpu")));

export const rotation: Subject = {
  name: "rotation",
  title: "Another token",
  about:
    "Every 10 ms the server sends a tick to a room, and the client sends an acknowledged message. The network has a round trip of 40 ms, and opening a TCP connection takes one more. The gap is the longest time between two ticks around a rotation: 10 ms means no gap. Lost or doubled ticks and messages, and failed acknowledgements, are per rotation, with this edition's server. CPU is that of a client process in which 200 clients rotate at once (50 if they begin with polling), without traffic and without the slow network, divided by that of `disconnect().connect()`.",
  async run(bench) {
    const loaded = await Promise.all(
      bench.editions.map(async ({ name, folder }) => ({ name, edition: await loadEdition(folder) })),
    );
    const rows: string[][] = [];
    let inPlace: Rounds | undefined;
    for (const { transport, transports } of TRANSPORTS) {
      const cpu = await measureCpu(bench, transport !== "websocket");
      if (transport === "websocket") inPlace = cpu;
      const all = [
        ...BY_HAND.map((way) => ({ name: PLAIN, edition: undefined, way })),
        ...loaded.flatMap((each) => EDITION_WAYS.map((way) => ({ ...each, way }))),
      ];
      for (const { name, edition, way } of all) {
        const { gaps, ticks, messages, failures } = await rotateUnderTraffic(bench, way, edition, transports);
        const each = (total: number): string => short(total / gaps.length);
        rows.push([
          transport,
          `${name === PLAIN ? "by hand" : name}: ${way.name}`,
          shown(spreadOf(gaps), "ms"),
          each(ticks.lost),
          each(ticks.doubled),
          each(messages.lost),
          each(messages.doubled),
          each(failures.length),
          shown(besideReconnect(cpu, `${name} ${way.name}`)),
        ]);
      }
    }
    const measured = inPlace ?? new Rounds();
    return {
      table: {
        columns: [
          "transport",
          "way",
          "gap",
          "ticks lost",
          "ticks doubled",
          "messages lost",
          "messages doubled",
          "acknowledgements failed",
          "CPU, times",
        ],
        rows,
      },
      budget: [
        {
          what: "client CPU of a rotation on the same link, beside a full reconnect of plain Socket.IO",
          unit: "times",
          limit: 1,
          figures: figures(bench, (edition) => besideReconnect(measured, `${edition} ${SAME_LINK?.name}`)),
        },
      ],
    };
  },
};
