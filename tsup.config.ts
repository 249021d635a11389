import { readFile } from "node:fs/promises";
import { defineConfig, type Options } from "tsup";

type Plugin = NonNullable<Options["esbuildPlugins"]>[number];

/** The chart's descriptions are for readers of its source, which is in the package too; no page has to load them. */
const withoutDescriptions: Plugin = {
  name: "without-descriptions",
  setup(build) {
    build.onLoad({ filter: /connection\.machine\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return { loader: "ts", contents: source.replace(/\bdescription:\s*"[^"]*",?/g, "") };
    });
  },
};

export default defineConfig({
  entry: {
    index: "src/index.ts",
    inspect: "src/inspect/index.ts",
    machines: "machines/index.ts",
    server: "src/server/index.ts",
    testing: "src/testing/index.ts",
  },
  format: ["esm", "cjs"],
  target: "es2022",
  platform: "neutral",
  // The server's entry is for Node only; the others ask for nothing of it, which test/package shows.
  external: [/^node:/],
  removeNodeProtocol: false,
  // One copy of the machine per format: an actor made from ./machines and one made from . are the same chart.
  splitting: true,
  // `[Symbol.dispose]` is in our types; an application whose `lib` ends at ES2022 has to know the symbol too.
  dts: { banner: '/// <reference lib="esnext.disposable" />' },
  sourcemap: true,
  clean: true,
  tsconfig: "tsconfig.build.json",
  esbuildPlugins: [withoutDescriptions],
});
