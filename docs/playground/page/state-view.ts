import { connectionMachine } from "socket-rotor/machines";
import { byId, element } from "./dom.js";
import { isWithin } from "./state-path.js";

/** The part of XState's state node that is drawn. */
interface Node {
  description?: string | undefined;
  states: Record<string, Node>;
}

const AFTERGLOW = 1_600;

/**
 * Lists the five states of the machine itself, so that the picture cannot drift.
 *
 * @returns lights the state of a path, and says it in words
 */
export function createStateView(): (path: string) => void {
  const name = byId("status", HTMLElement);
  const words = byId("status-words", HTMLElement);
  const lamps = new Map<string, HTMLElement>();
  const canMove = !matchMedia("(prefers-reduced-motion: reduce)").matches;

  for (const { key } of Object.values(connectionMachine.states)) {
    const lamp = element("li", "", key);
    lamp.dataset["state"] = key;
    lamps.set(key, lamp);
  }
  byId("chart", HTMLOListElement).append(...lamps.values());

  return (path) => {
    document.documentElement.dataset["state"] = path.split(".")[0] ?? path;
    name.textContent = path;
    words.textContent = describe(path);
    for (const [key, lamp] of lamps) {
      const wasCurrent = lamp.hasAttribute("aria-current");
      if (isWithin(path, key)) lamp.setAttribute("aria-current", "true");
      else lamp.removeAttribute("aria-current");
      // A rotation is over within a frame: what was left glows on for a moment, so that it can be seen.
      if (canMove && wasCurrent && !isWithin(path, key))
        lamp.animate([{ backgroundColor: "var(--lit)" }, {}], AFTERGLOW);
    }
  };
}

/** What the machine says about a state: the words of the outermost, and of the innermost that has some. */
function describe(path: string): string {
  const found: string[] = [];
  let node: Node | undefined = connectionMachine.root;
  for (const key of path.split(".")) {
    node = node?.states[key];
    if (node?.description !== undefined) found.push(node.description);
  }
  return [...new Set([found.at(0), found.at(-1)])].join(" ").replaceAll("`", "");
}
