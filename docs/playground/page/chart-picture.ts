import drawing from "../../statechart.svg?raw";
import { eventName } from "./event-words.js";
import { inlineSvg } from "./inline-svg.js";
import { isWithin } from "./state-path.js";
import type { Step } from "./steps.js";

/** What is drawn of a step. */
export type DrawnStep = Pick<Step, "from" | "to" | "event">;

/**
 * Puts the whole chart, as `npm run diagram` has drawn it, into a box of the page.
 *
 * @returns lights the state that a step has led to, and the transitions that led there
 */
export function createChartPicture(box: HTMLElement): (step: DrawnStep) => void {
  const svg = inlineSvg(drawing);
  box.append(svg);
  const states = [...svg.querySelectorAll<SVGGElement>("[data-state]")];
  const edges = [...svg.querySelectorAll<SVGGElement>("[data-transitions]")];

  return (step) => {
    for (const state of states) {
      state.classList.toggle("current", isWithin(step.to, state.dataset["state"] ?? ""));
    }
    const taken = takenBy(step, edges);
    for (const edge of edges) {
      edge.classList.toggle("taken", taken.includes(edge));
      // What is drawn last is on top.
      if (taken.includes(edge)) edge.parentElement?.append(edge);
    }
    // Where the chart is wider than the page, the state comes into view; the page itself stays where it is.
    const current = states.find(({ dataset }) => dataset["state"] === step.to)?.getBoundingClientRect();
    const around = box.getBoundingClientRect();
    if (current !== undefined)
      box.scrollBy({ left: current.x + current.width / 2 - around.x - around.width / 2 });
  };
}

/** A step may pass through a state that is left at once, and is then drawn as two transitions. */
function takenBy({ from, to, event }: DrawnStep, edges: readonly SVGGElement[]): SVGGElement[] {
  if (from === undefined || from === to) return [];
  const name = eventName(event).replace(" ", "-");
  const starts = edges.filter((edge) => idsOf(edge).some((id) => isFrom(id, from, name)));
  const direct = starts.filter((edge) => edge.dataset["to"] === to);
  if (direct.length > 0) return direct.slice(0, 1);
  for (const first of starts) {
    const middle = first.dataset["to"] ?? "";
    const second = edges.find(
      (edge) => edge.dataset["to"] === to && idsOf(edge).some((id) => isFrom(id, middle, "at-once")),
    );
    if (second !== undefined) return [first, second];
  }
  return [];
}

const idsOf = (edge: SVGGElement): string[] => edge.dataset["transitions"]?.split(" ") ?? [];

/** Whether a transition, such as `connected/token.changed/0`, is of this event, in a state or in one around it. */
function isFrom(id: string, state: string, event: string): boolean {
  const [source = "", name] = id.split("/");
  return name === event && (source === "" || isWithin(state, source));
}
