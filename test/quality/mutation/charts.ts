import type { Mutant } from "./mutant.js";

const STATELY = "test/unit/machines/stately.test.ts";

/** How the charts are written, so that tools which only read them find all that is in them. */
export const CHARTS: readonly Mutant[] = [
  {
    promise: "F38",
    what: "Every transition of a chart is written out",
    file: "machines/connection.machine.ts",
    find: '            { target: "replacing", description: "This works always." },',
    replace: '            ...[{ target: "replacing", description: "This works always." }],',
    test: [STATELY, "F38 finds every transition, with its guard, target, actions and description"],
  },
  {
    promise: "F38",
    what: "So is where a state begins",
    file: "machines/connection.machine.ts",
    find: 'description: "The old link is closed before the new one opens.",\n          initial: "settling",',
    replace:
      'description: "The old link is closed before the new one opens.",\n          initial: ["settling"].join(),',
    test: [STATELY, "F38 finds a way to every leaf"],
  },
];
