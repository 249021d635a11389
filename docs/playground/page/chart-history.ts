import { createChartPicture } from "./chart-picture.js";
import { byId, element, timeOfDay } from "./dom.js";
import { eventName } from "./event-words.js";
import { followSteps, type Step, wordsOf } from "./steps.js";

const LIMIT = 100;

/** Shows the steps of one client on the chart, live, and lets them be looked at one by one. */
export function showChart(): void {
  const picture = createChartPicture();
  const list = byId("steps", HTMLOListElement);
  const words = byId("step-words", HTMLElement);
  const position = byId("step-position", HTMLElement);
  const whole = byId("whole", HTMLInputElement);
  const client = byId("chart-client", HTMLSelectElement);
  /** Oldest first, of each client. */
  const histories = new Map<string, Step[]>();
  /** How many steps back one looks; 0 is live. */
  let back = 0;

  const history = () => histories.get(client.value) ?? [];

  const look = () => {
    const steps = history();
    back = Math.max(0, Math.min(back, steps.length - 1));
    const step = steps.at(-1 - back);
    for (const [index, row] of [...list.children].entries()) {
      row.firstElementChild?.setAttribute("aria-current", index === back ? "step" : "false");
    }
    position.textContent =
      steps.length === 0
        ? "Nothing yet"
        : back === 0
          ? "Live"
          : `${back} ${back === 1 ? "step" : "steps"} back`;
    if (step === undefined) return;
    words.textContent = wordsOf(step);
    picture.show(step);
  };
  const go = (to: number) => {
    back = to;
    look();
    // Only the list is to scroll, not the page.
    const row = list.children[back];
    if (row instanceof HTMLElement) list.scrollTop = row.offsetTop - list.offsetTop - list.clientHeight / 2;
  };
  const rowOf = (step: Step) => {
    const row = element(
      "li",
      "",
      element(
        "button",
        "",
        timeOfDay(step.at),
        " ",
        element("code", "", eventName(step.event)),
        " → ",
        element("span", "to", step.to),
      ),
    );
    row.dataset["state"] = step.to.split(".")[0] ?? "";
    row.addEventListener("click", () => go([...list.children].indexOf(row)));
    return row;
  };

  followSteps((step) => {
    if (step.from === step.to) return;
    const steps = histories.get(step.client) ?? [];
    histories.set(step.client, [...steps, step].slice(-LIMIT));
    if (step.client !== client.value) return;
    list.prepend(rowOf(step));
    while (list.childElementCount > LIMIT) list.lastElementChild?.remove();
    // Who looks at an earlier step goes on looking at it.
    if (back > 0) back += 1;
    look();
  });
  client.addEventListener("change", () => {
    list.replaceChildren(...history().map(rowOf).reverse());
    go(0);
  });
  // On a small page what a step is about would be cut out of its surroundings.
  const narrow = matchMedia("(max-width: 60rem)");
  const follow = () => {
    whole.checked = narrow.matches;
    picture.setWhole(whole.checked);
  };
  narrow.addEventListener("change", follow);
  follow();
  whole.addEventListener("change", () => picture.setWhole(whole.checked));
  byId("earlier", HTMLButtonElement).addEventListener("click", () => go(back + 1));
  byId("later", HTMLButtonElement).addEventListener("click", () => go(back - 1));
  byId("live", HTMLButtonElement).addEventListener("click", () => go(0));
  byId("history", HTMLElement).addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLSelectElement) return;
    const to = { ArrowLeft: back + 1, ArrowRight: back - 1, Home: history().length - 1, End: 0 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });
}
