import { Line } from "../../../src/sockets/line.js";

type Method = (this: object, ...args: unknown[]) => unknown;

const SETS: ReadonlyArray<readonly [object, readonly string[]]> = [
  [Map.prototype, ["get", "set", "has", "delete", "forEach"]],
  [Set.prototype, ["add", "has", "delete", "forEach"]],
  [Object.getPrototypeOf(new Map().values()), ["next"]],
  [Object.getPrototypeOf(new Set().values()), ["next"]],
  [Object.getPrototypeOf([].values()), ["next"]],
];

/** Each of these walks the array. */
const WALKS = [
  "filter map some every find findIndex findLast findLastIndex includes indexOf lastIndexOf forEach reduce",
  "slice splice concat shift unshift reverse sort flat flatMap toSpliced with join",
].flatMap((names) => names.split(" "));

/**
 * How many steps something takes: one for each look into a map or a set, one for each item that a line takes or gives, and
 * one for each item of an array or a line walked.
 */
export function steps(act: () => void): number {
  let count = 0;
  const undo: Array<() => void> = [];
  const replace = (owner: object, name: string, cost: (self: object) => number): void => {
    const whole = Object.getOwnPropertyDescriptor(owner, name);
    const method: Method | undefined = whole?.value;
    if (!whole || !method) return;
    undo.push(() => void Object.defineProperty(owner, name, whole));
    Object.defineProperty(owner, name, {
      ...whole,
      value(this: object, ...args: unknown[]) {
        count += cost(this);
        return Reflect.apply(method, this, args);
      },
    });
  };
  for (const name of ["add", "remove"]) replace(Line.prototype, name, () => 1);
  for (const name of ["removeAll"])
    replace(Line.prototype, name, (self) => (self instanceof Line ? self.size : 1));
  const lengthOf = (self: object): number => (Array.isArray(self) ? self.length : 1);
  for (const [owner, names] of SETS) for (const name of names) replace(owner, name, () => 1);
  for (const name of WALKS) replace(Array.prototype, name, lengthOf);
  const isReady = undo.length;
  count = 0;
  try {
    act();
  } finally {
    // By hand: what is walked here is counted too.
    for (let at = isReady - 1; at >= 0; at -= 1) undo[at]?.();
  }
  return count;
}
