/** `npm run promises`: writes the table from promise to test into the document. test/quality/mutation/mutants.test.ts fails when it is stale. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DOCUMENT, redraw } from "./table.js";

const path = fileURLToPath(new URL(`../../../${DOCUMENT}`, import.meta.url));
writeFileSync(path, redraw(readFileSync(path, "utf8")));
