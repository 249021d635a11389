import { parseArgs } from "node:util";
import { buildFirstEdition, buildThisEdition } from "./build-edition.js";
import { markdown } from "./document.js";
import type { Subject } from "./subject.js";

export async function run(subjects: readonly Subject[]): Promise<void> {
  const { values: { quick: isQuick }, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: "boolean", default: false } } });
  const first = buildFirstEdition();
  const editions = [...(first ? [{ name: "first edition" as const, folder: first }] : []), { name: "this edition" as const, folder: buildThisEdition() }];
  for (const subject of subjects) {
    if (positionals.length > 0 && !positionals.includes(subject.name)) continue;
    const ends: (() => unknown)[] = [];
    const t = performance.now();
    const { table, budget } = await subject.run({ isQuick, editions, amount: (full, quick) => (isQuick ? quick : full), onEnd: (end) => void ends.unshift(end) });
    for (const end of ends) await end();
    console.log(subject.title, ((performance.now() - t) / 1000).toFixed(1)); console.log(markdown(table)); console.log(JSON.stringify(budget?.map((b) => [b.what, ...b.figures])));
  }
}
