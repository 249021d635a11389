/** A laid-out picture as SVG that stands alone, in light and in dark, and that a page can inline and light. */
import { LABEL, type Layout, type PlacedBox, type PlacedLine } from "./layout.js";
import type { Note } from "./picture.js";

const MARGIN = 8;
const NOTE_LINE = 18;

const STYLE = `
.statechart { --ink: #1d1c1a; --quiet: #65625c; --line: #8d8981; --edge: #c9c5bc; --box: #ffffff; --well: #f6f5f2; --lit: #14713f; }
@media (prefers-color-scheme: dark) {
  .statechart { --ink: #eceae4; --quiet: #a19d94; --line: #7d796f; --edge: #4a4841; --box: #262623; --well: #1b1b19; --lit: #63c98f; }
}
.statechart text { font: 11px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--quiet); }
.statechart .state > rect { fill: var(--box); stroke: var(--edge); }
.statechart .state.compound > rect { fill: var(--well); }
.statechart .state.compound.inner > rect { fill: var(--box); fill-opacity: 0.5; }
.statechart .state > .name { paint-order: stroke; stroke: var(--box); stroke-width: 4px; font: 600 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--ink); }
.statechart .state > .initial { fill: var(--quiet); }
.statechart .transition > path { fill: none; stroke: var(--line); stroke-width: 1.2; }
.statechart .transition > polygon { fill: var(--line); }
.statechart .guard { font-style: italic; opacity: 0.85; }
.statechart .note > .target { fill: var(--ink); font-weight: 600; }
.statechart .compound > .name { stroke: var(--well); }
.statechart .state.current > rect { stroke: var(--lit); stroke-width: 2; }
.statechart .state.current > .name { fill: var(--lit); }
.statechart .transition.taken > path { stroke: var(--lit); stroke-width: 2.4; }
.statechart .transition.taken > polygon { fill: var(--lit); }
.statechart .transition.taken text, .statechart .note.taken text { fill: var(--lit); }
`.trim();

export function drawSvg({ width, height, boxes, lines, notes }: Layout, title: string): string {
  const notesHeight = notes.length === 0 ? 0 : (notes.length + 1) * NOTE_LINE + 3 * MARGIN;
  const [w, h] = [Math.ceil(width), Math.ceil(height + notesHeight)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="statechart" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}</style>`,
    ...boxes.map(drawBox),
    ...lines.map(drawLine),
    ...boxes.map(drawName),
    ...lines.map(drawLabel),
    ...drawNotes(notes, height + MARGIN),
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
  const path = points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join("");
  return `<g class="transition" ${dataOf(line.from, line.to, line.edges)}><path d="${path}"/>${head(points)}</g>`;
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
  return `<g class="transition label" ${dataOf(line.from, line.to, line.edges)}>${texts.join("")}</g>`;
}

function drawNotes(notes: readonly Note[], top: number): string[] {
  if (notes.length === 0) return [];
  const at = (index: number): number => round(top + MARGIN + (index + 1) * NOTE_LINE);
  const longest = Math.max(...notes.map(({ to }) => to.length));
  const rows = notes.map(({ to, from, events, edges }, index) => {
    const y = at(index + 1);
    return (
      `<g class="note" ${dataOf(from.join(" "), to, edges)}><text class="target" x="16" y="${y}">→ ${escapeXml(to)}</text>` +
      `<text x="${round(48 + longest * LABEL.character)}" y="${y}">${escapeXml(events.join(", "))}</text></g>`
    );
  });
  return [
    `<text x="16" y="${at(0)}">Left out above: events that lead to these states from several others, and guards that only ask which link speaks.</text>`,
    ...rows,
  ];
}

function dataOf(from: string, to: string, edges: ReadonlyArray<{ id: string }>): string {
  return `data-from="${from}" data-to="${to}" data-transitions="${edges.map(({ id }) => id).join(" ")}"`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
