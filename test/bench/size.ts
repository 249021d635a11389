import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { runTsup } from "./harness/build-edition.js";
import type { Built } from "./harness/edition.js";
import { figures } from "./harness/sides.js";
import { type Spread, spreadOf } from "./harness/spread.js";
import type { Subject } from "./harness/subject.js";

/** What an application has anyway, or what it brings along. */
const LEFT_OUT = ["xstate", "socket.io-client", "@socket.io/component-emitter"];
/** As an application imports it, from the files that are built. */
const PUBLISHED = "socket-rotor";
const APPLICATION_FILE = "application.ts";
const APPLICATION = (from: string): string =>
  `import { createConnection, webStorage } from "${from}"; console.log(createConnection, webStorage);\n`;

interface Metafile {
  outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
}

interface Bundle {
  /** Bytes, minified. */
  minified: number;
  /** Bytes, minified and then gzipped. */
  gzipped: number;
  /** Minified bytes by the folder that they come from. */
  folders: ReadonlyMap<string, number>;
}

/** Bundles for a browser what such an application uses of an edition. */
function bundle(folder: string, from: string): Bundle {
  const place = mkdtempSync(join(folder, "size-"));
  try {
    const entry = join(place, APPLICATION_FILE);
    writeFileSync(entry, APPLICATION(from));
    const settings = join(place, "tsup.config.mjs");
    writeFileSync(settings, configuration(entry, place, from === PUBLISHED));
    runTsup(folder, ["--config", settings]);
    const code = readFileSync(join(place, "out/application.js"));
    const { outputs }: Metafile = JSON.parse(readFileSync(join(place, "out/metafile-esm.json"), "utf8"));
    const folders = new Map<string, number>();
    for (const { inputs } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        if (path.endsWith(APPLICATION_FILE)) continue;
        const concept = conceptOf(path);
        folders.set(concept, (folders.get(concept) ?? 0) + bytesInOutput);
      }
    }
    return { minified: code.length, gzipped: gzipSync(code, { level: 9 }).length, folders };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** The edition's own settings, the last where it has several, for one entry: those of its build for production. */
function configuration(entry: string, place: string, isBuilt: boolean): string {
  const own = {
    entry: { application: entry },
    outDir: join(place, "out"),
    platform: "browser",
    format: "esm",
    minify: true,
    splitting: false,
    sourcemap: false,
    dts: false,
    metafile: true,
    clean: false,
    silent: true,
    external: LEFT_OUT,
    // What takes the words out works on sources.
    ...(isBuilt && { esbuildPlugins: [] }),
    noExternal: ["jwt-decode", /^socket-rotor/],
  };
  const shownOwn = JSON.stringify({ ...own, noExternal: undefined });
  return `import config from "../tsup.config.ts";
const production = [config].flat().at(-1);
export default { ...production, ...${shownOwn}, noExternal: ["jwt-decode", /^socket-rotor/] };
`;
}

/** The folders that had another name in the first edition, so that one row is one concept. */
const RENAMED: Readonly<Record<string, string>> = { io: "links", storage: "credential" };

/** The folder of a source, which is the concept that it belongs to. */
function conceptOf(path: string): string {
  const [, own] = /(?:^|\/)((?:machines|src)\/.+)$/.exec(path) ?? [];
  if (own === undefined) return path.includes("jwt-decode/") ? "jwt-decode" : "the rest";
  const parts = own.split("/");
  if (parts[0] === "machines") return "machines";
  const folder = parts[1] ?? "";
  return parts.length > 2 ? `src/${RENAMED[folder] ?? folder}` : "src";
}

export const size: Subject = {
  name: "size",
  title: "Bytes in a browser",
  about:
    "The library's own code of `createConnection` and `webStorage` in the minified bundle of a production page. The peers `xstate` and `socket.io-client` are not counted, nor is `@socket.io/component-emitter`, which socket.io-client needs anyway. The first line is the gzipped bundle, which is what a browser downloads. The others are shares of it, in proportion to the minified bytes of each folder.",
  async run(bench) {
    const measured = bench.editions.map((built) => ({ built, ...measure(built) }));
    const concepts = [...new Set(measured.flatMap(({ folders }) => [...folders.keys()]))];
    const last = measured.at(-1)?.folders;
    concepts.sort((one, other) => (last?.get(other) ?? 0) - (last?.get(one) ?? 0));
    const cell = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`;
    const total = new Map<string, Spread>(
      measured.map(({ built, gzipped }) => [built.name, spreadOf([gzipped / 1_000])]),
    );
    return {
      table: {
        columns: ["what", ...measured.map(({ built }) => built.name)],
        rows: [
          ["gzipped", ...measured.map(({ gzipped }) => cell(gzipped))],
          ["minified, not gzipped", ...measured.map(({ minified }) => cell(minified))],
          ...concepts.map((concept) => [
            `\`${concept}\`, gzipped`,
            ...measured.map(({ folders, share }) => cell((folders.get(concept) ?? 0) * share)),
          ]),
        ],
      },
      budget: [
        {
          what: "own code in a browser's production bundle, gzipped",
          unit: "kB",
          limit: 20.5,
          figures: figures(bench, (edition) => total.get(edition) ?? spreadOf([])),
        },
      ],
    };
  },
};

/** The whole from the published files, and its shares from the sources that they are built from. */
function measure({ folder }: Built) {
  const { minified, gzipped } = bundle(folder, PUBLISHED);
  const { folders } = bundle(folder, "../src/index.ts");
  const all = [...folders.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { minified, gzipped, folders, share: gzipped / all };
}
