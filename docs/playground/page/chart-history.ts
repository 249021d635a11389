import { createChartPicture } from "./chart-picture.js";
import { byId } from "./dom.js";
import { followSteps, type Step } from "./steps.js";

const LIMIT = 100;

/** Shows the steps of one client on the whole chart, live, and lets them be looked at one by one. */
export function showChart(): void {
  const show = createChartPicture(byId("picture", HTMLElement));
  const words = byId("step-words", HTMLElement);
  const position = byId("step-position", HTMLElement);
  const client = byId("chart-client", HTMLSelectElement);
  /** Oldest first, of each client. */
  const histories = new Map<string, Step[]>();
  /** How many steps back one looks; 0 is live. */
  let back = 0;

  const look = (to: number) => {
    const steps = histories.get(client.value) ?? [];
    back = Math.max(0, Math.min(to, steps.length - 1));
    const step = steps.at(-1 - back);
    if (step === undefined) return;
    position.textContent = back === 0 ? "Live" : `${back} ${back === 1 ? "step" : "steps"} back`;
    words.textContent = step.words;
    show(step);
  };

  followSteps((step) => {
    if (step.from === step.to) return;
    const steps = histories.get(step.client) ?? [];
    histories.set(step.client, [...steps, step].slice(-LIMIT));
    // An earlier step that is looked at stays in view.
    if (step.client === client.value) look(back > 0 ? back + 1 : 0);
  });
  client.addEventListener("change", () => look(0));
  byId("earlier", HTMLButtonElement).addEventListener("click", () => look(back + 1));
  byId("later", HTMLButtonElement).addEventListener("click", () => look(back - 1));
}
