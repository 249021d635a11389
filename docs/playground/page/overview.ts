import drawing from "../../overview.svg?raw";
import { byId, element } from "./dom.js";
import { inlineSvg } from "./inline-svg.js";
import { outermost } from "./state-path.js";
import { followSteps } from "./steps.js";

/** For how many milliseconds each state is shown at least: a rotation is over within a few. */
const DWELL = 450;

/** Where a client is, and how it came there. */
interface Move {
  from: string | undefined;
  to: string;
}

interface Client {
  now: Move;
  next: Move[];
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Shows in which of the five states each client is, and the arrow that it took, slowly enough to be seen. */
export function showOverview(): void {
  const map = inlineSvg(drawing);
  byId("map", HTMLElement).append(map);
  const rows = [...document.querySelectorAll<HTMLElement>("#states li")];
  const clients = new Map<string, Client>();

  const draw = () => {
    const all = [...clients].sort(([one], [other]) => one.localeCompare(other));
    for (const row of rows) {
      const state = row.dataset["state"] ?? "";
      const here = all.filter(([, { now }]) => now.to === state);
      row.classList.toggle("current", here.length > 0);
      row.querySelector(".here")?.remove();
      row.append(element("span", "here", ...here.map(([name]) => element("i", "", name.toUpperCase()))));
      for (const box of map.querySelectorAll(`.state[data-state="${state}"]`))
        box.classList.toggle("current", here.length > 0);
    }
    for (const arrow of map.querySelectorAll<SVGGElement>(".transition")) {
      const { from, to } = arrow.dataset;
      const isTaken = all.some(([, { now }]) => now.from === from && now.to === to);
      arrow.classList.toggle("taken", isTaken);
    }
  };
  const showNext = (client: Client): void => {
    client.timer = undefined;
    const move = client.next.shift();
    if (move === undefined) return;
    client.now = move;
    // Where a page that is loaded begins is of no interest.
    client.timer = setTimeout(() => showNext(client), move.from === undefined ? 0 : DWELL);
    draw();
  };

  followSteps(({ client: name, from, to }) => {
    const move = { from: from && outermost(from), to: outermost(to) };
    if (move.from === move.to) return;
    const client = clients.get(name) ?? { now: move, next: [], timer: undefined };
    clients.set(name, client);
    client.next.push(move);
    if (client.timer === undefined) showNext(client);
  });
}
