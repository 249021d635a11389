import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { redrawTables, TABLES } from "../../scripts/tables.js";

test.each(TABLES)("the tables of error codes in %s come from src/protocol.ts (npm run tables)", (name) => {
  const document = readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), "utf8");
  expect(document).toMatch(/<!-- (codes|refusals): /);
  expect(redrawTables(document)).toBe(document);
});
