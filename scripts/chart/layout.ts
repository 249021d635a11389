/** Gives everything in a picture its place, by the Eclipse Layout Kernel: layered, boxes in boxes, right angles. */
import ELK, { type ElkExtendedEdge, type ElkNode, type LayoutOptions } from "elkjs/lib/elk.bundled.js";
import { type Box, type Line, outermostOf, type Picture } from "./picture.js";

interface Point {
  x: number;
  y: number;
}

interface Rectangle extends Point {
  width: number;
  height: number;
}

export interface PlacedBox extends Rectangle {
  box: Box;
  /** How deep it lies; 0 for the five states. */
  depth: number;
}

export interface PlacedLine {
  line: Line;
  points: Point[];
  label: Rectangle;
}

/** A transition in words: what leads where, and further right by which events. */
export interface PlacedRow extends Point {
  line: Line;
  way: string;
  wordsX: number;
}

export interface Layout {
  width: number;
  height: number;
  boxes: PlacedBox[];
  lines: PlacedLine[];
  rows: PlacedRow[];
  /** The arrows of the main path, from one outermost box to the next. */
  path: Point[][];
}

/** Which outermost boxes stand above each other, column by column. */
export type Columns = ReadonlyArray<readonly string[]>;

/** The width of a character and the height of a line of the words on lines, and of the names in boxes. */
export const LABEL = { character: 7.3, line: 15 };
const NAME = { character: 9, height: 36 };
/** The height of a transition in words. */
const ROW = 19;
const MARGIN = 16;
/** Between outermost boxes: the arrows of the main path lie there. */
const GAP = 40;

/**
 * Gives a picture its places.
 *
 * @param columns - Each outermost box is laid out alone and has its place in these. With a direction instead, everything
 *   is laid out together, and the main path runs there.
 */
export async function layOut(picture: Picture, columns: Columns | "RIGHT" | "DOWN"): Promise<Layout> {
  if (columns === "RIGHT" || columns === "DOWN") return layOutTogether(picture, columns, MARGIN);
  const all: Layout = { width: 0, height: 0, boxes: [], lines: [], rows: [], path: [] };
  for (const column of columns) {
    const parts = await Promise.all(column.map((name) => layOutBox(picture, name)));
    if (column === columns.at(-1) && picture.notes.length > 0) parts.push(notesOf(picture));
    const width = Math.max(...parts.map((part) => part.width));
    const x = all.width + (all.width === 0 ? MARGIN : GAP);
    let y = MARGIN;
    for (const part of parts) {
      add(all, part, { x, y, width });
      y += part.height + GAP;
    }
    all.width = x + width;
    all.height = Math.max(all.height, y - GAP + MARGIN);
  }
  all.width += MARGIN;
  all.path = pathThrough(picture, all.boxes);
  return all;
}

/** Adds a part: its box takes the whole width, what is drawn in it stands in the middle, and words on the left. */
function add(all: Layout, part: Layout, { x, y, width }: Point & { width: number }): void {
  const middle = x + Math.round((width - part.width) / 2);
  const move = <Place extends Point>(place: Place, by = middle): Place => ({
    ...place,
    x: place.x + by,
    y: place.y + y,
  });
  for (const box of part.boxes) all.boxes.push(box.depth === 0 ? { ...move(box), x, width } : move(box));
  for (const { line, points, label } of part.lines)
    all.lines.push({ line, points: points.map((point) => move(point)), label: move(label) });
  for (const row of part.rows) all.rows.push({ ...move(row, x), wordsX: row.wordsX + x });
}

/** One outermost box with what is in it, and below that in words what leads out of it. */
async function layOutBox({ boxes, lines, exits }: Picture, name: string): Promise<Layout> {
  const isHere = ({ from }: Line): boolean => outermostOf(from) === name;
  const content = { path: [], boxes: boxes.filter(({ path }) => path === name), lines: lines.filter(isHere) };
  const part = await layOutTogether(content, "DOWN", 0);
  const ways = exits.filter(isHere).map((line) => {
    const from = line.from === name ? "any" : line.from.slice(name.length + 1);
    return { line, way: `${from} → ${line.to}` };
  });
  const { rows, width, height } = inRows(ways, part.height);
  return {
    ...part,
    rows,
    width: Math.max(part.width, width),
    height: part.height + height,
    boxes: part.boxes.map((box) => (box.depth === 0 ? { ...box, height: box.height + height } : box)),
  };
}

/** What leads to a state from nearly everywhere. */
function notesOf({ notes }: Picture): Layout {
  const ways = notes.map(({ from, to, events, edges }) => ({
    line: { from: from.join(" "), to, words: events, edges },
    way: `→ ${to}`,
  }));
  const title = {
    line: { from: "", to: "", words: [], edges: [] },
    way: "From several states, so not drawn:",
  };
  return { boxes: [], lines: [], path: [], ...inRows([title, ...ways], -MARGIN) };
}

/** Words below each other, and how much room they take. */
function inRows(
  ways: readonly Pick<PlacedRow, "line" | "way">[],
  top: number,
): Pick<Layout, "rows" | "width" | "height"> {
  if (ways.length === 0) return { rows: [], width: 0, height: 0 };
  const named = ways.filter(({ line }) => line.words.length > 0);
  const wordsX = MARGIN + (Math.max(...named.map(({ way }) => way.length)) + 2) * LABEL.character;
  const longest = Math.max(...ways.map(({ line }) => line.words.join(", ").length));
  return {
    rows: ways.map((way, index) => ({ ...way, x: MARGIN, y: top + (index + 1) * ROW, wordsX })),
    width: wordsX + longest * LABEL.character + MARGIN,
    height: ways.length * ROW + MARGIN,
  };
}

/** Straight arrows from each outermost box of the main path to the next, down or to the right. */
function pathThrough({ path, exits }: Picture, boxes: readonly PlacedBox[]): Point[][] {
  const leads = (from: string, to: string): boolean =>
    exits.some((line) => outermostOf(line.from) === from && outermostOf(line.to) === to);
  return path.slice(1).flatMap((to, index) => {
    const from = path[index] ?? "";
    const [one, other] = [from, to].map((name) => boxes.find(({ box }) => box.path === name));
    if (one === undefined || other === undefined) return [];
    const forth = arrow(one, other);
    if (!leads(to, from)) return [forth];
    // Beside it, the other way.
    const isDown = forth[0]?.x === forth[1]?.x;
    const back = forth.map(({ x, y }) => ({ x: x + (isDown ? 24 : 0), y: y + (isDown ? 0 : 24) })).reverse();
    return [forth, back];
  });
}

function arrow(from: Rectangle, to: Rectangle): Point[] {
  if (to.y >= from.y + from.height) {
    const x = from.x + from.width / 2;
    return [
      { x, y: from.y + from.height },
      { x, y: to.y },
    ];
  }
  const y = (Math.max(from.y, to.y) + Math.min(from.y + from.height, to.y + to.height)) / 2;
  return [
    { x: from.x + from.width, y },
    { x: to.x, y },
  ];
}

async function layOutTogether(
  { boxes, lines, path }: Pick<Picture, "boxes" | "lines" | "path">,
  direction: "RIGHT" | "DOWN",
  margin: number,
): Promise<Layout> {
  const graph: ElkNode = {
    id: "root",
    layoutOptions: {
      ...OPTIONS,
      "elk.direction": direction,
      "elk.layered.cycleBreaking.strategy": direction === "RIGHT" ? "GREEDY" : "DEPTH_FIRST",
      "elk.padding": `[top=${margin},left=${margin},bottom=${margin},right=${margin}]`,
    },
    children: boxes.map(nodeOf),
    edges: lines.map((line) => ({
      ...edgeOf(line),
      layoutOptions: path.indexOf(line.to) === path.indexOf(line.from) + 1 ? STRAIGHT : {},
    })),
  };
  const placed = await new ELK().layout(graph);
  const rectangles = new Map(nodesIn(placed).map((node) => [node.id, rectangleOf(node)]));
  const edges = new Map(edgesIn(placed).map((edge) => [edge.id, edge]));
  return {
    width: placed.width ?? 0,
    height: placed.height ?? 0,
    rows: [],
    path: [],
    boxes: withDepth(boxes, 0).map(({ box, depth }) => ({
      box,
      depth,
      ...(rectangles.get(box.path) ?? rectangleOf({})),
    })),
    lines: lines.map((line) => {
      const { sections = [], labels = [] } = edges.get(nameOf(line)) ?? {};
      const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [
        startPoint,
        ...bendPoints,
        endPoint,
      ]);
      return { line, points, label: rectangleOf(labels[0] ?? {}) };
    }),
  };
}

const OPTIONS: LayoutOptions = {
  "elk.algorithm": "layered",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.json.shapeCoords": "ROOT",
  "elk.json.edgeCoords": "ROOT",
  "elk.spacing.nodeNode": "20",
  "elk.spacing.edgeNode": "12",
  "elk.spacing.edgeEdge": "10",
  "elk.spacing.edgeLabel": "3",
  "elk.layered.spacing.nodeNodeBetweenLayers": "24",
  "elk.layered.spacing.edgeNodeBetweenLayers": "12",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "10",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.thoroughness": "60",
};

/** For the lines of the main path. */
const STRAIGHT: LayoutOptions = {
  "elk.layered.priority.direction": "100",
  "elk.layered.priority.straightness": "100",
  "elk.layered.priority.shortness": "50",
};

function nodeOf(box: Box): ElkNode {
  if (box.boxes.length === 0)
    return { id: box.path, width: box.name.length * NAME.character + 32, height: NAME.height };
  return {
    id: box.path,
    layoutOptions: { "elk.padding": "[top=44,left=16,bottom=16,right=16]" },
    children: box.boxes.map(nodeOf),
  };
}

function edgeOf(line: Line): ElkExtendedEdge {
  const longest = Math.max(0, ...line.words.map(({ length }) => length));
  const label = {
    text: line.words.join("\n"),
    width: longest * LABEL.character + 8,
    height: line.words.length * LABEL.line + 4,
  };
  return { id: nameOf(line), sources: [line.from], targets: [line.to], labels: [label] };
}

const nameOf = ({ from, to }: Line): string => `${from}>${to}`;

const nodesIn = (node: ElkNode): ElkNode[] => [node, ...(node.children ?? []).flatMap(nodesIn)];
const edgesIn = (node: ElkNode): ElkExtendedEdge[] => nodesIn(node).flatMap(({ edges = [] }) => edges);

const rectangleOf = ({ x = 0, y = 0, width = 0, height = 0 }: Partial<Rectangle>): Rectangle => ({
  x,
  y,
  width,
  height,
});

const withDepth = (boxes: readonly Box[], depth: number): Array<{ box: Box; depth: number }> =>
  boxes.flatMap((box) => [{ box, depth }, ...withDepth(box.boxes, depth + 1)]);
