import { defineConfig, type Options } from "tsup";
import { withoutWords } from "./scripts/without-words.js";

const common: Options = {
  format: ["esm", "cjs"],
  target: "es2022",
  platform: "neutral",
  // The server's entry is for Node only; the others ask for nothing of it, which test/package shows.
  external: [/^node:/],
  removeNodeProtocol: false,
  // One copy of the machine per format: an actor made from ./machines and one made from . are the same chart.
  splitting: true,
  sourcemap: true,
  tsconfig: "tsconfig.build.json",
};

// The `exports` of package.json choose between the two: development and Node get every word; a browser in production
// gets what is in dist/lean, where there is a build of the entry. The types are the same.
export default defineConfig([
  {
    ...common,
    entry: {
      index: "src/index.ts",
      inspect: "src/inspect/index.ts",
      machines: "machines/index.ts",
      react: "src/bindings/react.ts",
      server: "src/server/index.ts",
      solid: "src/bindings/solid.ts",
      svelte: "src/bindings/svelte.ts",
      testing: "src/testing/index.ts",
      vue: "src/bindings/vue.ts",
    },
    // `[Symbol.dispose]` is in our types; an application whose `lib` ends at ES2022 has to know the symbol too.
    dts: { banner: '/// <reference lib="esnext.disposable" />' },
    // Both are built at the same time.
    clean: ["!lean/**"],
  },
  {
    ...common,
    entry: { index: "src/index.ts", machines: "machines/index.ts" },
    outDir: "dist/lean",
    clean: true,
    esbuildPlugins: [withoutWords],
    // The same value, and a minifier writes it in three characters.
    define: { "Number.POSITIVE_INFINITY": "Infinity" },
  },
]);
