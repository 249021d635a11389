import { fileURLToPath } from "node:url";
import { build } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The files of the pages, by their path below the root. */
export type Bundle = ReadonlyMap<string, string | Uint8Array>;

let bundle: Promise<Bundle> | undefined;

/** Bundles the pages from source and keeps it in memory. Once per process: the source is not watched. */
export const bundlePage = (): Promise<Bundle> => (bundle ??= buildPage());

async function buildPage(): Promise<Bundle> {
  const environment = process.env["NODE_ENV"];
  const result = await build({
    configFile: false,
    envFile: false,
    root: at("../page"),
    publicDir: false,
    logLevel: "error",
    resolve: {
      alias: [
        { find: /^socket-rotor$/, replacement: at("../../../src/index.ts") },
        { find: /^socket-rotor\/inspect$/, replacement: at("../../../src/inspect/index.ts") },
        { find: /^socket-rotor\/machines$/, replacement: at("../../../machines/index.ts") },
      ],
    },
    build: {
      write: false,
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rollupOptions: { input: [at("../page/index.html"), at("../page/client.html")] },
    },
  });
  // Vite says "production" to the whole process, in which a cookie over http would be a mistake.
  if (environment === undefined) delete process.env["NODE_ENV"];
  const files = new Map<string, string | Uint8Array>();
  for (const part of Array.isArray(result) ? result : [result]) {
    if (!("output" in part)) continue;
    for (const file of part.output) {
      files.set(`/${file.fileName}`, file.type === "chunk" ? file.code : file.source);
    }
  }
  return files;
}
