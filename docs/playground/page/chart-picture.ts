import drawing from "../../statechart.svg?raw";
import { Camera } from "./camera.js";
import { byId } from "./dom.js";
import { eventName } from "./event-words.js";
import { isWithin } from "./state-path.js";
import type { Step } from "./steps.js";

export interface ChartPicture {
  /** Lights the state that a step has led to, and the transitions that led there. */
  show(step: Step): void;
  /** Shows the whole chart, or what a step is about. */
  setWhole(isWhole: boolean): void;
}

/** Puts the statechart, as `npm run diagram` has drawn it, into the page. */
export function createChartPicture(): ChartPicture {
  const svg = parse(drawing);
  byId("picture", HTMLElement).append(svg);
  const states = [...svg.querySelectorAll<SVGGElement>("[data-state]")];
  const edges = [...svg.querySelectorAll<SVGGElement>("[data-transitions]")];
  const camera = new Camera(svg);
  let isWhole = false;
  let current: Step | undefined;

  const look = () => {
    if (isWhole || current === undefined) {
      camera.showAll();
      return;
    }
    const { from, to } = current;
    const shown = [from, to].flatMap((path) => states.filter(({ dataset }) => dataset["state"] === path));
    camera.show(shown.map((state) => state.getBBox()));
  };

  return {
    show(step) {
      current = step;
      for (const state of states) {
        state.classList.toggle("current", isWithin(step.to, state.dataset["state"] ?? ""));
      }
      const taken = takenBy(step, edges);
      for (const edge of edges) {
        edge.classList.toggle("taken", taken.includes(edge));
        // What is drawn last is on top.
        if (taken.includes(edge)) edge.parentElement?.append(edge);
      }
      look();
    },
    setWhole(value) {
      isWhole = value;
      look();
    },
  };
}

/** Without the styles for when it stands alone: the page's own apply. */
function parse(text: string): SVGSVGElement {
  const bare = text.replace(/<style>.*?<\/style>/s, "");
  const svg = new DOMParser().parseFromString(bare, "image/svg+xml").documentElement;
  if (!(svg instanceof SVGSVGElement))
    throw new Error("The chart is no SVG. `npm run diagram` draws it anew.");
  return svg;
}

/** A step may pass through a state that is left at once, and is then drawn as two transitions. */
function takenBy({ from, to, event }: Step, edges: readonly SVGGElement[]): SVGGElement[] {
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
