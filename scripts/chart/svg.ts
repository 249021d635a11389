/** A laid-out picture as SVG that stands alone, in light and in dark, and that a page can inline and light. */
import { LABEL, type Layout, type PlacedBox, type PlacedLine, type PlacedRow } from "./layout.js";

const STYLE = `
.statechart { --ink: #1d1c1a; --quiet: #65625c; --line: #8d8981; --edge: #c9c5bc; --box: #ffffff; --well: #f6f5f2; --lit: #14713f; }
@media (prefers-color-scheme: dark) {
  .statechart { --ink: #eceae4; --quiet: #a19d94; --line: #7d796f; --edge: #4a4841; --box: #262623; --well: #1b1b19; --lit: #63c98f; }
}
.statechart text { font: 12px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--quiet); }
.statechart .state > rect { fill: var(--box); stroke: var(--edge); }
.statechart .state.compound > rect { fill: var(--well); }
.statechart .state.compound.inner > rect { fill: var(--box); fill-opacity: 0.5; }
.statechart .state > .name { paint-order: stroke; stroke: var(--box); stroke-width: 4px; font: 600 14px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--ink); }
.statechart .state > .initial { fill: var(--quiet); }
.statechart .transition > path { fill: none; stroke: var(--line); stroke-width: 1.2; }
.statechart .transition > polygon { fill: var(--line); }
.statechart .guard { font-style: italic; opacity: 0.85; }
.statechart .main > path { fill: none; stroke: var(--quiet); stroke-width: 3; }
.statechart .main > polygon { fill: var(--quiet); }
.statechart .note > .target { fill: var(--ink); font-weight: 600; }
.statechart .compound > .name { stroke: var(--well); }
.statechart .state.current > rect { stroke: var(--lit); stroke-width: 2; }
.statechart .state.current > .name { fill: var(--lit); }
.statechart .transition.taken > path { stroke: var(--lit); stroke-width: 2.4; }
.statechart .transition.taken > polygon { fill: var(--lit); }
.statechart .transition.taken text, .statechart .note.taken text { fill: var(--lit); }
`.trim();

export function drawSvg({ width, height, boxes, lines, rows, path }: Layout, title: string): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="statechart" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}</style>`,
    ...boxes.map(drawBox),
    ...lines.map(drawLine),
    ...boxes.map(drawName),
    ...lines.map(drawLabel),
    ...path.map((points) => `<g class="main">${drawPoints(points)}</g>`),
    ...rows.map(drawRow),
    "</svg>",
    "",
  ].join("\n");
}

function drawBox({ box, depth, x, y, width, height }: PlacedBox): string {
  const isCompound = box.boxes.length > 0;
  const classes = ["state", isCompound ? "compound" : "leaf", ...(isCompound && depth > 0 ? ["inner"] : [])];
  const initial = box.isInitial
    ? `<circle class="initial" cx="${round(x + 8)}" cy="${round(y + 8)}" r="3"/>`
    : "";
  return (
    `<g id="state-${box.path.replaceAll(".", "-")}" class="${classes.join(" ")}" data-state="${box.path}">` +
    `<title>${escapeXml(`${box.path}: ${box.description}`)}</title>` +
    `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="7"/>${initial}</g>`
  );
}

/** Above the lines, some of which pass below it. */
function drawName({ box, x, y, width, height }: PlacedBox): string {
  const isCompound = box.boxes.length > 0;
  const [nameX, nameY] = isCompound ? [x + 16, y + 24] : [x + width / 2, y + height / 2 + 4.5];
  const anchor = isCompound ? "" : ' text-anchor="middle"';
  return (
    `<g class="state${isCompound ? " compound" : ""}" data-state="${box.path}">` +
    `<text class="name" x="${round(nameX)}" y="${round(nameY)}"${anchor}>${escapeXml(box.name)}</text></g>`
  );
}

function drawLine({ line, points }: PlacedLine): string {
  return `<g class="transition" ${dataOf(line)}>${drawPoints(points)}</g>`;
}

function drawPoints(points: PlacedLine["points"]): string {
  const path = points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join("");
  return `<path d="${path}"/>${head(points)}`;
}

/** The arrow's head, in the direction of the last stretch; a marker's id would clash where a page inlines two pictures. */
function head(points: PlacedLine["points"]): string {
  const [end, before] = [points.at(-1), points.at(-2)];
  if (end === undefined || before === undefined) return "";
  const angle = (Math.atan2(end.y - before.y, end.x - before.x) * 180) / Math.PI;
  return `<polygon points="0,0 -8,-3.5 -8,3.5" transform="translate(${round(end.x)} ${round(end.y)}) rotate(${round(angle)})"/>`;
}

function drawLabel({ line, label }: PlacedLine): string {
  const texts = line.words.map((word, index) => {
    const guard = word.startsWith("[") ? ' class="guard"' : "";
    const y = label.y + 2 + (index + 0.75) * LABEL.line;
    return `<text${guard} x="${round(label.x + 4)}" y="${round(y)}">${escapeXml(word)}</text>`;
  });
  return `<g class="transition label" ${dataOf(line)}>${texts.join("")}</g>`;
}

function drawRow({ line, way, x, y, wordsX }: PlacedRow): string {
  const words = escapeXml(line.words.join(", ").replaceAll(", [", " ["));
  if (line.edges.length === 0) return `<text x="${round(x)}" y="${round(y)}">${escapeXml(way)}</text>`;
  return (
    `<g class="transition note" ${dataOf(line)}><text class="target" x="${round(x)}" y="${round(y)}">${escapeXml(way)}</text>` +
    `<text x="${round(wordsX)}" y="${round(y)}">${words}</text></g>`
  );
}

function dataOf({ from, to, edges }: PlacedLine["line"]): string {
  return `data-from="${from}" data-to="${to}" data-transitions="${edges.map(({ id }) => id).join(" ")}"`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
