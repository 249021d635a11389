import { describe, expect, it } from "vitest";
import { connectionMachine } from "../../../machines/index.js";
import { flatten, type Leaf, NEXT, replay } from "./transition-steps.js";
import { LEAVES, TABLE } from "./transition-table.js";

describe("the transition table", () => {
  const [header = "", ...rows] = TABLE.trim().split("\n");
  const columns = header
    .split("|")
    .map((cell) => cell.trim())
    .filter(isLeaf);

  it("has a column for every leaf of the machine", () => {
    expect(columns).toEqual(Object.keys(LEAVES));
    expect(leavesOf(connectionMachine.root).sort()).toEqual(
      [...Object.values(LEAVES), "connecting.failed", "rotating.choosing"].sort(),
    );
  });

  it("has a row for every event that the machine listens to", () => {
    const named = new Set(rows.map((row) => row.trim().split(/[ |]/)[0]));
    const heard = connectionMachine.events.filter((name) => !name.startsWith("xstate."));
    expect([...named].filter((name) => name !== "after").sort()).toEqual(heard.sort());
  });

  for (const row of rows) {
    const [name = "", ...cells] = row.split("|").map((cell) => cell.trim());
    describe(name, () => {
      columns.forEach((column, index) => {
        const cell = cells[index] ?? "";
        it(`in ${LEAVES[column]}: ${inWords(cell)}`, () => {
          expect(outcome(name, column)).toBe(cell);
        });
      });
    });
  }
});

/** Where an event leads from a leaf, in the table's own shorthand. */
function outcome(name: string, leaf: Leaf): string {
  const { reached, actions } = replay(name, leaf);
  const reachedPath = flatten(reached.value);
  if (reachedPath !== LEAVES[leaf]) return codeOf(reachedPath);
  if (reached.context.linksOpened > NEXT) return ">";
  if (actions.some((action) => sends(action, "reauthenticate"))) return "?";
  return actions.some((action) => sends(action, "read")) ? "!" : ".";
}

const sends = (action: unknown, command: string): boolean =>
  JSON.stringify(action)?.includes(`"event":{"type":"${command}"`) === true;

function isLeaf(cell: string): cell is Leaf {
  return cell in LEAVES;
}

function codeOf(path: string): string {
  const found = Object.entries(LEAVES).find(([, leaf]) => leaf === path);
  return found ? found[0] : path;
}

function inWords(cell: string): string {
  if (cell === ".") return "stays";
  if (cell === "!") return "stays and reads";
  if (cell === ">") return "starts over";
  if (cell === "?") return "asks again";
  return isLeaf(cell) ? LEAVES[cell] : cell;
}

interface Node {
  path: string[];
  states: Record<string, Node>;
}

function leavesOf(node: Node): string[] {
  const children = Object.values(node.states);
  return children.length === 0 ? [node.path.join(".")] : children.flatMap(leavesOf);
}
