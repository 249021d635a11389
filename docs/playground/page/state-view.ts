import { connectionMachine } from "socket-rotor/machines";
import { byId, element } from "./dom.js";
import { isWithin } from "./state-path.js";

/** The part of XState's state node that is drawn. */
interface Node {
  key: string;
  description?: string | undefined;
  states: Record<string, Node>;
}

const AFTERGLOW = 1_600;

/**
 * Draws the states from the machine itself, so that the picture cannot drift.
 *
 * @returns lights the state of a path, and says it in words
 */
export function createStateView(): (path: string) => void {
  const name = byId("status", HTMLElement);
  const words = byId("status-words", HTMLElement);
  const boxes = new Map<string, HTMLElement>();
  const canMove = !matchMedia("(prefers-reduced-motion: reduce)").matches;

  const draw = (node: Node, parent: string): HTMLElement => {
    const path = parent === "" ? node.key : `${parent}.${node.key}`;
    const box = element("li", parent === "" ? "box" : "child", element("span", "name", node.key));
    if (node.description !== undefined) box.title = node.description.replaceAll("`", "");
    if (parent === "") box.dataset["state"] = node.key;
    const children = Object.values(node.states).map((child) => draw(child, path));
    if (children.length > 0) box.append(element("ul", "children", ...children));
    boxes.set(path, box);
    return box;
  };

  byId("chart", HTMLOListElement).append(
    ...Object.values(connectionMachine.states).map((node) => draw(node, "")),
  );

  return (path) => {
    document.documentElement.dataset["state"] = path.split(".")[0] ?? path;
    name.textContent = path;
    words.textContent = describe(path);
    for (const [key, box] of boxes) {
      const wasCurrent = box.hasAttribute("aria-current");
      if (isWithin(path, key)) box.setAttribute("aria-current", "true");
      else box.removeAttribute("aria-current");
      // A rotation is over within a frame: what was left glows on for a moment, so that it can be seen.
      if (canMove && wasCurrent && !isWithin(path, key))
        box.animate([{ backgroundColor: "var(--lit)" }, {}], AFTERGLOW);
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
