import type { Browser, Page } from "playwright";
import { launchChromium } from "../support/chromium.js";
import { type ServedPage, servePage } from "./browser/served-page.js";
import type { Built } from "./harness/edition.js";
import { settle } from "./harness/measure.js";
import { inTurn, PLAIN, type Rounds } from "./harness/sides.js";
import { shown, spreadOf } from "./harness/spread.js";
import type { Bench, Subject } from "./harness/subject.js";
import { tokenOf } from "./harness/tokens.js";

/** The library compares the value once a second in the tab that wrote: each write comes at another moment of that. */
const SECOND = 1_000;
/** Longer than a rotation takes, so that one write is over before the next. */
const REST = 300;

interface Place {
  readonly name: string;
  readonly served: ServedPage;
  /** The tab with the connection. */
  readonly tab: Page;
  /** Another tab of the same origin, without one. */
  readonly other: Page;
}

async function openPlace(bench: Bench, browser: Browser, name: string, built: Built): Promise<Place> {
  const isByHand = name === PLAIN;
  const served = await servePage(built, !isByHand);
  bench.onEnd(served.close);
  const context = await browser.newContext();
  const [tab, other] = [await context.newPage(), await context.newPage()];
  for (const page of [tab, other]) {
    await page.goto(served.url);
    await page.waitForFunction(() => "bench" in window);
  }
  const first = tokenOf("ada");
  await tab.evaluate((token) => window.bench.write(token), first);
  await tab.evaluate((byHand) => window.bench.open(byHand), isByHand);
  await served.seen(first);
  await settle(REST);
  return { name, served, tab, other };
}

/** Until the server has seen a token that a page writes. */
function measure(
  bench: Bench,
  places: readonly Place[],
  write: (place: Place, token: string) => Promise<number>,
): Promise<Rounds> {
  const count = bench.amount(10, 1);
  return inTurn(places, count, async (place, round) => {
    await settle(REST + (SECOND * (round % count)) / count);
    const token = tokenOf("ada");
    const begun = await write(place, token);
    return { time: (await place.served.seen(token)) - begun };
  });
}

export const browser: Subject = {
  name: "browser",
  title: "Reaction in a browser",
  about:
    "In Chromium, from the write of a newer token of the same user to `localStorage` until the server sees it, over a websocket on this machine. By hand, a listener of `storage` calls `disconnect().connect()`, and so does each `login`.",
  async run(bench) {
    const chromium = await launchChromium();
    bench.onEnd(() => chromium.close());
    const [some] = bench.editions;
    if (some === undefined) throw new Error("There is no edition.");
    const places = [await openPlace(bench, chromium, PLAIN, some)];
    for (const built of bench.editions) places.push(await openPlace(bench, chromium, built.name, built));
    const byOther = await measure(bench, places, ({ other }, token) =>
      other.evaluate((value) => window.bench.write(value), token),
    );
    const byLogin = await measure(bench, places, ({ tab }, token) =>
      tab.evaluate((value) => window.bench.login(value), token),
    );
    // By hand a tab does not hear of its own writes.
    const raw = await measure(bench, places.slice(1), ({ tab }, token) =>
      tab.evaluate((value) => window.bench.write(value), token),
    );
    const cells = (rounds: Rounds): string[] =>
      places.map(({ name }) => {
        const times = rounds.of(name, "time");
        return times.length === 0 ? "never" : shown(spreadOf(times), "ms");
      });
    return {
      table: {
        columns: ["what", "by hand", ...bench.editions.map(({ name }) => name)],
        rows: [
          ["another tab writes with `setItem`", ...cells(byOther)],
          ["the same tab writes with `setItem`", ...cells(raw)],
          ["the same tab calls `login`", ...cells(byLogin)],
        ],
      },
    };
  },
};
