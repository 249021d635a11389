import { slowNetwork } from "../system/fixture/proxy.js";
import { DEFAULT_TRANSPORTS, openClient, WEBSOCKET } from "./harness/client.js";
import { cpuOf, range, settle, timeOf } from "./harness/measure.js";
import { compared, inTurn, type Rounds, startSides } from "./harness/sides.js";
import type { Subject } from "./harness/subject.js";
import { tokenOf } from "./harness/tokens.js";
import { number, type Tasks, text } from "./harness/worker.js";

const ROUND_TRIP = 40;

export const tasks: Tasks = {
  /** Connects so often, one after the other, and closes each. CPU and time of one. */
  async connect(given, edition) {
    const count = number(given, "count");
    const transports = given["isDefault"] ? DEFAULT_TRANSPORTS : WEBSOCKET;
    let time = 0;
    const cpu = await cpuOf(async () => {
      for (const index of range(count)) {
        time += await timeOf(async () => {
          const options = { url: text(given, "url"), token: tokenOf(`user-${index}`), transports };
          const client = openClient(edition, options);
          await client.untilConnected();
          clients.push(client);
        });
      }
      // What follows a connection, such as what the server says of itself, is part of it.
      await settle();
    });
    for (const client of clients.splice(0)) client.close();
    await settle();
    return { cpu: cpu / count, time: time / count };
  },
};

const clients: { close(): void }[] = [];

export const firstConnection: Subject = {
  name: "first-connection",
  title: "Connecting",
  about:
    "The CPU of the client process for one connection over a websocket, and the time until it is connected. The network has a round trip of 40 ms, and opening a TCP connection takes one more. The process has connected before, so its code is compiled; the first connection of a process is in the table above.",
  async run(bench) {
    const sides = await startSides(bench, import.meta.url);
    const count = bench.amount(100, 5);
    const cpu = await inTurn(sides, bench.amount(7, 1), ({ client, url }) =>
      client.ask("connect", { url, count }),
    );
    const slow = await Promise.all(
      sides.map(async (side) => ({
        ...side,
        url: (await slowNetwork(side.url, ROUND_TRIP, bench.onEnd)).url,
      })),
    );
    const times = (isDefault: boolean): Promise<Rounds> =>
      inTurn(slow, bench.amount(4, 1), ({ client, url }) =>
        client.ask("connect", { url, isDefault, count: bench.amount(8, 1) }),
      );
    const [overWebsocket, byDefault] = [await times(false), await times(true)];
    const unit = "ms";
    return {
      table: compared(bench, [
        { what: "CPU, one after the other", unit, rounds: cpu, figure: "cpu" },
        { what: "time, websocket, round trip 40 ms", unit, rounds: overWebsocket, figure: "time" },
        { what: "time, polling first, round trip 40 ms", unit, rounds: byDefault, figure: "time" },
      ]),
    };
  },
};
