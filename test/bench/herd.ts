import { Manager } from "socket.io-client";
import { manualClock } from "../support/manual-clock.js";
import { seeded } from "../support/random.js";
import { type Delays, loadDelays } from "./harness/edition.js";
import { range } from "./harness/measure.js";
import { short } from "./harness/spread.js";
import type { Subject } from "./harness/subject.js";

/** What an authorization server is said to bear. */
const CAPACITY = 5_000;
const MINUTE = 60_000;
const LIFETIMES = [5, 15, 60];
const OUTAGES = [10, 60];
/** By hand, a timer is set to a fixed time before the expiry. */
const BY_HAND_LEEWAY = 30_000;

/** How many of many moments fall into each second. */
class Seconds {
  readonly #counts = new Map<number, number>();
  #all = 0;

  add(moment: number): void {
    const second = Math.floor(moment / 1_000);
    this.#counts.set(second, (this.#counts.get(second) ?? 0) + 1);
    this.#all += 1;
  }

  get fullest(): number {
    return Math.max(...this.#counts.values());
  }

  at(second: number): number {
    return this.#counts.get(second) ?? 0;
  }

  /** The seconds from the first moment on until so large a share has come. */
  until(share: number): number {
    const seconds = [...this.#counts.keys()].sort((one, other) => one - other);
    let came = 0;
    for (const second of seconds) {
      came += this.at(second);
      if (came >= share * this.#all) return second + 1 - (seconds[0] ?? 0);
    }
    return Number.NaN;
  }
}

/** When clients refresh whose tokens were issued at the same moment. */
function refreshes(clients: number, refreshAfter: () => number): Seconds {
  const seconds = new Seconds();
  for (const _ of range(clients)) seconds.add(refreshAfter());
  return seconds;
}

/** When clients are back whose server went away at the same moment, and came back after an outage. */
function returns(clients: number, outage: number, client: () => (attempt: number) => number): Seconds {
  const seconds = new Seconds();
  for (const _ of range(clients)) {
    const delay = client();
    let now = 0;
    for (let attempt = 1; now < outage; attempt += 1) now += delay(attempt);
    seconds.add(now - outage);
  }
  return seconds;
}

/** Socket.IO's own back-off, with its defaults. */
function socketIoDelays(): () => (attempt: number) => number {
  const manager = new Manager("http://localhost", { autoConnect: false });
  // Private by its types, and the code that runs.
  const backoff = manager["backoff"];
  return () => {
    backoff.reset();
    return () => backoff.duration();
  };
}

const perSecond = (count: number): string => Math.round(count).toLocaleString("en-US");

export const herd: Subject = {
  name: "herd",
  title: "A million clients",
  about: `A simulation: a million clients take their delays from the real code, with its defaults. First, all tokens are issued at the same moment, and refreshed before they expire: how many refreshes arrive in the busiest second, if an authorization server can handle ${perSecond(CAPACITY)}. By hand is a timer ${BY_HAND_LEEWAY / 1_000} s before the expiry. Second, the server goes away, refuses connections, and comes back: how many clients come in the first second, and how long it takes until 99 of 100 are back. Plain is Socket.IO's own backoff.`,
  async run(bench) {
    const clients = bench.amount(1_000_000, 10_000);
    const editions: { name: string; delays: Delays }[] = await Promise.all(
      bench.editions.map(async ({ name, folder }) => ({ name, delays: await loadDelays(folder) })),
    );
    const random = seeded(20);
    const clock = manualClock();
    const rows: string[][] = [];
    for (const minutes of LIFETIMES) {
      const lifetime = minutes * MINUTE;
      const sides = [
        refreshes(clients, () => lifetime - BY_HAND_LEEWAY),
        ...editions.map(({ delays }) =>
          refreshes(clients, () => delays.refreshAfter(lifetime, clock, random)),
        ),
      ];
      const cells = sides.map(
        ({ fullest }) => `${perSecond(fullest)} (${short(fullest / CAPACITY)} times the capacity)`,
      );
      rows.push([`refreshes in the fullest second, tokens of ${minutes} minutes`, ...cells]);
    }
    for (const outage of OUTAGES) {
      const plain = socketIoDelays();
      const sides = [
        returns(clients, outage * 1_000, plain),
        ...editions.map(({ delays }) => returns(clients, outage * 1_000, () => delays.reconnect(random))),
      ];
      rows.push([
        `back in the first second after ${outage} s`,
        ...sides.map((each) => perSecond(each.at(0))),
      ]);
      rows.push([`99 of 100 are back after ${outage} s`, ...sides.map((each) => `${each.until(0.99)} s`)]);
    }
    return {
      table: { columns: ["what", "by hand, or plain Socket.IO", ...editions.map(({ name }) => name)], rows },
    };
  },
};
