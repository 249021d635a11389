import type { Built } from "./edition.js";
import { short, shown } from "./spread.js";
import type { BudgetRow, Result, Subject, Table } from "./subject.js";

export interface Measured {
  readonly subject: Subject;
  readonly result: Result;
}

const INTRODUCTION = `# Performance

<!-- Written by \`npm run bench\`. Don't edit it by hand. -->

What the library costs, compared with plain \`socket.io-client\`, with the usual ways by hand, and with its own first edition.

## How to read it

- A figure is the median of several rounds, with the smallest and the largest round in brackets.
- "Times that" is a ratio: 1 costs the same as plain Socket.IO, 2 twice as much. Each round measures all sides one after the other, and a ratio compares figures of one round. So a machine that is busy for a while changes it little.
- Ratios are valid on other machines. Milliseconds are not.
- CPU is user and system time of one process. If CPU or heap is measured, client and server are separate processes.
- Everything runs over loopback. If a round trip is given, a small proxy adds it.
- The first edition is commit \`e475c01\`, built from its sources in the same run. If this edition costs more, there must be a reason.

## How to repeat it

\`\`\`sh
npm run bench
\`\`\`

It takes about a quarter of an hour on two cores, needs Chromium and Redis, and writes this page. \`npm run bench -- traffic queues\` measures some subjects and prints them. \`npm run bench -- --quick\` does little of each: it shows that the bench works, and its figures mean nothing. In a clone without that commit, such as a shallow one, the first edition's column is missing. Run nothing else meanwhile.
`;

/** The whole page. */
export function documentOf(
  all: readonly Measured[],
  editions: readonly Built[],
  machine: string,
  minutes: number,
): string {
  const budget = all.flatMap(({ result }) => result.budget ?? []);
  return [
    INTRODUCTION,
    `${machine} The run took ${minutes.toFixed(0)} minutes.\n`,
    "## The budget\n",
    "These costs have a limit. They are taken from the tables below.\n",
    `${markdown(budgetTable(budget, editions))}\n`,
    ...all.map((measured) => section(measured)),
  ].join("\n");
}

/** A subject of it; with editions, what it says of the budget as well. */
export function section({ subject, result }: Measured, editions?: readonly Built[]): string {
  const budget = editions && result.budget ? `\n${markdown(budgetTable(result.budget, editions))}\n` : "";
  const notes = (result.notes ?? []).map((note) => `\n${note}\n`).join("");
  return `## ${subject.title}\n\n\`npm run bench -- ${subject.name}\`. ${subject.about}\n\n${markdown(result.table)}\n${notes}${budget}`;
}

function budgetTable(rows: readonly BudgetRow[], editions: readonly Built[]): Table {
  const names = editions.map(({ name }) => name);
  return {
    columns: ["what", ...names, "limit"],
    rows: rows.map(({ what, unit, limit, figures }) => [
      what,
      ...names.map((name) => {
        const figure = figures.get(name);
        return figure === undefined ? "not measured" : shown(figure, unit);
      }),
      `${short(limit)} ${unit}`,
    ]),
  };
}

function markdown({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [columns, columns.map(() => "---"), ...rows].map(line).join("\n");
}
