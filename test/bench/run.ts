/**
 * Measures the library beside plain Socket.IO and beside its first edition: `npm run bench`, about a quarter of an
 * hour on two cores, writes docs/performance.md. `npm run bench -- traffic` measures some subjects only, and
 * `-- --quick` little of each; both only print.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findProgram } from "../../scripts/prepare.mjs";
import { buildFirstEdition, buildThisEdition, ROOT } from "./harness/build-edition.js";
import { documentOf, type Measured, section } from "./harness/document.js";
import { describeMachine } from "./harness/machine.js";
import type { Bench, Subject } from "./harness/subject.js";
import { SUBJECTS } from "./subjects.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false } },
});
const unknown = positionals.filter((name) => !SUBJECTS.some((subject) => subject.name === name));
if (unknown.length > 0) {
  const names = SUBJECTS.map(({ name }) => name).join(", ");
  console.error(`There is no subject "${unknown.join('", "')}". Give some of: ${names}.`);
  process.exit(1);
}
for (const [variable, name] of [
  ["CHROMIUM_PATH", "Chromium"],
  ["REDIS_SERVER_PATH", "Redis"],
] as const) {
  process.env[variable] ??= findProgram(name);
}

const machine = describeMachine();
const first = buildFirstEdition();
if (first === undefined) {
  console.error(
    "This clone has no commit of the first edition, so its column is left out: git fetch --unshallow",
  );
}
const editions: Bench["editions"] = [
  ...(first === undefined ? [] : [{ name: "first edition" as const, folder: first }]),
  { name: "this edition", folder: buildThisEdition() },
];

async function measure(subject: Subject): Promise<Measured> {
  const cleanUps: (() => Promise<void> | void)[] = [];
  const begun = performance.now();
  try {
    const result = await subject.run({
      isQuick: values.quick,
      editions,
      amount: (full, quick) => (values.quick ? quick : full),
      onEnd: (cleanUp) => void cleanUps.unshift(cleanUp),
    });
    return { subject, result };
  } finally {
    for (const cleanUp of cleanUps) await cleanUp();
    console.error(`${subject.name}: ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
  }
}

const begun = performance.now();
const wanted = SUBJECTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const all: Measured[] = [];
for (const subject of wanted) {
  const measured = await measure(subject);
  all.push(measured);
  console.log(section(measured, editions));
}
if (positionals.length === 0 && !values.quick) {
  const minutes = (performance.now() - begun) / 60_000;
  writeFileSync(join(ROOT, "docs/performance.md"), documentOf(all, editions, machine, minutes));
  console.error("docs/performance.md is written.");
}
