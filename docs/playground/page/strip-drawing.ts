import { BINS, type Bin } from "./bins.js";

/** A bar of so many messages is as high as there is room; a burst is cut off there. */
const MOST = 10;
const LABELS = 15;
const RIBBON = 4;

/**
 * Draws bins from right to left: a bar for the messages, a ribbon in the colour of the state below, and a shade with
 * a name where a rotation was going on.
 */
export function drawStrip(canvas: HTMLCanvasElement, newestFirst: Iterable<Bin>): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio;
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  if (context === null) return;
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(`--${name}`);
  const step = width / BINS;
  const floor = height - RIBBON - 2;
  const room = floor - LABELS;

  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = `11px ${colour("sans")}`;
  context.textBaseline = "top";

  context.fillStyle = colour("line");
  for (let second = 5; second < BINS / 10; second += 5) {
    context.fillRect(Math.round(width - second * 10 * step), LABELS, 1, room);
  }

  let at = 0;
  let labelled: { way: string; from: number } | undefined;
  for (const { messages, states, rotation } of newestFirst) {
    at += 1;
    const x = width - at * step;
    const wasRotating = rotation !== undefined && states.includes("rotating");
    if (wasRotating) {
      context.globalAlpha = 0.16;
      context.fillStyle = colour("rotating");
      context.fillRect(x, LABELS, step, room);
      context.globalAlpha = 1;
    }
    const bar = (Math.min(messages, MOST) / MOST) * room;
    context.fillStyle = colour(wasRotating ? "rotating" : messages > MOST ? "accent" : "bar");
    context.fillRect(x + step * 0.12, floor - bar, step * 0.76, bar);

    const state = states.includes("rotating") ? "rotating" : states.at(-1);
    if (state !== undefined) {
      context.fillStyle = colour(state === "loggedOut" ? "logged-out" : state);
      context.fillRect(x, height - RIBBON, step + 0.5, RIBBON);
    }

    // One name for each rotation, at the bin in which it began.
    if (labelled !== undefined && (!wasRotating || labelled.way !== rotation)) {
      write(context, labelled.way, labelled.from, width, colour("rotating"));
      labelled = undefined;
    }
    if (wasRotating) labelled = { way: rotation, from: x };
  }
}

function write(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  width: number,
  colour: string,
): void {
  const left = Math.min(Math.max(0, x), width - context.measureText(text).width - 1);
  context.fillStyle = colour;
  context.fillText(text, left, 0);
}
