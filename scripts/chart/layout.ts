/** Gives everything in a picture its place, by the Eclipse Layout Kernel: layered, boxes in boxes, right angles. */
import ELK, { type ElkExtendedEdge, type ElkNode, type LayoutOptions } from "elkjs/lib/elk.bundled.js";
import type { Box, Line, Note, Picture } from "./picture.js";

interface Rectangle {
  x: number;
  y: number;
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
  points: Array<{ x: number; y: number }>;
  label: Rectangle;
}

export interface Layout {
  width: number;
  height: number;
  boxes: PlacedBox[];
  lines: PlacedLine[];
  notes: Note[];
}

/** The width of a character and the height of a line of the words on lines, and of the names in boxes. */
export const LABEL = { character: 6.7, line: 14 };
const NAME = { character: 8.2, height: 34 };

/** The distance between parts of a picture that have nothing to do with each other. */
const GAP = 16;

export async function layOut(picture: Picture): Promise<Layout> {
  if (!picture.isParallel) return layOutTogether(picture);
  // Side by side, in the order of the chart.
  const { boxes, lines, notes } = picture;
  const parts = await Promise.all(
    boxes.map((box) =>
      layOutTogether({
        ...picture,
        boxes: [box],
        lines: lines.filter(({ from }) => from.startsWith(`${box.path}.`)),
      }),
    ),
  );
  const all: Layout = { width: 0, height: 0, boxes: [], lines: [], notes };
  for (const part of parts) {
    const right = <Place extends { x: number }>(place: Place): Place => ({
      ...place,
      x: place.x + all.width,
    });
    all.boxes.push(...part.boxes.map(right));
    all.lines.push(
      ...part.lines.map(({ line, points, label }) => ({
        line,
        points: points.map(right),
        label: right(label),
      })),
    );
    all.width += part.width - GAP / 2;
    all.height = Math.max(all.height, part.height);
  }
  return all;
}

async function layOutTogether({ boxes, lines, notes }: Picture): Promise<Layout> {
  const graph: ElkNode = {
    id: "root",
    layoutOptions: OPTIONS,
    children: boxes.map(nodeOf),
    edges: lines.map(edgeOf),
  };
  const placed = await new ELK().layout(graph);
  const rectangles = new Map(nodesIn(placed).map((node) => [node.id, rectangleOf(node)]));
  const edges = new Map(edgesIn(placed).map((edge) => [edge.id, edge]));
  const at = (id: string): Rectangle => rectangles.get(id) ?? rectangleOf({});
  return {
    width: placed.width ?? 0,
    height: placed.height ?? 0,
    boxes: withDepth(boxes, 0).map(({ box, depth }) => ({ box, depth, ...at(box.path) })),
    lines: lines.map((line) => {
      const { sections = [], labels = [] } = edges.get(nameOf(line)) ?? {};
      const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [
        startPoint,
        ...bendPoints,
        endPoint,
      ]);
      return { line, points, label: rectangleOf(labels[0] ?? {}) };
    }),
    notes,
  };
}

const OPTIONS: LayoutOptions = {
  "elk.algorithm": "layered",
  "elk.direction": "DOWN",
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
  "elk.layered.cycleBreaking.strategy": "DEPTH_FIRST",
  "elk.padding": "[top=12,left=12,bottom=12,right=12]",
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
