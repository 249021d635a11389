/**
 * `npm run diagram`: draws the charts from the machines themselves, into the documents and as pictures of their own.
 * test/docs/diagram.test.ts fails when one of them is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Columns, layOut } from "./chart/layout.js";
import { fullPicture, overviewPicture, type Picture } from "./chart/picture.js";
import { drawSvg } from "./chart/svg.js";
import { DOCUMENTS, redraw } from "./diagram.js";
import { connection, credential } from "./machine.js";

/** The pictures by their paths from the root of the repository. */
export const PICTURES = [
  "docs/overview.svg",
  "docs/statechart.svg",
  "docs/credential.svg",
  "docs/site/playground/chart.svg",
] as const;

/** The SVG of a picture. */
export async function draw(path: (typeof PICTURES)[number]): Promise<string> {
  const { picture, columns, title } = CONTENTS[path];
  return drawSvg(await layOut(picture(), columns), title);
}

const CONTENTS: Record<
  (typeof PICTURES)[number],
  { picture: () => Picture; columns: Columns | "RIGHT" | "DOWN"; title: string }
> = {
  "docs/overview.svg": {
    picture: overviewPicture,
    columns: "RIGHT",
    title: "The five states and the main transitions between them",
  },
  "docs/statechart.svg": {
    picture: () => fullPicture(connection),
    columns: [
      ["idle", "connecting", "connected"],
      ["rotating", "loggedOut"],
    ],
    title: "The statechart of a connection",
  },
  "docs/credential.svg": {
    picture: () => fullPicture(credential),
    columns: [["session", "storage"], ["token"]],
    title: "The statechart of its credential",
  },
  // For a narrow screen.
  "docs/site/playground/chart.svg": {
    picture: overviewPicture,
    columns: "DOWN",
    title: "The five states and the main transitions between them, from top to bottom",
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const pathOf = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
  for (const name of DOCUMENTS) {
    const path = pathOf(name);
    writeFileSync(path, redraw(readFileSync(path, "utf8")));
  }
  for (const name of PICTURES) writeFileSync(pathOf(name), await draw(name));
}
